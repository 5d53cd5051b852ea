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


def answer(daemon, options):
    """The rows of a definition at a date; the parameters of the shipped definitions cannot be changed in a daemon."""
    asked = ["--definition", options["definition"], "--reference-date", options["date"]]
    if "known-at" in options:
        asked += ["--known-at", rfc3339(cases.instant(options["known-at"]))]
    if "structure" in options:
        asked += ["--structure-date", options["structure"]]
    return cases.rows_by_name(run("indicators", "--address", daemon.address, "--output", "csv", *asked).stdout.splitlines())


def wrong(case):
    """Everything the program gets wrong of a case."""
    with Workplace() as place:
        cases.write_input(case, place / "in")
        options = ["--until", case.options["until"]] if "until" in case.options else []
        if "known-at" in case.options:
            options += ["--known-at", rfc3339(case.options["known-at"])]
        replay(place / "in", place / "state", place / "out", *options)
        found = list(cases.check_export(case, place / "out"))
        questions = [each for each in case.questions if not {"unit", "relationships"} & set(each.options)]
        if questions:
            with Daemon(place / "state") as daemon:
                for question in questions:
                    found += cases.differences(question.rows, answer(daemon, question.options))
        return found


class CasesTest(unittest.TestCase):
    def test_every_case_by_hand(self):
        chosen = [case for case in cases.read_all() if ONLY in case.name]
        self.assertTrue(chosen, f"no case is called like {ONLY}")
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for case, found in zip(chosen, pool.map(wrong, chosen)):
                with self.subTest(case.name, cites=" ".join(case.cites)):
                    self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
