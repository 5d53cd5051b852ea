"""The self-audit as an operator runs it: on a state directory, and by way of a daemon."""

import json
import unittest

from flosync_testing import Daemon, Workplace, nasty_history, replay, run, small_register, write_lines


class AuditTest(unittest.TestCase):
    def test_replayed_histories_have_no_difference(self):
        for seed in range(1, 11):
            with self.subTest(seed=seed), Workplace() as place:
                nasty_history(seed, place / "in")
                replay(place / "in", place / "state")
                report = json.loads(run("audit", "--state", place / "state", "--output", "json").stdout)
                self.assertEqual(report["difference_count"], 0)
                self.assertGreater(report["figures_compared"], 0)
                self.assertGreater(report["states_compared"], 0)

    def test_a_daemon_audits_itself_and_on_demand(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in") as daemon:
                status = daemon.wait_until(lambda s: s["latest_audit"])
                self.assertTrue(status["latest_audit"]["ok"], status["latest_audit"])
                report = json.loads(run("audit", "--address", daemon.address, "--output", "json").stdout)
                self.assertEqual(report["difference_count"], 0)
                held = run("audit", "--state", place / "state", check=False)
                self.assertEqual(held.returncode, 1)
                self.assertIn("is in use by process", held.stderr)


if __name__ == "__main__":
    unittest.main()
