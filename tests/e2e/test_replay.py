"""Replays of small registers and the worked history (R6, B1–B3, A13); random ones are in test_histories.py."""

import hashlib
import unittest

from flosync_testing import (ROOT, Workplace, contract, doctor_period, exported, nasty_history, patient_count, person, replay, rows,
                             small_register, write_lines)

WORKED = ROOT / "tests" / "data" / "worked"


class ReplayTest(unittest.TestCase):
    def test_worked_history_has_the_hash_of_every_edition(self):
        with Workplace() as place:
            replay(WORKED / "in", place / "state", place / "got")
            sums = (line.split() for line in (WORKED / "SHA256SUMS").read_text(encoding="ascii").splitlines())
            want = {name: digest for digest, name in sums}
            got = {name: hashlib.sha256(data).hexdigest() for name, data in exported(place / "got").items()}
            del got["deviations.csv"]
            self.assertEqual(got, want)

    def test_again_on_the_same_state_changes_nothing(self):
        with Workplace() as place:
            nasty_history(77, place / "in")
            first = replay(place / "in", place / "state", place / "first")
            second = replay(place / "in", place / "state", place / "second")
            self.assertEqual(first, second)
            self.assertEqual(exported(place / "first"), exported(place / "second"))

    def test_until_and_then_on_equals_at_one_go(self):
        with Workplace() as place:
            lines = small_register()
            lines.append(person(1002, "2024-02-20T09:00:00", 1708419600000, specialist_from="2024-02-20"))
            lines.append(contract(9002, "2024-03-20T09:00:00", 1710925200000, municipality="1103"))
            write_lines(place / "in" / "a.ndjson", lines)
            whole = replay(place / "in", place / "whole", place / "ewhole")
            replay(place / "in", place / "steps", place / "efirst", "--until", "2024-03-01")
            self.assertEqual(sorted(exported(place / "efirst")), ["2024-02-01.1.csv", "2024-03-01.1.csv", "deviations.csv"])
            self.assertEqual(replay(place / "in", place / "steps", place / "esteps"), whole)
            self.assertEqual(exported(place / "esteps"), exported(place / "ewhole"))

    def test_until_runs_the_clock_on_without_records(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "state", place / "out", "--until", "2025-01-01")
            files = exported(place / "out")
            self.assertEqual(len(files), 13)
            self.assertIn("2025-01-01.1.csv", files)

    def test_figures_known_by_heart(self):
        with Workplace() as place:
            lines = small_register(3)
            lines += [doctor_period(7003, 9003, 1003, "2024-01-11T08:00:00", 1704960000000, until="2024-01-20"),
                      patient_count(9003, 333, "2024-01-31T00:00:00", 1706670000000)]
            write_lines(place / "in" / "a.ndjson", lines)
            replay(place / "in", place / "state", place / "out", "--until", "2024-02-01")
            nation = {(r["measure"], r["breakdown"]): r for r in rows(place / "out" / "2024-02-01.1.csv") if r["level"] == "nation"}
            share = nation["gp_specialist_share", "all"]
            self.assertEqual((share["numerator"], share["denominator"], share["value"]), ("1", "2", "50.0"))
            self.assertEqual(nation["list_count", "unstaffed"]["value"], "1")
            self.assertEqual(nation["persons_listed", "on_unstaffed"]["value"], "333")
            self.assertEqual(nation["persons_listed", "all"]["value"], str(900 + 901 + 333))
            self.assertEqual(nation["gp_count", "female.all"]["value"], "2")


if __name__ == "__main__":
    unittest.main()
