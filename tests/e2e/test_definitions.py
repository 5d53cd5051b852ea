"""Definitions of an operator's own, without building anything (R14, D2)."""
import signal
import unittest

from flosync_testing import JANUARY_2024_MS, Daemon, Workplace, contract, doctor_period, read_so_many, run, write_lines

SUBSTITUTES = """
id = "gps-and-substitutes/1.0"
from = "2026"
published = false
measures = ["gp_count", "list_count"]
[parameters]
counted_relationships = ["LPFL", "LPVI"]
"""

PUBLISHED = """
id = "more-gps/1.0"
from = "2026"
published = true
measures = ["gp_count", "list_count"]
"""


def figure(text, measure, breakdown):
    [row] = [line.split(",") for line in text.splitlines()[1:] if line.split(",")[6:8] == [measure, breakdown]]
    return row[8]


class DefinitionsTest(unittest.TestCase):
    def test_another_definition_counts_by_its_own_parameters(self):
        updated, known = "2020-01-01T00:00:00", JANUARY_2024_MS
        lines = [contract(1, updated, known), contract(2, updated, known), doctor_period(11, 1, 101, updated, known),
                 doctor_period(12, 2, 102, updated, known, kind="LPVI")]
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            write_lines(place / "definitions" / "substitutes.toml", [])
            (place / "definitions" / "substitutes.toml").write_text(SUBSTITUTES)
            with Daemon(place / "state", "--input", place / "in", "--definitions", place / "definitions") as daemon:
                daemon.wait_until(read_so_many(len(lines)))
                ask = ["indicators", "--address", daemon.address, "--reference-date", "2024-03-01", "--area", "NO",
                       "--output", "csv", "--definition"]
                own = run(*ask, "gps-and-substitutes/1.0").stdout
                shipped = run(*ask, "gp-statistics/1.0").stdout
                listed = run("indicators", "--address", daemon.address, "--list-definitions").stdout
        self.assertEqual(figure(own, "gp_count", "all.all"), "2")
        self.assertEqual(figure(shipped, "gp_count", "all.all"), "1")
        # Staffed always means a regular GP (D2).
        self.assertEqual(figure(own, "list_count", "staffed"), "1")
        self.assertIn("gps-and-substitutes/1.0", listed)

    def test_a_definition_that_is_gone_leaves_no_figures(self):
        lines = [contract(1, "2020-01-01T00:00:00", JANUARY_2024_MS)]
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            (place / "definitions").mkdir()
            (place / "definitions" / "more.toml").write_text(PUBLISHED)
            with Daemon(place / "state", "--input", place / "in", "--definitions", place / "definitions") as daemon:
                daemon.wait_until(read_so_many(len(lines)))
            run("audit", "--state", place / "state", "--definitions", place / "definitions")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(lambda s: s["latest_audit"] and s["latest_audit"]["ok"])
                daemon.process.send_signal(signal.SIGTERM)
                daemon.process.wait(timeout=60)
                self.assertRegex(daemon.stderr(), r"definition more-gps/1.0 is published no more: [1-9]\d* live figures")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.process.send_signal(signal.SIGTERM)
                daemon.process.wait(timeout=60)
                self.assertNotIn("is published no more", daemon.stderr())

    def test_a_mistake_is_named_and_nothing_starts(self):
        with Workplace() as place:
            write_lines(place / "definitions" / "a.toml", [])
            (place / "definitions" / "a.toml").write_text('id = "a/1.0"\nmeasures = ["gp_cuont"]\n')
            done = run("serve", "--state", place / "state", "--definitions", place / "definitions", "--input",
                       place / "definitions", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("a.toml: measures", done.stderr)


if __name__ == "__main__":
    unittest.main()
