"""The daemon on a real Kafka broker: loads, goes on after kills of either, and lives through a second consumer (real broker)."""

import json
import os
import pathlib
import subprocess
import unittest

from flosync_testing import ROOT, Daemon, Workplace, person, read_so_many, small_register

BROKER = str(ROOT / "ops" / "kafka" / "broker.sh")
TOPICS = ["hpr.person 6 cleanup.policy=compact", "flo.contract 1 cleanup.policy=compact", "flo.gp-on-contract 3",
          "flo.patient-count 1", "hpr.event 1"]
NATION_SHARE = ("nation", "NO", "gp_specialist_share", "all")


class Broker:
    def __init__(self, place):
        self.directory = str(place / "broker")

    def __enter__(self):
        self.call("start", "--owner", str(os.getpid()))
        self.address = "127.0.0.1:" + pathlib.Path(self.directory, "port").read_text(encoding="utf-8").strip()
        words = []
        for topic in TOPICS:
            words += [*topic.split(), "--"]
        self.call("topics", "create", *words[:-1])
        return self

    def __exit__(self, *_):
        self.call("stop")

    def call(self, command, *words):
        arguments = [BROKER, command, "--dir", self.directory, *words]
        return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=200).stdout

    def produce(self, topic, key, value, partition=0):
        # The key stands before a tab; an empty value is sent as null.
        subprocess.run(["kcat", "-P", "-b", self.address, "-t", topic, "-p", str(partition), "-K", "\t", "-Z"],
                       input=f"{key}\t{value}\n", text=True, check=True, timeout=60)

    def produce_lines(self, lines):
        for text in lines:
            record = json.loads(text)
            self.produce(record["topic"], record["key"], json.dumps(record["value"], ensure_ascii=False))


class KafkaTest(unittest.TestCase):
    def test_the_daemon_on_a_broker(self):
        with Workplace() as place, Broker(place) as broker:
            lines = small_register()
            broker.produce_lines(lines)
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                status = daemon.wait_until(lambda s: s["records"]["read"] >= 12 and all(x["caught_up"] for x in s["sources"]))
                self.assertEqual(status["records"]["applied"], 12)
                self.assertTrue(all(x["lag_records"] == 0 for x in status["sources"]), status["sources"])
                self.assertEqual(daemon.cells()[NATION_SHARE], ("1", "3"))

                # Live: one more record, one more figure.
                value = lambda text: json.dumps(json.loads(text)["value"], ensure_ascii=False)
                broker.produce("hpr.person", 1002, value(person(1002, "2024-01-12T08:00:00", 0, specialist_from="2020-01-01")))
                daemon.wait_until(read_so_many(13))
                self.assertEqual(daemon.cells()[NATION_SHARE], ("2", "3"))

                # Killed without warning, more comes meanwhile, started again: nothing twice, nothing lost.
                daemon.kill()
            broker.produce("hpr.person", 1003, value(person(1003, "2024-01-12T08:00:00", 0, specialist_from="2020-01-01")))
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                status = daemon.wait_until(read_so_many(14))
                self.assertEqual(status["records"]["skipped"], 0)
                self.assertEqual(daemon.cells()[NATION_SHARE], ("3", "3"))

                # A tombstone takes the doctor out of HPR; still a GP.
                broker.produce("hpr.person", 1003, "")
                daemon.wait_until(read_so_many(15))
                daemon.wait_until(lambda _: daemon.cells()[NATION_SHARE] == ("2", "3"))

                # The broker dies and comes back: the daemon says since when, then goes on.
                broker.call("kill9")
                daemon.wait_until(lambda s: not s["connection"]["connected"])
                self.assertEqual(daemon.cells()[NATION_SHARE], ("2", "3"), "it serves on without the broker")
                broker.call("start", "--owner", str(os.getpid()))
                daemon.wait_until(lambda s: s["connection"]["connected"], timeout_s=120)
                broker.produce("hpr.person", 1003, value(person(1003, "2024-01-13T08:00:00", 0, specialist_from="2020-01-01")))
                daemon.wait_until(read_so_many(16), timeout_s=120)
                daemon.wait_until(lambda _: daemon.cells()[NATION_SHARE] == ("3", "3"))

    def test_positions_that_are_gone_stop_the_daemon_with_the_ways_out(self):
        with Workplace() as place, Broker(place) as broker:
            broker.produce_lines(small_register())
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                daemon.wait_until(read_so_many(12))
            for _ in range(5):
                broker.produce("flo.patient-count", 1, "{}")
            broker.call("delete-records", "flo.patient-count", "0", "6")
            daemon = Daemon(place / "state", "--brokers", broker.address)
            code, said = daemon.wait_for_failure()
            self.assertEqual(code, 1)
            self.assertIn("flo.patient-count", said)
            self.assertRegex(said, "backup|rebuild|full load")


if __name__ == "__main__":
    unittest.main()
