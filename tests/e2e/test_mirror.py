"""The example mirror has every change exactly once, whenever mirror and daemon are killed."""

import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
import unittest

import stubs
from flosync_testing import (JANUARY_2024_MS, ROOT, Daemon, Workplace, contract, doctor_period, generate, person, read_so_many,
                             run, small_register, write_lines)

ROUNDS = int(os.environ.get("FLOSYNC_MIRROR_ROUNDS", "60"))
LISTS = 6


class Mirror:
    """A running mirror."""

    def __init__(self, database, address):
        environment = {**os.environ, "PYTHONPATH": str(stubs.generated_stubs())}
        self.log = open(database.with_suffix(".log"), "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / "mirror" / "mirror.py"), "--database", str(database), "--address", address],
            env=environment, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def ask(database, query):
    """Rows of the mirror; none while it has no tables yet."""
    try:
        db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    except sqlite3.OperationalError:
        return []
    try:
        return db.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


def revision_of(database):
    rows = ask(database, "SELECT revision FROM position")
    return rows[0][0] if rows else 0


def truth_of(daemon):
    """Revision and figures as QueryIndicators tells them."""
    answer = json.loads(run("indicators", "--address", daemon.address, "--output", "json").stdout)
    levels = {"LEVEL_NATION": 1, "LEVEL_COUNTY": 2, "LEVEL_MUNICIPALITY_GROUP": 3, "LEVEL_MUNICIPALITY": 4}
    figures = {(r["definition"], levels[r["area"]["level"]], r["area"]["code"], r["measure"], r["breakdown"]):
               (r["numerator"], r["denominator"], r["value"]) for r in answer["rows"]}
    return answer["revision"], figures


def figures_of(database):
    return {row[:5]: row[5:] for row in
            ask(database, "SELECT definition, level, area_code, measure, breakdown, numerator, denominator, value FROM figures")}


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


class Feed:
    """A register that goes on changing."""

    def __init__(self, path, seed):
        self.path, self.random, self.step = path, random.Random(seed), 0
        write_lines(path, small_register(LISTS))

    def change(self):
        self.step += 1
        at = JANUARY_2024_MS + 10**6 + 1000 * self.step
        updated = f"2024-02-{1 + self.step // 1440 % 28:02}T{self.step // 60 % 24:02}:{self.step % 60:02}:00"
        which = self.random.randrange(LISTS)
        kind = self.random.randrange(3)
        if kind == 0:
            text = person(1001 + which, updated, at, specialist_from=self.random.choice([None, "2016-01-01"]))
        elif kind == 1:
            text = contract(9001 + which, updated, at, municipality=self.random.choice(["0301", "4601", "5001"]))
        else:
            text = doctor_period(7001 + which, 9001 + which, 1001 + which, updated, at,
                                 until=self.random.choice([None, "2023-12-01"]))
        write_lines(self.path, [text], "a")


class MirrorTest(unittest.TestCase):
    def wait_equal(self, daemon, database):
        """The mirror is at the daemon's revision and has the same figures."""
        deadline = time.monotonic() + 60
        while True:
            revision, figures = truth_of(daemon)
            if revision_of(database) == revision:
                break
            self.assertLess(time.monotonic(), deadline, f"{revision_of(database)} of {revision}\n{daemon.stderr()}")
            time.sleep(0.1)
        self.assertEqual(figures_of(database), figures)

    def assert_chain(self, database):
        """Each change begins where the one before it ended, and the last one ended at the figure: none is missing, none double."""
        now = {}
        changes = ask(database, "SELECT old_row, new_row FROM changes ORDER BY revision, number")
        for old_row, new_row in changes:
            old, new = old_row and json.loads(old_row), new_row and json.loads(new_row)
            key = tuple((new or old)[:5])
            if key in now:
                self.assertEqual(old, now[key])
            now[key] = new
        figures = figures_of(database)
        for key, new in now.items():
            self.assertEqual(figures.get(key), new and tuple(new[5:]))
        return len(changes)

    def test_every_change_once_however_mirror_and_daemon_are_killed(self):
        with Workplace() as place:
            feed, dice = Feed(place / "in" / "a.ndjson", 7), random.Random(7)
            database, address = place / "mirror.db", free_address()
            config = place / "flosync.toml"
            config.write_text("[sync]\ncommit_max_records = 1\n[source.files]\nrescan_interval_ms = 10\n", encoding="utf-8")
            start = lambda: Daemon(place / "state", "--input", place / "in", "--follow", "--config", config, listen=address)
            daemon, mirror = start(), Mirror(database, address)
            try:
                daemon.wait_until(read_so_many(4 * LISTS))
                for _ in range(ROUNDS):
                    # So many that the kill meets the mirror at work.
                    for _ in range(dice.randrange(20, 80)):
                        feed.change()
                    time.sleep(dice.uniform(0.05, 0.4))
                    if dice.random() < 0.3:
                        daemon.kill()
                        feed.change()
                        daemon = start()
                    else:
                        mirror.kill()
                        feed.change()
                        mirror = Mirror(database, address)
                daemon.wait_until(read_so_many(1))
                daemon.wait_until(lambda s: all(source["caught_up"] for source in s["sources"]))
                self.wait_equal(daemon, database)
                self.assertGreater(self.assert_chain(database), ROUNDS)
            finally:
                mirror.kill()
                daemon.stop()

    def test_a_rebuilt_store_rebuilds_the_mirror(self):
        with Workplace() as place:
            feed = Feed(place / "in" / "a.ndjson", 8)
            database, address = place / "mirror.db", free_address()
            serve = lambda state: Daemon(place / state, "--input", place / "in", "--follow", listen=address)
            with Mirror(database, address) as mirror:
                with serve("state") as daemon:
                    daemon.wait_until(read_so_many(4 * LISTS))
                    self.wait_equal(daemon, database)
                    feed.change()
                    daemon.wait_until(read_so_many(4 * LISTS + 1))
                    self.wait_equal(daemon, database)
                with serve("other-state") as daemon:
                    daemon.wait_until(read_so_many(4 * LISTS + 1))
                    self.wait_equal(daemon, database)
                mirror.log.seek(0)
                self.assertIn("building the mirror anew", mirror.log.read())
                self.assertEqual(ask(database, "SELECT count(*) FROM changes"), [(0,)])

    def test_a_mirror_that_was_away_too_long_is_rebuilt(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register(LISTS))
            generate(place / "more", "--seed", 4, "--from", "2023-12-01", "--to", "2024-01-01", "--scale", "0.05")
            config = place / "flosync.toml"
            config.write_text("[sync]\ncommit_max_records = 10\n[feed]\nretention_mib = 1\n[source.files]\nrescan_interval_ms = 50\n",
                              encoding="utf-8")
            database = place / "mirror.db"
            with Daemon(place / "state", "--input", place / "in", "--follow", "--config", config) as daemon:
                daemon.wait_until(read_so_many(4 * LISTS))
                with Mirror(database, daemon.address):
                    self.wait_equal(daemon, database)
                    old = figures_of(database)
                for path in sorted((place / "more").iterdir()):
                    path.rename(place / "in" / f"b-{path.name}")
                daemon.wait_until(lambda s: s["records"]["read"] > 4 * LISTS + 1000 and all(x["caught_up"] for x in s["sources"]))
                self.assertEqual(figures_of(database), old, "readers see the old state until the new one is there")
                with Mirror(database, daemon.address) as mirror:
                    self.wait_equal(daemon, database)
                    mirror.log.seek(0)
                    self.assertIn("no longer kept", mirror.log.read())

    def test_a_refusal_that_stays_ends_it(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register(LISTS))
            database = place / "mirror.db"
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(4 * LISTS))
                with Mirror(database, daemon.address):
                    self.wait_equal(daemon, database)
                db = sqlite3.connect(database)
                with db:
                    db.execute("UPDATE position SET resume_token = 'made-up'")
                db.close()
                with Mirror(database, daemon.address) as mirror:
                    self.assertEqual(mirror.process.wait(timeout=60), 1)
                    mirror.log.seek(0)
                    self.assertIn("INVALID_ARGUMENT", mirror.log.read())


if __name__ == "__main__":
    unittest.main()
