"""The recomputation agrees with every case that was derived by hand: python3 tests/reference/test_cases.py"""
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


def wrong(case, folder):
    """Everything the recomputation gets wrong of a case."""
    source, out = os.path.join(folder, "in"), os.path.join(folder, "out")
    cases.write_input(case, source)
    until = case.options.get("until")
    records = recompute.read_records(source)
    options = types.SimpleNamespace(until=until and cal.parse_day(until), known_at=case.options.get("known-at"),
                                    export=out, measures=None, editions="all")
    recompute.replay(records, TABLES, options)
    found = list(cases.check_export(case, out))
    for asked in case.questions:
        text = recompute.answer(records, TABLES, question(asked.options))
        found += cases.differences(asked.rows, cases.rows_by_name(text.splitlines()))
    return found


class Cases(unittest.TestCase):
    def test_every_case_by_hand(self):
        for case in cases.read_all():
            with self.subTest(case.name), tempfile.TemporaryDirectory() as folder:
                self.assertEqual(wrong(case, folder), [])


if __name__ == "__main__":
    unittest.main()
