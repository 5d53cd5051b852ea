"""kill -9 at any moment, started again: the same export, nothing twice, nothing lost; every commit synced to the disk."""

import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

from flosync_testing import BINARY, Daemon, Workplace, exported, generate, nasty_history, read_so_many, replay, run

KILLS = int(os.environ.get("FLOSYNC_KILLS", "22"))


def count_lines(directory):
    return sum(1 for path in pathlib.Path(directory).iterdir()
               for text in path.read_text(encoding="utf-8", errors="replace").split("\n") if text.strip())


def replay_arguments(place, state, batch=20):
    return [BINARY, "replay", "--input", str(place / "in"), "--state", str(state), "--batch-records", str(batch)]


class ReplayKilledTest(unittest.TestCase):
    def test_same_export_after_kills_from_the_first_commit_to_the_last(self):
        with Workplace() as place:
            nasty_history(5, place / "in")
            began = time.monotonic()
            digest = replay(place / "in", place / "whole", place / "want", "--batch-records", 20)
            duration = time.monotonic() - began
            for kill in range(KILLS):
                state = place / f"killed{kill}"
                self.kill_at(place, state, (kill + 0.5) / KILLS, duration)
                out = place / f"got{kill}"
                self.assertEqual(replay(place / "in", state, out, "--batch-records", 20), digest, f"kill {kill}")
                self.assertEqual(exported(out), exported(place / "want"), f"kill {kill}")

    def kill_at(self, place, state, share, duration):
        """Kills a replay at this share of its duration; one that was quicker than thought is begun again and killed earlier."""
        for attempt in range(8):
            shutil.rmtree(state, ignore_errors=True)
            process = subprocess.Popen(replay_arguments(place, state), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(duration * share * 0.8**attempt)
            process.send_signal(signal.SIGKILL)
            if process.wait() == -signal.SIGKILL:
                return
        self.fail("no kill met a running replay")

    def test_killed_again_and_again_on_one_state(self):
        with Workplace() as place:
            nasty_history(6, place / "in")
            digest = replay(place / "in", place / "whole", place / "want", "--batch-records", 5)
            random_moment = random.Random(6)
            for _ in range(KILLS):
                process = subprocess.Popen(replay_arguments(place, place / "state", 5), stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                time.sleep(random_moment.uniform(0.02, 0.3))
                process.kill()
                process.wait()
            self.assertEqual(replay(place / "in", place / "state", place / "got"), digest)
            self.assertEqual(exported(place / "got"), exported(place / "want"))


class ServeKilledTest(unittest.TestCase):
    def test_nothing_applied_twice_and_nothing_lost(self):
        with Workplace() as place:
            generate(place / "in", "--seed", 3, "--from", "2023-10-01", "--to", "2023-12-01", "--scale", "0.1")
            lines = count_lines(place / "in")
            config = place / "flosync.toml"
            config.write_text("[sync]\ncommit_max_records = 1\n", encoding="utf-8")
            with Daemon(place / "calm", "--input", place / "in", "--config", config) as daemon:
                calm = daemon.wait_until(read_so_many(lines))
                want = daemon.cells()
            random_moment = random.Random(3)
            seen = []
            for _ in range(KILLS):
                daemon = Daemon(place / "state", "--input", place / "in", "--config", config)
                time.sleep(random_moment.uniform(0.0, 0.05))
                seen.append(daemon.status()["records"]["read"])
                daemon.kill()
            self.assertGreaterEqual(len({read for read in seen if read < lines}), KILLS // 2, f"kills must meet the load: {seen}")
            with Daemon(place / "state", "--input", place / "in", "--config", config) as daemon:
                status = daemon.wait_until(read_so_many(lines))
                self.assertEqual(status["records"], calm["records"])
                counts = status["records"]
                self.assertEqual(counts["read"], lines)
                self.assertEqual(sum(v for k, v in counts.items() if k != "read"), lines)
                self.assertEqual(daemon.cells(), want)


class SyncTest(unittest.TestCase):
    def test_a_sync_for_every_commit(self):
        with Workplace() as place:
            nasty_history(8, place / "in")
            trace = place / "trace"
            batch = 10
            done = subprocess.run(["strace", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace),
                                   *replay_arguments(place, place / "state", batch)], capture_output=True, text=True, check=True)
            records = int(re.search(r"records read: (\d+)", done.stdout).group(1))
            synced_logs = len(re.findall(r"f(?:data)?sync\(\d+<[^>]*\.log>\)", trace.read_text(encoding="utf-8", errors="replace")))
            self.assertGreaterEqual(synced_logs, records // batch, "each commit must reach the disk before the next begins")


if __name__ == "__main__":
    unittest.main()
