"""The recomputation agrees with every case that was derived by hand: python3 tests/reference/test_cases.py"""
import concurrent.futures
import os
import sys
import tempfile
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cases")]

import calendar_oslo as cal
import cases
import geography
import recompute

TABLES = geography.Geography(os.environ.get("FLOSYNC_TABLES", geography.DEFAULT_TABLES))


def question(options):
    known_at = options.get("known-at")
    relationships = options.get("relationships")
    return types.SimpleNamespace(
        definition=options["definition"], reference_date=cal.parse_day(options["date"]),
        structure_date=cal.parse_day(options["structure"]) if "structure" in options else None,
        known_at=None if known_at is None else cases.instant(known_at), unit=options.get("unit"),
        counted_relationships=None if relationships is None else tuple(relationships.split(",")))


def wrong(case):
    """Everything the recomputation gets wrong of a case."""
    with tempfile.TemporaryDirectory() as folder:
        return list(mistakes(case, folder))


def mistakes(case, folder):
    source, out = os.path.join(folder, "in"), os.path.join(folder, "out")
    cases.write_input(case, source)
    until = case.options.get("until")
    records = recompute.read_records(source)
    options = types.SimpleNamespace(until=until and cal.parse_day(until), known_at=case.options.get("known-at"),
                                    export=out, measures=None, editions="all")
    recompute.replay(records, TABLES, options)
    yield from cases.check_export(case, out)
    for asked in case.questions:
        text = recompute.answer(records, TABLES, question(asked.options))
        yield from cases.differences(asked.rows, cases.rows_by_name(text.splitlines()))


class Cases(unittest.TestCase):
    def test_every_case_by_hand(self):
        chosen = cases.read_all()
        with concurrent.futures.ProcessPoolExecutor() as pool:
            for case, found in zip(chosen, pool.map(wrong, chosen)):
                with self.subTest(case.name):
                    self.assertEqual(found, [])

    def test_every_ruling_about_figures_is_cited(self):
        """What is left out does not exist, or is about bytes, machines and other outputs; the histories hold the bytes."""
        numbered = {"R": 21, "A": 16, "B": 11, "C": 4, "D": 19, "E": 13, "F": 20, "G": 6}
        every = {f"{letter}{number}" for letter, last in numbered.items() for number in range(1, last + 1)}
        left_out = set("R18 R21 A3 A4 A6 A8 A11 A16 B4 B8 B10 B11 D15 D17 F16 G4".split())
        cited = {ruling for case in cases.read_all() for ruling in case.cites}
        self.assertEqual(sorted(every - left_out - cited), [])


if __name__ == "__main__":
    unittest.main()
