"""Comparing the program with the independent recomputation on random histories; used by test_histories.py.

  python history_checks.py SEED [PART]        checks one history again and shrinks it if it fails
  python history_checks.py --input DIR [PART] checks the records of a directory, e.g. of a shrunk history
"""

import collections
import csv
import io
import os
import pathlib
import sys

from flosync_testing import REFERENCE, Workplace, exported, replay

sys.path.insert(0, str(REFERENCE))
import calendar_oslo as cal  # noqa: E402
import history  # noqa: E402
import histories  # noqa: E402
import replay_input  # noqa: E402
import shrink  # noqa: E402

BATCH_RECORDS = (1, 7, 1000)
SHRINK_TRIES = 300
SHOWN_ROWS = 6
KEPT = pathlib.Path(os.environ.get("FLOSYNC_FAILED_HISTORIES", "/tmp/flosync-failed-histories"))

# One difference: `what` is the same for differences of one cause, `text` tells it.
Difference = collections.namedtuple("Difference", "what text")
Failure = collections.namedtuple("Failure", "seed part text")


def comparable(name, data):
    """The rows of an exported file; of deviations without what the program words itself."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    if name != "deviations.csv":
        return data.decode("utf-8").splitlines()
    left_out = {rows[0].index(column) for column in ("priority", "detail")}
    return [",".join(text for index, text in enumerate(row) if index not in left_out) for row in rows]


def differences(want, got):
    """Differences between two exports, {file name: bytes}."""
    if sorted(want) != sorted(got):
        missing, unexpected = sorted(set(want) - set(got)), sorted(set(got) - set(want))
        yield Difference("files", f"missing {missing}, unexpected {unexpected}")
    for name in sorted(set(want) & set(got)):
        expected, found = comparable(name, want[name]), comparable(name, got[name])
        if expected == found:
            continue
        minus = [row for row in expected if row not in set(found)]
        plus = [row for row in found if row not in set(expected)]
        first = (minus + plus + ["order"])[0].split(",")
        what = first[0] if name == "deviations.csv" else first[6] if len(first) > 6 else "order"
        shown = [f"  - {row}" for row in minus[:SHOWN_ROWS]] + [f"  + {row}" for row in plus[:SHOWN_ROWS]]
        yield Difference(what, f"{name}: {len(minus)} expected (-) and {len(plus)} other (+) rows\n" + "\n".join(shown))


class Check:
    """The parts of the comparison on one list of lines; `order` gives the same lines in another order that R6 allows."""

    def __init__(self, lines, order, number=0):
        self._lines, self._order = lines, order
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

    def whole(self, place, _):
        """In one go; and once more on the same state."""
        histories.recompute_export(place / "in", place / "want")
        digest = replay(place / "in", place / "state", place / "got", *self._batch(0))
        yield from differences(exported(place / "want"), exported(place / "got"))
        again = replay(place / "in", place / "state", place / "again", *self._batch(1))
        yield from differences(exported(place / "got"), exported(place / "again"))
        if digest != again:
            yield Difference("digest", f"a second run changes the state digest {digest} to {again}")

    def interleaved(self, place, other):
        """In another order, with a restart in the middle: the same rows and the same state."""
        history.write_files(place / "other", other)
        records = histories.recompute_export(place / "in", place / "want")
        histories.recompute_export(place / "other", place / "want-other")
        digest = replay(place / "in", place / "state-in", place / "in-out", *self._batch(2))
        replay(place / "other", place / "state", place / "part", "--until", middle_day(records), *self._batch(1))
        restarted = replay(place / "other", place / "state", place / "got", *self._batch(0))
        yield from differences(exported(place / "want-other"), exported(place / "got"))
        rows_only = [{name: data for name, data in exported(place / out).items() if name != "deviations.csv"}
                     for out in ("in-out", "got")]
        yield from differences(*rows_only)
        if digest != restarted:
            yield Difference("digest", f"state digest {digest}, interleaved otherwise and restarted {restarted}")

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


PARTS = ("whole", "interleaved", "known_at")


def timestamps(source):
    """The effective timestamps of the records that have one, in order."""
    times = sorted(line.timestamp for line in replay_input.read_lines(str(source)) if line.timestamp is not None)
    return times or [0]


def middle_day_of(times):
    """The first of a month about the middle of the history."""
    middle = cal.day_of_instant((times[0] + times[-1]) // 2)
    return cal.format_day(cal.add_months(middle, 1))[:8] + "01"


def middle_day(records):
    return middle_day_of(sorted(record.line.timestamp for record in records if record.line.timestamp is not None) or [0])


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
        failures = [check(int(arguments[0]), part, shrink_it=True) for part in arguments[1:] or PARTS]
        texts = [failure.text for failure in failures if failure]
    print("\n".join(texts) or "nothing differs")
    return 1 if texts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
