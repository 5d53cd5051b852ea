"""Mirrors the live figures of a flosync daemon into SQLite, every change exactly once.

The rule is one line: the resume token is stored in the same transaction as what it stands for. Whenever the mirror, the
daemon or the network between them ends, the database holds some complete revision and the token after it, and the next
stream goes on with exactly the next change. See README.md.
"""

import argparse
import json
import random
import sqlite3
import sys
import time

import grpc

from flosync.v1 import indicator_service_pb2 as api
from flosync.v1 import indicator_service_pb2_grpc as services

# A stream is opened again after so long at the latest, so that one that died without a word is noticed. It costs
# nothing: the new one goes on where the old one was.
STREAM_S = 600
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0

# The place in the stream is gone: kept no longer (RESUME_TOKEN_EXPIRED), or of a store that was rebuilt
# (STORE_EPOCH_CHANGED). WatchIndicators has no other use for these codes.
PLACE_LOST = {grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.FAILED_PRECONDITION}
# What passes: the daemon is away, stops, or has too many streams.
PASSES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED,
          grpc.StatusCode.CANCELLED}

SCHEMA = """
CREATE TABLE IF NOT EXISTS figures (
  definition TEXT, level INTEGER, area_code TEXT, measure TEXT, breakdown TEXT,
  area_name TEXT, numerator INTEGER, denominator INTEGER, value TEXT, unit TEXT, flags TEXT,
  PRIMARY KEY (definition, level, area_code, measure, breakdown)
) WITHOUT ROWID;
-- Every change since the mirror was built; a change that came twice would break the key.
CREATE TABLE IF NOT EXISTS changes (
  revision INTEGER, number INTEGER, old_row TEXT, new_row TEXT, cause TEXT,
  PRIMARY KEY (revision, number)
) WITHOUT ROWID;
-- One row: all up to this revision is in the tables above, and the token goes on after it.
CREATE TABLE IF NOT EXISTS position (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER, resume_token TEXT);
"""


class Mirror:
    """The database. Every method that writes is one transaction, on disk before it returns."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(SCHEMA)

    def resume_token(self):
        row = self.db.execute("SELECT resume_token FROM position").fetchone()
        return row[0] if row else ""

    def apply(self, revision, updates, resume_token):
        """All that changed with one revision."""
        with self.db:
            for number, update in enumerate(updates):
                self._change(update)
                self.db.execute("INSERT INTO changes VALUES (?, ?, ?, ?, ?)",
                                (revision, number, *_sides(update), _cause(update)))
            self._move(revision, resume_token)

    def rebuild(self, revision, updates, resume_token):
        """Everything as it is at one revision; what was known before is forgotten."""
        with self.db:
            self.db.execute("DELETE FROM figures")
            self.db.execute("DELETE FROM changes")
            for update in updates:
                self._change(update)
            self._move(revision, resume_token)

    def move(self, revision, resume_token):
        """Nothing changed up to this revision."""
        with self.db:
            self._move(revision, resume_token)

    def _change(self, update):
        if update.HasField("old_row"):
            self.db.execute("DELETE FROM figures WHERE (definition, level, area_code, measure, breakdown) = (?, ?, ?, ?, ?)",
                            _key(update.old_row))
        if update.HasField("new_row"):
            row = update.new_row
            self.db.execute("INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            (*_key(row), row.area.name, *_numbers(row), row.value, row.unit, " ".join(row.flags)))

    def _move(self, revision, resume_token):
        self.db.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?)", (revision, resume_token))


def _key(row):
    return row.definition, row.area.level, row.area.code, row.measure, row.breakdown


def _numbers(row):
    return (row.numerator if row.HasField("numerator") else None, row.denominator if row.HasField("denominator") else None)


def _sides(update):
    def text(name):
        row = getattr(update, name)
        return json.dumps([*_key(row), *_numbers(row), row.value]) if update.HasField(name) else None

    return text("old_row"), text("new_row")


def _cause(update):
    record = update.record
    return f"{record.topic}/{record.partition}/{record.offset}" if update.HasField("record") else "clock"


def follow(watch, mirror, anew):
    """One stream, until it ends with a grpc.RpcError. `anew`: the whole state first, whatever the mirror has."""
    token = "" if anew else mirror.resume_token()
    awaiting_state = not token
    updates = []  # of a revision that is not complete yet
    for message in watch(api.WatchIndicatorsRequest(initial_state=awaiting_state, resume_token=token), timeout=STREAM_S):
        if message.progress:
            if not awaiting_state and not updates:
                mirror.move(message.revision, message.resume_token)
            continue
        updates.extend(message.updates)
        if not message.revision_complete:
            continue
        if message.initial_state:
            mirror.rebuild(message.revision, updates, message.resume_token)
            awaiting_state = False
        else:
            mirror.apply(message.revision, updates, message.resume_token)
        updates = []


def run(watch, mirror):
    """Follows for ever; gives the error that trying again does not help against."""
    pause_s, anew = FIRST_PAUSE_S, False
    while True:
        began = time.monotonic()
        try:
            follow(watch, mirror, anew)
            error = None  # the daemon ended the stream in good order
        except grpc.RpcError as failure:
            error = failure
        anew = error is not None and error.code() in PLACE_LOST
        if anew:
            print(f"the place in the stream is lost ({error.details()}); building the mirror anew", file=sys.stderr, flush=True)
        elif error is not None and error.code() not in PASSES:
            return error
        # A stream that lasted has earned a quick return.
        pause_s = FIRST_PAUSE_S if time.monotonic() - began > LONGEST_PAUSE_S else min(pause_s * 2, LONGEST_PAUSE_S)
        time.sleep(random.uniform(pause_s / 2, pause_s))


def connect(options):
    if not options.tls_ca:
        return grpc.insecure_channel(options.address)
    with open(options.tls_ca, "rb") as file:
        tls = grpc.ssl_channel_credentials(file.read())
    if options.token_file:
        # Read for every stream, so that the token can be renewed.
        def add_token(_, callback):
            with open(options.token_file, encoding="ascii") as token:
                callback((("authorization", f"Bearer {token.read().strip()}"),), None)

        tls = grpc.composite_channel_credentials(tls, grpc.metadata_call_credentials(add_token))
    return grpc.secure_channel(options.address, tls)


def main():
    parser = argparse.ArgumentParser(description="Mirrors the live figures of a flosync daemon into SQLite.")
    parser.add_argument("--address", default="127.0.0.1:7401", metavar="HOST:PORT")
    parser.add_argument("--database", required=True, metavar="FILE")
    parser.add_argument("--tls-ca", metavar="FILE", help="authorities of the daemon's certificate; without it no TLS")
    parser.add_argument("--token-file", metavar="FILE", help="file of a bearer token; with TLS only")
    options = parser.parse_args()
    if options.token_file and not options.tls_ca:
        parser.error("a token goes over TLS only; give --tls-ca FILE")
    with connect(options) as channel:
        error = run(services.IndicatorServiceStub(channel).WatchIndicators, Mirror(options.database))
    print(f"mirror: {error.code().name}: {error.details()}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
