"""Replays: the same figures as an independent computation, whatever the batches and the interleaving (R6, B1, A3–A13)."""

import os
import subprocess
import sys
import unittest

from flosync_testing import (MEASURES, REFERENCE, ROOT, Workplace, contract, doctor_period, exported, nasty_history, patient_count,
                             person, replay, rows, run, small_register, write_lines)

HISTORIES = int(os.environ.get("FLOSYNC_HISTORIES", "40"))
FIRST_SEED = int(os.environ.get("FLOSYNC_FIRST_SEED", "1"))


def snapshots_only(files):
    return {name: data for name, data in files.items() if name != "deviations.csv"}


def by_the_reference(source, out):
    subprocess.run([sys.executable, str(REFERENCE / "recompute.py"), "--input", str(source), "--export", str(out),
                    "--measures", ",".join(MEASURES), "--editions", "first"], check=True, stdout=subprocess.DEVNULL)
    return snapshots_only(exported(out))


class ReplayTest(unittest.TestCase):
    def test_worked_history_of_edition_1(self):
        with Workplace() as place:
            source = ROOT / "tests" / "data" / "worked" / "in"
            replay(source, place / "state", place / "got")
            got = snapshots_only(exported(place / "got"))
            self.assertEqual(got, by_the_reference(source, place / "want"))
            self.assertEqual(len(got), 6)

    def test_random_histories_equal_the_independent_computation(self):
        for seed in range(FIRST_SEED, FIRST_SEED + HISTORIES):
            with self.subTest(seed=seed), Workplace() as place:
                nasty_history(seed, place / "in")
                want = by_the_reference(place / "in", place / "want")
                digests = set()
                for records in (1, 7, 1000):
                    digests.add(replay(place / "in", place / f"s{records}", place / f"e{records}", "--batch-records", records))
                    self.assertEqual(snapshots_only(exported(place / f"e{records}")), want, f"batches of {records}")
                self.assertEqual(exported(place / "e1"), exported(place / "e1000"))
                self.assertEqual(len(digests), 1, "one set of records, one state digest")

    def test_partitions_interleaved_otherwise_give_the_same_bytes(self):
        for seed in range(FIRST_SEED, FIRST_SEED + max(HISTORIES // 3, 1)):
            with self.subTest(seed=seed), Workplace() as place:
                nasty_history(seed, place / "a")
                digest = replay(place / "a", place / "sa", place / "ea")
                for order in (1, 2):
                    nasty_history(seed, place / f"b{order}", "--interleave", order)
                    other = replay(place / f"b{order}", place / f"sb{order}", place / f"eb{order}")
                    self.assertEqual(other, digest)
                    self.assertEqual(snapshots_only(exported(place / f"eb{order}")), snapshots_only(exported(place / "ea")))

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

    def test_known_at_is_refused_by_name(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            done = run("replay", "--input", place / "in", "--state", place / "s", "--known-at", "2024-02-01T00:00:00Z", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("KNOWN_AT_NOT_SUPPORTED", done.stderr)
            self.assertFalse((place / "s").exists(), "a refused request must not begin a state")

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
