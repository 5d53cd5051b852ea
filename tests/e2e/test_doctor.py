"""What was known of a doctor when, asked of the shipped program."""

import csv
import json
import unittest

from flosync_testing import JANUARY_2024_MS, Daemon, Workplace, doctor_period, person, read_so_many, run, small_register, write_lines

DAY_MS = 24 * 3600 * 1000
MARCH_5_MS = JANUARY_2024_MS + 55 * DAY_MS  # 2024-03-05T10:00:00Z


def told_late():
    """Doctor 1002 is a specialist from 1 February 2024, which HPR tells on 5 March; on 6 March the list goes to 1003."""
    return small_register() + [
        person(1002, "2024-03-05T08:00:00", MARCH_5_MS, specialist_from="2024-02-01"),
        doctor_period(7002, 9002, 1003, "2024-03-06T08:00:00", MARCH_5_MS + DAY_MS)]


class DoctorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Workplace()
        place = cls.place.__enter__()
        cls.addClassCleanup(cls.place.__exit__)
        lines = told_late()
        write_lines(place / "in" / "a.ndjson", lines)
        cls.daemon = Daemon(place / "state", "--input", place / "in")
        cls.addClassCleanup(cls.daemon.stop)
        cls.daemon.wait_until(read_so_many(len(lines)))

    def ask(self, *options, check=True):
        return run("doctor", "--address", self.daemon.address, *options, check=check)

    def doctor(self, *options):
        return json.loads(self.ask("--output", "json", *options).stdout)

    def test_why_not_a_specialist_on_1_march_as_we_knew_it_then(self):
        then = self.doctor(1002, "--as-of", "2024-03-01", "--known-at", "2024-03-01T05:00:00Z")
        self.assertEqual((then["doctor"]["specialist"], then["doctor"]["specialist_reason"]),
                         (False, "SPECIALIST_REASON_NO_SPECIALITY"))
        self.assertEqual(then["doctor"]["hpr_updated"], "2024-01-10T11:00:00")
        now = self.doctor(1002, "--as-of", "2024-03-01")
        self.assertEqual((now["doctor"]["specialist"], now["doctor"]["specialist_reason"]), (True, "SPECIALIST_REASON_SPECIALIST"))
        self.assertIsNone(now["known_at"])
        before = self.doctor(1002, "--as-of", "2024-01-31")
        self.assertEqual(before["doctor"]["specialist_reason"], "SPECIALIST_REASON_SPECIALITY_NOT_BEGUN")

    def test_known_at_alone_is_as_of_its_own_day_and_excludes_its_own_instant(self):
        at = self.doctor(1002, "--known-at", "2024-03-05T10:00:00Z")
        self.assertEqual((at["reference_date"], at["reference_instant"]), ("2024-03-05", "2024-03-05T10:00:00Z"))
        self.assertFalse(at["doctor"]["specialist"])
        self.assertTrue(self.doctor(1002, "--known-at", "2024-03-05T10:00:00.001Z")["doctor"]["specialist"])

    def test_a_list_that_was_the_doctors_then(self):
        contracts = lambda number, *options: [c["contract_id"] for c in self.doctor(number, *options)["doctor"]["contracts"]]
        self.assertEqual(contracts(1002), [])
        self.assertEqual(contracts(1002, "--known-at", "2024-03-06"), [9002])
        self.assertEqual(contracts(1003), [9002, 9003])
        self.assertEqual(contracts(1003, "--known-at", "2024-03-06"), [9003])

    def test_doctors_and_one_list(self):
        numbers = lambda *options: [int(r["hpr_number"]) for r in csv.DictReader(
            run("doctor", "list", "--address", self.daemon.address, "--output", "csv", *options).stdout.splitlines())]
        self.assertEqual(numbers(), [1001, 1003], "1002 was, but no doctor period names that number any more")
        self.assertEqual(numbers("--current", "--specialist", "--municipality", "0301"), [1001])
        self.assertEqual(numbers("--relationship", "LPVI"), [])
        self.assertIn("LPFL 9001", run("doctor", "list", "--address", self.daemon.address).stdout)
        one = json.loads(run("lists", 9002, "--address", self.daemon.address, "--output", "json").stdout)["patient_list"]
        self.assertEqual((one["contract_id"], one["regular_gps"], one["patients"]), (9002, [1003], 901))
        unknown = run("lists", 4711, "--address", self.daemon.address, check=False)
        self.assertEqual((unknown.returncode, "PATIENT_LIST_NOT_KNOWN" in unknown.stderr), (1, True))
        self.assertEqual(run("doctor", "--address", self.daemon.address, check=False).returncode, 2)

    def test_tables_say_for_when_and_why(self):
        text = self.ask(1002, "--as-of", "2024-03-01", "--known-at", "2024-03-01").stdout
        self.assertIn("2024-03-01 at 2024-03-01 06:00:00 +01:00, by the records known before 2024-03-01 00:00:00 +01:00", text)
        self.assertIn("no: not approved in general practice", text)
        self.assertIn("Europe/Oslo", text)

    def test_history(self):
        text = self.ask(1002, "--history", "--output", "csv").stdout
        rows = list(csv.DictReader(text.splitlines()))
        changed = {(r["known_from"], r["about"], r["field"]): (r["old_value"], r["new_value"]) for r in rows}
        self.assertEqual(changed["2024-03-05T10:00:00.000Z", "person:1002", "specialist_periods"], ("", "2024-02-01.."))
        self.assertEqual(changed["2024-03-06T10:00:00.000Z", "doctor_period:7002", "hpr_number"], ("1002", "1003"))
        self.assertEqual([r["known_from"] for r in rows], sorted(r["known_from"] for r in rows))
        then = json.loads(self.ask(1002, "--history", "--known-at", "2024-03-05T10:00:00Z", "--output", "json").stdout)
        self.assertEqual(len(then["records"]), 2)
        self.assertIn("specialist_periods", self.ask(1002, "--history").stdout)
        limited = self.ask(1002, "--history", "--limit", 1)
        self.assertIn("the first 1; there are more", limited.stderr)

    def test_mistakes(self):
        for options in [(1002, "--as-of", "2024-02-30"), (1002, "--known-at", "then"), (1002, "--history", "--as-of", "2024-03-01"),
                        (0,), (1002, "--limit", 5)]:
            done = self.ask(*options, check=False)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn("--help", done.stderr)
        unknown = self.ask(999999, check=False)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("DOCTOR_NOT_KNOWN", unknown.stderr)
        self.assertNotIn("999999", unknown.stderr)
        too_early = self.ask(1002, "--known-at", "2024-01-10T10:00:01Z", check=False)
        self.assertIn("DOCTOR_NOT_KNOWN", too_early.stderr)


if __name__ == "__main__":
    unittest.main()
