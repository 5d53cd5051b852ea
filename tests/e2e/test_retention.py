"""Retention: what a daemon shrinks shows in no figure and no answer, and is gone from its files (R24)."""

import json
import signal
import time
import unittest

from flosync_testing import JANUARY_2024_MS, Daemon, Workplace, doctor_period, person, read_so_many, run, small_register, write_lines

DAY_MS = 24 * 3600 * 1000
OLD_CODE = "a-code-of-the-old-version"


def register():
    """Doctor 1002 has an old version that is superseded in March; the stream goes on into the summer."""
    old = person(1002, "2024-01-11T11:00:00", JANUARY_2024_MS + DAY_MS, specialist_from="2024-02-01")
    return small_register() + [
        old.replace('"verdi": "1", "kodeverk": {"id": 7704}', f'"verdi": "{OLD_CODE}", "kodeverk": {{"id": 7704}}'),
        person(1002, "2024-03-05T08:00:00", JANUARY_2024_MS + 55 * DAY_MS),
        doctor_period(7009, 9003, 1002, "2024-07-01T08:00:00", JANUARY_2024_MS + 180 * DAY_MS, since="2024-07-01")]


def log_files_hold(state, text):
    return any(text.encode() in path.read_bytes() for path in (state / "db").glob("*.log"))


def answers(daemon):
    """What is said of doctor 1002 and of the country, now and about the past."""
    said = {}
    for options in ((), ("--as-of", "2024-02-15"), ("--as-of", "2024-02-15", "--known-at", "2024-01-11"),
                    ("--as-of", "2024-02-15", "--known-at", "2024-02-20"), ("--known-at", "2024-03-20")):
        answer = json.loads(run("doctor", "--address", daemon.address, 1002, *options, "--output", "json").stdout)
        said["doctor", options] = answer["doctor"]
    for known_at in ("2024-02-20T00:00:00Z", "2024-03-20T00:00:00Z", "2024-08-01T00:00:00Z"):
        said[known_at] = run("indicators", "--address", daemon.address, "--reference-date", "2024-02-15", "--known-at", known_at,
                             "--definition", "nki-gp-specialist/3.0", "--output", "csv").stdout
    return said


def history(daemon):
    return json.loads(run("doctor", "--address", daemon.address, 1002, "--history", "--output", "json").stdout)["records"]


class RetentionTest(unittest.TestCase):
    def wait_for(self, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), deadline, "not in time")
            time.sleep(0.2)

    def test_what_is_shrunk_shows_nowhere_and_is_gone(self):
        lines = register()
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            config = place / "flosync.toml"
            config.write_text("[history]\nretention_days = 90\n", encoding="utf-8")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(len(lines)))
                kept = answers(daemon)
                self.assertFalse(any(record["shrunk"] for record in history(daemon)))
            self.assertTrue(log_files_hold(place / "state", OLD_CODE))
            with Daemon(place / "state", "--input", place / "in", "--config", config) as daemon:
                self.wait_for(lambda: any(record["shrunk"] for record in history(daemon)))
                self.wait_for(lambda: not log_files_hold(place / "state", OLD_CODE))
                self.assertEqual(answers(daemon), kept)
                versions = [(record["version"], record["shrunk"]) for record in history(daemon) if record.get("hpr_number") == 1002]
                self.assertEqual(versions, [("2024-01-10T11:00:00", True), ("2024-01-11T11:00:00", True), ("2024-03-05T08:00:00", False)])
                self.assertIn("applied, shrunk", run("doctor", "--address", daemon.address, 1002, "--history").stdout)
                self.assertEqual(json.loads(run("audit", "--address", daemon.address, "--output", "json").stdout)["difference_count"], 0)
                daemon.process.send_signal(signal.SIGTERM)
                daemon.process.wait(timeout=60)
                said = daemon.stderr()
                self.assertIn("retention: 2 versions of persons superseded before 2024-04-", said)
                self.assertNotIn("1002", said)
            with Daemon(place / "state", "--input", place / "in") as daemon:
                self.assertEqual(answers(daemon), kept)


if __name__ == "__main__":
    unittest.main()
