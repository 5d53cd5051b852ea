"""`flosync generate`: rates are set by name, and registers full of rare things give the figures of an independent
computation."""

import subprocess
import sys
import unittest

from flosync_testing import REFERENCE, Workplace, exported, generate, replay, run

NEVER_RAISED = {"broken_line_per_million"}     # lines that are no records have no place in what a broker holds


def rates():
    """{name: default} as the program lists them."""
    lines = run("generate", "--rates").stdout.splitlines()[1:]
    fields = [line.split(None, 2) for line in lines[:lines.index("")]]
    return {name: float(default) for name, default, _ in fields}


def raised(times):
    """Options that raise every rate, as far as there is room."""
    options = []
    for name, default in rates().items():
        most = 0.5 if name.endswith("_share") else 300 if name.endswith("_per_mille") else 100000
        if name not in NEVER_RAISED:
            options += ["--rate", f"{name}={min(default * times, most)}"]
    return options


class GenerateTest(unittest.TestCase):
    def test_rates_are_listed_with_default_and_meaning(self):
        listed = rates()
        self.assertGreater(len(listed), 40)
        self.assertEqual(listed["duplicate_per_mille"], 2)
        self.assertEqual(listed["broken_line_per_million"], 0)

    def test_a_wrong_rate_is_a_usage_error(self):
        with Workplace() as place:
            for rate in ("nothing_per_month=1", "merges_per_month", "merges_per_month=many", "merges_per_month=-1",
                         "soap_person_share=1.5", "merges_per_month=1=2"):
                with self.subTest(rate):
                    done = run("generate", "--from", "2022-01-01", "--to", "2022-02-01", "--out", place / "in",
                               "--rate", rate, check=False)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertFalse((place / "in").exists())

    def test_same_seed_and_rates_same_bytes(self):
        with Workplace() as place:
            options = ["--from", "2021-12-01", "--to", "2022-02-01", "--scale", "0.02", "--rate", "merges_per_month=90"]
            for name, seed in (("a", 1), ("b", 1), ("c", 2)):
                generate(place / name, "--seed", seed, *options)
            self.assertEqual(exported(place / "a"), exported(place / "b"))
            self.assertNotEqual(exported(place / "a"), exported(place / "c"))

    def test_figures_of_registers_full_of_rare_things_equal_the_independent_computation(self):
        """Over the reforms of 2020 and 2024, which renumber, merge and divide municipalities."""
        for seed, begin, end in ((1, "2019-11-01", "2020-03-05"), (2, "2023-11-01", "2024-03-05")):
            with self.subTest(seed=seed), Workplace() as place:
                generate(place / "in", "--seed", seed, "--from", begin, "--to", end, "--scale", "0.02", *raised(30))
                replay(place / "in", place / "state", place / "got")
                subprocess.run([sys.executable, str(REFERENCE / "recompute.py"), "--input", str(place / "in"), "--export",
                                str(place / "want")],
                               check=True, stdout=subprocess.DEVNULL)
                got, want = exported(place / "got"), exported(place / "want")
                self.assertEqual(len([name for name in want if name.endswith(".1.csv")]), 5)
                self.assertGreater(len([name for name in want if name.endswith(".2.csv")]), 2, "corrections reach back")
                self.assertEqual(want.keys(), got.keys())
                for name in want.keys() - {"deviations.csv"}:
                    self.assertTrue(got[name] == want[name], f"{name} differs")


if __name__ == "__main__":
    unittest.main()
