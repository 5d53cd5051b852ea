"""The program agrees with every case that was derived by hand (tests/cases)."""

import concurrent.futures
import datetime
import os
import sys
import unittest

from flosync_testing import ROOT, Daemon, Workplace, replay, run

sys.path.insert(0, str(ROOT / "tests" / "cases"))
import cases  # noqa: E402

JOBS = int(os.environ.get("FLOSYNC_JOBS", os.cpu_count()))
ONLY = os.environ.get("FLOSYNC_CASE", "")


def rfc3339(instant_ms):
    return (cases.EPOCH + datetime.timedelta(milliseconds=instant_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wrong(case):
    """Everything the program gets wrong of a case."""
    with Workplace() as place:
        cases.write_input(case, place / "in")
        options = ["--until", case.options["until"]] if "until" in case.options else []
        if "known-at" in case.options:
            options += ["--known-at", rfc3339(case.options["known-at"])]
        replay(place / "in", place / "state", place / "out", *options)
        return list(cases.check_export(case, place / "out"))


class CasesTest(unittest.TestCase):
    def test_every_case_by_hand(self):
        chosen = [case for case in cases.read_all() if ONLY in case.name]
        self.assertTrue(chosen, f"no case is called like {ONLY}")
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for case, found in zip(chosen, pool.map(wrong, chosen)):
                with self.subTest(case.name, cites=" ".join(case.cites)):
                    self.assertEqual(found, [])

    def test_every_ruling_with_a_number_is_cited(self):
        """The catalogue stays whole: A8, B10, D15, D17, G4 do not exist; A16, B1, B4, B8, B11 are about machines, not numbers."""
        wanted = {f"R{n}" for n in range(1, 22)} - {"R18", "R21"}
        for letter, last in (("A", 15), ("B", 9), ("C", 4), ("D", 19), ("E", 13), ("F", 20), ("G", 6)):
            wanted |= {f"{letter}{n}" for n in range(1, last + 1)}
        wanted -= {"A3", "A4", "A6", "A8", "A11", "B4", "B8", "D15", "D17", "F16", "G4"}
        cited = {ruling for case in cases.read_all() for ruling in case.cites}
        self.assertEqual(sorted(wanted - cited), [])


if __name__ == "__main__":
    unittest.main()
