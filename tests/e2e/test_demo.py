"""The demo's tour, and that the generated register is what the published figures say."""

import json
import subprocess
import unittest

from flosync_testing import BINARY, Workplace, generate, replay, rows, run


def shares(path, level, breakdown="all"):
    return {r["area_code"]: float(r["value"]) for r in rows(path)
            if r["level"] == level and r["measure"] == "gp_specialist_share" and r["breakdown"] == breakdown and r["value"]}


class DemoTest(unittest.TestCase):
    def test_tour(self):
        with Workplace() as place:
            done = run("demo", "--once", "--scale", "0.05", "--dir", place / "demo", "--listen", "127.0.0.1:0", timeout=600)
            for step in ("1. ", "2. ", "3. National figures", "4. The latest first-of-month snapshot", "5. ", "6. ", "7. Try next"):
                self.assertIn(step, done.stdout)
            self.assertIn("gp_specialist_share", done.stdout)
            self.assertGreaterEqual(done.stdout.count("→"), 3, done.stdout)


class GeneratorTest(unittest.TestCase):
    def test_same_seed_same_bytes_other_seed_others(self):
        with Workplace() as place:
            for name, seed in (("a", 4), ("b", 4), ("c", 5)):
                generate(place / name, "--seed", seed, "--from", "2023-01-01", "--to", "2023-03-01", "--scale", "0.01")
            read = lambda name: {p.name: p.read_bytes() for p in sorted((place / name).iterdir())}
            self.assertEqual(read("a"), read("b"))
            self.assertNotEqual(read("a"), read("c"))

    def test_national_shares_within_two_points_of_the_published_ones(self):
        with Workplace() as place:
            generate(place / "in", "--seed", 1, "--from", "2021-12-01", "--to", "2023-11-01")
            replay(place / "in", place / "state", place / "out", "--until", "2023-11-01", timeout=900)
            end_of_2021 = place / "out" / "2022-01-01.1.csv"
            self.assertAlmostEqual(shares(end_of_2021, "nation")["NO"], 63.9, delta=2)
            self.assertAlmostEqual(shares(end_of_2021, "nation", "lt40")["NO"], 26.8, delta=2)
            published = {"under_2000": 44.1, "2000_4999": 49.6, "5000_9999": 56.6, "10000_49999": 60.7, "50000_pluss": 71.9}
            for group, share in shares(end_of_2021, "municipality_group").items():
                self.assertAlmostEqual(share, published[group], delta=2, msg=group)
            nation = {(r["measure"], r["breakdown"]): r["value"]
                      for r in rows(place / "out" / "2022-04-01.1.csv") if r["level"] == "nation"}
            self.assertAlmostEqual(int(nation["gp_count", "all.all"]), 4989, delta=100)
            self.assertAlmostEqual(int(nation["list_count", "unstaffed"]), 231, delta=23)
            self.assertAlmostEqual(int(nation["persons_listed", "on_unstaffed"]), 149651, delta=15000)
            self.assertAlmostEqual(float(nation["gps_per_10000_listed", "all"]), 9.2, delta=0.2)
            october = {(r["measure"], r["breakdown"]): r["value"]
                       for r in rows(place / "out" / "2023-10-01.1.csv") if r["level"] == "nation"}
            self.assertAlmostEqual(int(october["gp_count", "all.all"]), 5224, delta=105)
            self.assertAlmostEqual(int(october["list_count", "all"]), 5578, delta=112)
            self.assertAlmostEqual(int(october["list_count", "unstaffed"]), 330, delta=33)
            self.assertAlmostEqual(int(october["list_count", "unstaffed_over_1y"]), 143, delta=29)
            self.assertAlmostEqual(int(october["persons_listed", "all"]), 5301951 + 220462, delta=110000)


if __name__ == "__main__":
    unittest.main()
