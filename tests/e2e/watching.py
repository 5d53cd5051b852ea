"""Consumers of watch streams that check every promise as they go: each guarantee is a method of its name.

A Mirror holds what a consumer knows. It takes messages, notices whatever breaks a promise, and can go back to a message it
has seen, as a consumer does that stores its place now and then and dies in between.
"""

import dataclasses
import random
import threading
import time

import grpc
from google.protobuf import json_format

MOST_UPDATES = 100
KEPT_PLACES = 12


class BrokenPromise(AssertionError):
    pass


@dataclasses.dataclass(frozen=True)
class Stream:
    """What is watched: its method, its messages, how an update is read, and how the whole state is asked for."""
    name: str
    watch: object  # the stub's method
    request: type
    old: str  # fields of an update
    new: str
    key: object  # of a row
    state: object  # filter → (revision, {key: row bytes}), asked of the server; None where there is no such question


def row_bytes(row):
    return row.SerializeToString(deterministic=True)


@dataclasses.dataclass
class Place:
    """What a consumer has to remember to go on from here."""
    token: str
    rows: dict
    complete: int  # everything up to this revision has been taken
    open_revision: int  # of this one some, but not all; 0 = none
    taken: frozenset  # keys of the open revision


class Mirror:
    """The rows of one filter. `places` orders keys as the server does, where that is known."""

    def __init__(self, stream, places=None):
        self.stream = stream
        self.places = places or {}
        self.compared = 0
        self.forget()

    def forget(self):
        self.rows, self.complete, self.open_revision, self.taken = {}, 0, 0, frozenset()
        self.initial = {}
        self.waits_for_initial = True
        self.token = ""
        self.kept = []
        self.expected = []  # states asked of the server, until they are reached

    def begin_connection(self):
        self.opening = True
        self.last_revision = 0
        self.initial = {}

    def take(self, message):
        for promise in (self.Bookmarkable, self.Atomic, self.Ordered, self.Unique, self.Reliable):
            promise(message)
        self.opening = False
        self.last_revision = message.revision
        if message.initial_state:
            self.take_initial(message)
        elif not message.progress:
            self.take_updates(message)
        elif self.open_revision == 0 and not (self.waits_for_initial and message.revision == 0):
            self.complete = max(self.complete, message.revision)
        self.token = message.resume_token
        self.compare()
        if not message.initial_state and not self.waits_for_initial:
            self.kept = self.kept[-KEPT_PLACES:] + [
                Place(self.token, dict(self.rows), self.complete, self.open_revision, self.taken)]

    def take_initial(self, message):
        for update in message.updates:
            row = getattr(update, self.stream.new)
            self.initial[self.stream.key(row)] = row_bytes(row)
        if message.revision_complete:
            self.rows, self.complete, self.open_revision, self.taken = self.initial, message.revision, 0, frozenset()
            self.initial, self.waits_for_initial = {}, False

    def take_updates(self, message):
        self.compare(before=message.revision)
        rows = self.rows
        for update in message.updates:
            new = getattr(update, self.stream.new)
            if update.HasField(self.stream.new):
                rows[self.stream.key(new)] = row_bytes(new)
            else:
                rows.pop(self.stream.key(getattr(update, self.stream.old)))
        if message.revision_complete:
            self.complete, self.open_revision, self.taken = message.revision, 0, frozenset()
        else:
            self.open_revision, self.taken = message.revision, self.taken | self.keys(message)

    def keys(self, message):
        return frozenset(self.key(update) for update in message.updates)

    def key(self, update):
        return self.stream.key(getattr(update, self.stream.new if update.HasField(self.stream.new) else self.stream.old))

    # The promises.

    def Bookmarkable(self, message):
        """A connection begins with progress, and progress says no less than was sent before; every message has a token."""
        if self.opening and not message.progress:
            raise BrokenPromise("the first message is not progress")
        if not message.resume_token:
            raise BrokenPromise("a message without a token")
        if message.progress and not self.waits_for_initial and message.revision < self.complete:
            raise BrokenPromise(f"progress of revision {message.revision} after {self.complete} was complete")

    def Atomic(self, message):
        """One revision at a time; progress only between revisions."""
        if len(message.updates) > MOST_UPDATES:
            raise BrokenPromise(f"{len(message.updates)} updates in a message")
        if message.progress:
            if message.updates:
                raise BrokenPromise("progress with updates")
            if self.open_revision and (not self.opening or message.revision >= self.open_revision):
                raise BrokenPromise(f"progress within revision {self.open_revision}")
        elif self.open_revision and message.revision != self.open_revision:
            raise BrokenPromise(f"revision {message.revision} begins before {self.open_revision} was complete")

    def Ordered(self, message):
        """Revisions ascend, and so do the updates of one, in canonical order."""
        if message.revision < self.last_revision:
            raise BrokenPromise(f"revision {message.revision} after {self.last_revision}")
        places = [self.places[key] for key in map(self.key, message.updates) if key in self.places]
        if places != sorted(places):
            raise BrokenPromise(f"revision {message.revision} is not in canonical order")

    def Unique(self, message):
        """No revision comes again once it was complete, no update twice within one."""
        if message.progress:
            return
        keys = self.keys(message)
        if len(keys) != len(message.updates) or keys & (self.initial.keys() if message.initial_state else self.taken):
            raise BrokenPromise(f"an update of revision {message.revision} comes twice")
        if not message.initial_state and message.revision <= self.complete:
            raise BrokenPromise(f"revision {message.revision} comes again")

    def Reliable(self, message):
        """Each update begins where the one before it of the same row ended: nothing in between is missing."""
        if message.progress or message.initial_state:
            return
        if self.waits_for_initial:
            raise BrokenPromise("a change before the initial state was complete")
        for update in message.updates:
            old = row_bytes(getattr(update, self.stream.old)) if update.HasField(self.stream.old) else None
            mine = self.rows.get(self.key(update))
            # A row from outside the filter brings its old state along.
            if mine is not None and old != mine:
                raise BrokenPromise(f"a gap before revision {message.revision} at {self.key(update)}")

    def Resumable(self, back):
        """Goes back by so many messages; what follows their token has to fit exactly."""
        if self.kept and not self.waits_for_initial:
            place = self.kept[max(0, len(self.kept) - 1 - back)]
            self.kept = self.kept[:self.kept.index(place) + 1]
            self.token, self.complete = place.token, place.complete
            self.rows, self.open_revision, self.taken = dict(place.rows), place.open_revision, place.taken
            self.expected = [(revision, rows) for revision, rows in self.expected if revision > self.complete]

    # The server's own answer.

    def expect(self, revision, rows):
        self.expected.append((revision, rows))
        self.compare()

    def compare(self, before=None):
        """Holds the rows against the server's of the very revision reached; of those passed by before the next message."""
        if self.open_revision or self.waits_for_initial:
            return
        left = []
        for revision, rows in self.expected:
            reached = revision == self.complete or (before is not None and self.complete <= revision < before)
            if not reached:
                left += [(revision, rows)] if revision > self.complete else []
            elif rows != self.rows:
                differing = sorted(map(str, rows.items() ^ self.rows.items()))[:4]
                raise BrokenPromise(f"the mirror is not the server's state of revision {revision}: {differing}")
            else:
                self.compared += 1
        self.expected = left

class Consumer(threading.Thread):
    """Follows a stream through disconnects, restarts and expiry until it has reached `goal` (set when it is known)."""

    def __init__(self, stream, request_filter, seed, goal, places=None):
        super().__init__(daemon=True)
        self.stream, self.filter, self.goal = stream, request_filter, goal
        self.dice = random.Random(seed)
        self.mirror = Mirror(stream, places)
        self.reconnects = self.expired = self.messages = 0
        self.broken = None

    def run(self):
        try:
            while not self.reached():
                self.connect()
                self.reconnects += 1
        except Exception as problem:  # told to the test, which fails with it
            self.broken = problem

    def reached(self):
        """At the goal, and held against the server's state at least once."""
        at_goal = self.goal.revision is not None and self.mirror.complete >= self.goal.revision
        return at_goal and not self.mirror.open_revision and self.mirror.compared > 0

    def request(self):
        request = self.stream.request(resume_token=self.mirror.token, initial_state=not self.mirror.token)
        request.filter.CopyFrom(self.filter)
        request.progress_interval.nanos = 100_000_000
        return request

    def connect(self):
        mirror = self.mirror
        if mirror.waits_for_initial:
            mirror.forget()
        elif self.dice.random() < 0.5:
            mirror.Resumable(back=self.dice.randint(0, KEPT_PLACES))
        mirror.begin_connection()
        call = self.stream.watch(self.request(), timeout=120)
        left = self.dice.randint(1, 300)
        try:
            for message in call:
                mirror.take(message)
                self.messages += 1
                left -= 1
                if message.progress and self.stream.state and (
                        self.goal.revision is not None or self.dice.random() < 0.1):
                    mirror.expect(*self.stream.state(self.filter))
                if left == 0 or self.reached():
                    break
        except grpc.RpcError as error:
            self.recover(error)
        finally:
            call.cancel()
        # A few stay away for long, and find that their place has gone.
        time.sleep(self.dice.random() * (3 if self.dice.random() < 0.02 else 0.05))

    def recover(self, error):
        if error.code() == grpc.StatusCode.OUT_OF_RANGE:
            self.mirror.forget()
            self.expired += 1
        elif error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED):
            raise BrokenPromise(f"the stream ended with {error.code()}: {error.details()}") from error
        else:
            time.sleep(0.1)

    def __str__(self):
        return f"{self.stream.name} {json_format.MessageToJson(self.filter, indent=None)}"
