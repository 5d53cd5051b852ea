"""Comparing the program with the independent recomputation on random histories; used by test_histories.py.

  python history_checks.py SEED [PART]        checks one history again and shrinks it if it fails
  python history_checks.py --input DIR [PART] checks the records of a directory, e.g. of a shrunk history
"""

import collections
import csv
import io
import os
import pathlib
import random
import sys
import types

from flosync_testing import REFERENCE, Daemon, Workplace, exported, replay, run

sys.path.insert(0, str(REFERENCE))
import calendar_oslo as cal  # noqa: E402
import decode  # noqa: E402
import definitions  # noqa: E402
import history  # noqa: E402
import histories  # noqa: E402
import recompute  # noqa: E402
import replay_input  # noqa: E402
import shrink  # noqa: E402

BATCH_RECORDS = (1, 7, 1000)
SHRINK_TRIES = 300
STRUCTURE_DATES = ("2017-06-01", "2019-06-01", "2020-01-01", "2023-12-31", "2024-01-01", "2026-01-01")
SHOWN_ROWS = 6
KEPT = pathlib.Path(os.environ.get("FLOSYNC_FAILED_HISTORIES", "/tmp/flosync-failed-histories"))

# One difference: `what` is the same for differences of one cause, `text` tells it.
Difference = collections.namedtuple("Difference", "what text")
Failure = collections.namedtuple("Failure", "seed part text")


def lines_of(name, data):
    """The lines of an exported file; of deviations without what the program words itself."""
    text = data.decode("utf-8")
    if name != "deviations.csv":
        return text.splitlines()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    left_out = {rows[0].index(column) for column in ("priority", "detail")}
    return [",".join(field for index, field in enumerate(row) if index not in left_out) for row in rows]


def differences(want, got):
    """Differences between two exports, {file name: bytes}."""
    if sorted(want) != sorted(got):
        missing, unexpected = sorted(set(want) - set(got)), sorted(set(got) - set(want))
        yield Difference("files", f"missing {missing}, unexpected {unexpected}")
    for name in sorted(set(want) & set(got)):
        if want[name] != got[name]:
            yield from row_differences(name, lines_of(name, want[name]), lines_of(name, got[name]))


def row_differences(name, expected, found):
    if expected == found:
        return
    held, made = set(expected), set(found)
    minus, plus = [row for row in expected if row not in made], [row for row in found if row not in held]
    first = (minus + plus + ["order"])[0].split(",")
    what = first[0] if name == "deviations.csv" else first[6] if len(first) > 6 else "order"
    shown = [f"  - {row}" for row in minus[:SHOWN_ROWS]] + [f"  + {row}" for row in plus[:SHOWN_ROWS]]
    yield Difference(what, f"{name}: {len(minus)} expected (-) and {len(plus)} other (+) rows\n" + "\n".join(shown))


class Check:
    """The parts of the comparison on one list of lines; `order` gives the same lines in another order that R6 allows."""

    def __init__(self, lines, order, number=0):
        self._lines, self._order, self._number = lines, order, number
        self._batch = lambda step: ("--batch-records", BATCH_RECORDS[(number + step) % len(BATCH_RECORDS)])

    def run(self, part, kept=None):
        """The differences of one part, with all lines or those with the kept indices."""
        kept = set(range(len(self._lines)) if kept is None else kept)
        with Workplace() as place:
            history.write_files(place / "in", [self._lines[index] for index in sorted(kept)])
            try:
                return list(getattr(self, part)(place, [self._lines[index] for index in self._order if index in kept]))
            except AssertionError as error:
                return [Difference("exit", str(error))]

    def replayed(self, place, other):
        """In one go; and in another order with a restart in the middle: the same rows and the same state."""
        histories.recompute_export(place / "in", place / "want")
        digest = replay(place / "in", place / "state", place / "got", *self._batch(0))
        yield from differences(exported(place / "want"), exported(place / "got"))
        history.write_files(place / "other", other)
        histories.recompute_export(place / "other", place / "want-other")
        replay(place / "other", place / "steps", None, "--until", middle_day_of(timestamps(place / "in")), *self._batch(1))
        restarted = replay(place / "other", place / "steps", place / "got-other", *self._batch(2))
        yield from differences(exported(place / "want-other"), exported(place / "got-other"))
        if digest != restarted:
            yield Difference("digest", f"state digest {digest}, interleaved otherwise and restarted {restarted}")

    def again(self, place, _):
        """A second run on the same state changes nothing, with batches of another size."""
        first = replay(place / "in", place / "state", place / "first", *self._batch(1))
        second = replay(place / "in", place / "state", place / "second", *self._batch(2))
        yield from differences(exported(place / "first"), exported(place / "second"))
        if first != second:
            yield Difference("digest", f"a second run changes the state digest {first} to {second}")

    def known_at(self, place, _):
        """As known at some instant within the history, and until some date."""
        times = timestamps(place / "in")
        known_at, until = times[len(times) * 2 // 3], middle_day_of(times)
        histories.recompute_export(place / "in", place / "want", known_at=known_at)
        replay(place / "in", place / "state", place / "got", "--known-at", cal.format_instant(known_at), *self._batch(1))
        yield from differences(exported(place / "want"), exported(place / "got"))
        histories.recompute_export(place / "in", place / "want-until", until=cal.parse_day(until))
        replay(place / "in", place / "state-until", place / "got-until", "--until", until, *self._batch(2))
        yield from differences(exported(place / "want-until"), exported(place / "got-until"))

    def asked(self, place, _):
        """Two definitions at dates within the history, in another structure and as known at some instant."""
        records = recompute.read_records(place / "in")
        times = timestamps(place / "in")
        replay(place / "in", place / "state", None, *self._batch(0))
        with Daemon(place / "state") as daemon:
            for question in self._questions(times):
                options = [text for name, value in question.items() for text in (f"--{name}", value)]
                done = run("indicators", "--address", daemon.address, "--output", "csv", "--timeout-ms", 60000, *options)
                want = recompute.answer(records, histories.tables(), parsed(question))
                yield from differences({" ".join(options): want.encode()}, {" ".join(options): done.stdout.encode()})

    def _questions(self, times):
        """As options of `flosync indicators`, chosen by the number of the history."""
        rng = random.Random(self._number)
        names = sorted(definitions.ALL)
        for turn in range(2):
            day = rng.randrange(cal.day_of_instant(times[0]), cal.day_of_instant(times[-1]) + 1)
            question = {"definition": names[(2 * self._number + turn) % len(names)], "reference-date": cal.format_day(day)}
            if rng.random() < 0.5:
                question["known-at"] = cal.format_instant(rng.choice(times))
            if rng.random() < 0.5:
                question["structure-date"] = rng.choice(STRUCTURE_DATES)
            yield question


PARTS = ("replayed", "again", "known_at", "asked")


def parts_of(seed):
    """Every history is replayed; the other parts take turns."""
    return PARTS[0], PARTS[1 + seed % 3]


def parsed(question):
    """A question as recompute.answer takes it."""
    day = lambda name: cal.parse_day(question[name]) if name in question else None
    known_at = recompute.parse_instant(question["known-at"]) if "known-at" in question else None
    return types.SimpleNamespace(definition=question["definition"], reference_date=day("reference-date"), unit=None,
                                 structure_date=day("structure-date"), known_at=known_at, counted_relationships=None)


def timestamps(source):
    """The effective timestamps of the records of known topics, in order."""
    lines = replay_input.read_lines(str(source))
    return sorted(line.timestamp for line in lines if line.topic in decode.TOPICS) or [0]


def middle_day_of(times):
    """The first of a month about the middle of the history."""
    middle = cal.day_of_instant((times[0] + times[-1]) // 2)
    return cal.format_day(cal.add_months(middle, 1))[:8] + "01"


def check(seed, part, shrink_it=False):
    """A Failure, or None; with `shrink_it` the shrunk history is kept."""
    made = histories.History(seed)
    checked = Check(made.lines, made.order(seed), seed)
    found = checked.run(part)
    if not found:
        return None
    text = f"seed {seed}, {part}: {found[0].text}\n  again: tests/e2e/python tests/e2e/history_checks.py {seed} {part}"
    if shrink_it:
        text += "\n" + keep_shrunk(made.lines, checked, part, found[0].what, KEPT / f"seed-{seed}-{part}")
    return Failure(seed, part, text)


def keep_shrunk(lines, checked, part, what, folder):
    """Writes the least lines that fail in the same way and says how to run them."""
    same = lambda kept: any(difference.what == what for difference in checked.run(part, kept))
    kept = shrink.shrunk(range(len(lines)), same, SHRINK_TRIES)
    history.write_files(folder, [lines[index] for index in kept])
    left = [difference.text for difference in checked.run(part, kept)]
    return (f"  shrunk from {len(lines)} to {len(kept)} lines in {folder}, where: {left[0] if left else 'nothing differs'}\n"
            f"  again: tests/e2e/python tests/e2e/history_checks.py --input {folder} {part}")


def lines_of_directory(folder):
    return [line for name in replay_input.input_files(folder) for line in replay_input.file_bytes(name).split(b"\n") if line]


def main(arguments):
    if arguments[0] == "--input":
        lines = lines_of_directory(arguments[1])
        checked = Check(lines, range(len(lines)))
        texts = [difference.text for part in arguments[2:] or PARTS for difference in checked.run(part)]
    else:
        failures = [check(int(arguments[0]), part, shrink_it=True) for part in arguments[1:] or parts_of(int(arguments[0]))]
        texts = [failure.text for failure in failures if failure]
    print("\n".join(texts) or "nothing differs")
    return 1 if texts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
