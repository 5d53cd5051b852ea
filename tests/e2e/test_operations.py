"""What operators do to a running daemon: pause and resume, sync now, back up and restore, withdraw an edition."""

import datetime
import json
import re
import time
import unittest
import zoneinfo

from flosync_testing import (JANUARY_2024_MS, Daemon, Workplace, contract, doctor_period, read_so_many, replay, run, small_register,
                             write_lines)

WHO = ("--by", "kari", "--reason", "ticket 4711")
QUIET_S = 1.5  # several times what a followed file takes to be read


def more_lines():
    at = JANUARY_2024_MS + 86400000
    return [contract(9101, "2024-01-11T11:00:00", at), doctor_period(7101, 9101, 1001, "2024-01-11T11:00:00", at)]


def of_late(lines):
    """The same records, read sixty days ago: few months are to be made up for."""
    at = int(time.time() * 1000) - 60 * 86400000
    return [json.dumps({**json.loads(line), "timestamp": at + i}) for i, line in enumerate(lines)]


def alerts(daemon, kind):
    answer = json.loads(run("alerts", "list", "--address", daemon.address, "--kind", kind, "--output", "json").stdout)
    return [(alert["subject"], alert["status"]) for alert in answer["alerts"]]


class PauseTest(unittest.TestCase):
    def test_a_pause_survives_a_restart_and_ends_with_equal_figures(self):
        lines = small_register()
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            options = ("--input", place / "in", "--follow")
            with Daemon(place / "state", *options) as daemon:
                daemon.wait_until(lambda status: status["last_complete_sync"] and status["records"]["read"] == len(lines))
                run("sync", "pause", "--address", daemon.address, *WHO)
                write_lines(place / "in" / "a.ndjson", more_lines(), mode="a")
                time.sleep(QUIET_S)
                status = daemon.status()
                self.assertEqual(status["records"]["read"], len(lines))
                self.assertEqual((status["paused"]["by"], status["paused"]["reason"]), ("kari", "ticket 4711"))
                self.assertIn("by kari: ticket 4711", run("status", "--address", daemon.address).stdout)
                self.wait_for_alert(daemon, "ALERT_STATUS_OPEN")
                again = run("sync", "pause", "--address", daemon.address, *WHO, check=False)
                self.assertEqual((again.returncode, "SYNC_PAUSED" in again.stderr), (1, True), again.stderr)
                self.assertIn("sync paused, asked for by kari: ticket 4711", daemon.stderr())
            with Daemon(place / "state", *options) as daemon:
                time.sleep(QUIET_S)
                status = daemon.status()
                self.assertEqual(status["records"]["read"], len(lines), "a restart does not resume")
                self.assertEqual(status["paused"]["by"], "kari")
                run("sync", "resume", "--address", daemon.address, *WHO)
                status = daemon.wait_until(read_so_many(len(lines) + len(more_lines())))
                self.assertIsNone(status["paused"])
                cells = daemon.cells()
                self.wait_for_alert(daemon, "ALERT_STATUS_RESOLVED")
                nothing = run("sync", "resume", "--address", daemon.address, *WHO, check=False)
                self.assertEqual((nothing.returncode, "SYNC_NOT_PAUSED" in nothing.stderr), (1, True))
            with Daemon(place / "other", *options) as daemon:
                daemon.wait_until(read_so_many(len(lines) + len(more_lines())))
                self.assertEqual(daemon.cells(), cells)

    def wait_for_alert(self, daemon, status):
        deadline = time.monotonic() + 60
        while [("source:*", status)] != alerts(daemon, "SYNC_PAUSED"):
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.2)


class SyncNowTest(unittest.TestCase):
    def test_a_scheduled_sync_begins_at_once(self):
        lines = small_register()
        # An hour that is far away, wherever in the day the test runs.
        hour = (datetime.datetime.now(datetime.timezone.utc).hour + 12) % 24
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            config = place / "flosync.toml"
            config.write_text(f'[sync]\nmode = "scheduled"\ntimes = ["{hour:02}:30"]\n', encoding="utf-8")
            with Daemon(place / "state", "--config", config, "--input", place / "in", "--follow") as daemon:
                first = daemon.wait_until(lambda status: status["last_complete_sync"])["last_complete_sync"]
                write_lines(place / "in" / "a.ndjson", more_lines(), mode="a")
                time.sleep(QUIET_S)
                self.assertEqual(daemon.status()["records"]["read"], len(lines))
                answer = json.loads(run("sync", "now", "--address", daemon.address, *WHO, "--output", "json").stdout)
                self.assertEqual(answer["outcome"], "TRIGGER_OUTCOME_STARTED")
                daemon.wait_until(lambda status: status["records"]["read"] == len(lines) + 2 and status["last_complete_sync"] > first)

    def test_a_continuous_daemon_says_that_there_is_nothing_to_begin(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                self.assertIn("all the time", run("sync", "now", "--address", daemon.address, *WHO).stdout)


class BackupTest(unittest.TestCase):
    def test_a_backup_under_load_is_restored_and_goes_on_to_the_same_state(self):
        lines = of_late(small_register(lists=1000))
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            write_lines(place / "in" / "b.ndjson", ["no record"])
            config = place / "flosync.toml"
            config.write_text(f'[sync]\ncommit_max_records = 5\n[backup]\ndirectory = "{place}/backups"\nkept_backups = 2\n',
                              encoding="utf-8")
            with Daemon(place / "state", "--config", config, "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(100))
                made = json.loads(run("backup", "--address", daemon.address, *WHO, "--output", "json").stdout)["backup"]
                self.assertIsNone(daemon.status()["last_complete_sync"], "the load was to be under way still")
                status = daemon.wait_until(self.all_months_made)
                self.assertEqual(status["records"]["read"], len(lines) + 1)
                self.assertEqual(status["latest_backup"], made)
                token = re.search(r"--resume-token (\S+)", self.watch(daemon, "--initial-state").stderr).group(1)
                refused = run("restore", "--from", place / "backups", "--state", place / "state", check=False)
                self.assertEqual((refused.returncode, "empty" in refused.stderr), (1, True))
                self.assertIn("backup, asked for by kari: ticket 4711", daemon.stderr())
            said = run("restore", "--from", place / "backups", "--state", place / "restored").stdout
            self.assertIn(f"revision  {made['revision']}", re.sub(" +", "  ", said))
            with Daemon(place / "restored", "--config", config, "--input", place / "in") as daemon:
                daemon.wait_until(self.all_months_made)
                status = daemon.status()
                self.assertEqual(status["records"]["read"], len(lines) + 1)
                self.assertNotEqual(status["store_epoch"], made["store_epoch"])
                self.assertIn("STORE_EPOCH_CHANGED", self.watch(daemon, "--resume-token", token, check=False).stderr)
            self.assertEqual(replay(place / "in", place / "restored"), replay(place / "in", place / "state"))
            letters = [(place / state / "deadletter.ndjson").read_text().count('"line:') for state in ("state", "restored")]
            self.assertEqual(letters[0], letters[1])

    @staticmethod
    def watch(daemon, *options, check=True):
        return run("watch", "--address", daemon.address, "--count", 1, *options, check=check)

    @staticmethod
    def all_months_made(status):
        latest = status["latest_snapshot"]
        # A month is closed six hours after it has begun.
        closed = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Oslo")) - datetime.timedelta(hours=6)
        return status["last_complete_sync"] and latest and latest["reference_date"] == closed.date().replace(day=1).isoformat()


class WithdrawTest(unittest.TestCase):
    def test_an_edition_that_is_withdrawn_is_exported_with_a_warning_only(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", of_late(small_register()))
            with Daemon(place / "state", "--input", place / "in") as daemon:
                month = daemon.wait_until(BackupTest.all_months_made)["latest_snapshot"]["reference_date"]
                which = ("--address", daemon.address, "--reference-date", month)
                before = run("snapshot", "export", *which)
                self.assertNotIn("WARNING", before.stderr)
                run("snapshot", "withdraw", *which, "--edition", 1, *WHO)
                after = run("snapshot", "export", *which, "--edition", 1)
                self.assertEqual(after.stdout, before.stdout)
                self.assertRegex(after.stderr, f"WARNING: snapshot {month} edition 1 was withdrawn at .* by kari: ticket 4711")
                latest = run("snapshot", "export", *which, check=False)
                self.assertEqual((latest.returncode, latest.stdout, "SNAPSHOT_WITHDRAWN" in latest.stderr), (1, "", True))
                listed = run("snapshot", "list", "--address", daemon.address, "--output", "csv").stdout.splitlines()
                self.assertEqual([line.split(",")[0] for line in listed[1:] if line.split(",")[5]], [month])


if __name__ == "__main__":
    unittest.main()
