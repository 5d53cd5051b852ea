"""The daemon on a real Kafka broker: loads, goes on after kills of either, and lives through a second consumer (real broker)."""

import json
import os
import pathlib
import subprocess
import unittest

from flosync_testing import JANUARY_2024_MS, ROOT, Daemon, Workplace, merger, person, read_so_many, run, small_register

BROKER = str(ROOT / "ops" / "kafka" / "broker.sh")
TOPICS = ["hpr.person 6 cleanup.policy=compact", "flo.contract 1 cleanup.policy=compact", "flo.gp-on-contract 3",
          "flo.patient-count 1", "hpr.event 1"]
DEAD_LETTERS = "flosync.deadletter"
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

    def read_so_many(self, topic, count):
        """The first messages of a topic, as kcat describes them."""
        done = subprocess.run(["kcat", "-C", "-b", self.address, "-t", topic, "-o", "beginning", "-c", str(count), "-J"],
                              check=True, capture_output=True, text=True, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()]

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

    def test_what_cannot_be_read_goes_to_the_dead_letter_topic_once(self):
        with Workplace() as place, Broker(place) as broker:
            broker.call("topics", "create", DEAD_LETTERS, "1")
            (place / "flosync.toml").write_text(f'[dead_letters]\ntopic = "{DEAD_LETTERS}"\n', encoding="utf-8")
            options = ("--config", place / "flosync.toml", "--brokers", broker.address)
            broker.produce("hpr.person", "999000011", "this is no person", partition=2)
            broker.produce_lines(small_register())
            with Daemon(place / "state", *options) as daemon:
                daemon.wait_until(read_so_many(13))
                self.assertEqual(len(broker.read_so_many(DEAD_LETTERS, 1)), 1)
                daemon.kill()
            broker.produce("flo.contract", "1", '{"Id": ')
            with Daemon(place / "state", *options) as daemon:
                daemon.wait_until(read_so_many(14))
                letters = broker.read_so_many(DEAD_LETTERS, 2)
        headers = [dict(zip(letter["headers"][::2], letter["headers"][1::2])) for letter in letters]
        places = [[h[f"__connect.errors.{part}"] for part in ("topic", "partition", "offset")] for h in headers]
        self.assertEqual(places, [["hpr.person", "2", "0"], ["flo.contract", "0", "3"]])
        self.assertEqual([h["__connect.errors.exception.class.name"] for h in headers], ["MALFORMED_RECORD"] * 2)
        self.assertEqual([letter["payload"] for letter in letters], [None, None], "values stay where they are")

    def test_a_pause_holds_records_back_also_over_a_restart(self):
        with Workplace() as place, Broker(place) as broker:
            broker.produce_lines(small_register())
            why = ("--by", "kari", "--reason", "a mass update")
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                daemon.wait_until(read_so_many(12))
                run("sync", "pause", "--address", daemon.address, *why)
            value = json.loads(person(1002, "2024-01-12T08:00:00", 0, specialist_from="2020-01-01"))["value"]
            broker.produce("hpr.person", 1002, json.dumps(value, ensure_ascii=False))
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                status = daemon.wait_until(lambda s: s["connection"]["connected"])
                self.assertEqual((status["records"]["read"], status["paused"]["by"]), (12, "kari"))
                self.assertEqual(daemon.cells()[NATION_SHARE], ("1", "3"))
                run("sync", "resume", "--address", daemon.address, *why)
                daemon.wait_until(read_so_many(13))
                self.assertEqual(daemon.cells()[NATION_SHARE], ("2", "3"))

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

    def test_refused_records_are_read_again_from_the_broker(self):
        with Workplace() as place, Broker(place) as broker:
            broker.produce_lines(small_register())
            broker.produce_lines([merger(1001, 1002, JANUARY_2024_MS, old_number_field="hprGammel")])
            config = place / "flosync.toml"
            config.write_text('[decode]\nevent_old_number_field = "hprGammel"\n', encoding="utf-8")
            with Daemon(place / "state", "--brokers", broker.address) as daemon:
                daemon.wait_until(read_so_many(13))
                self.assertEqual(daemon.cells()[NATION_SHARE], ("1", "3"))
            with Daemon(place / "state", "--config", config, "--brokers", broker.address) as daemon:
                daemon.wait_until(lambda s: s["last_complete_sync"] and s["connection"]["connected"])
                said = run("deviations", "redrive", "--address", daemon.address, "--by", "kari", "--reason", "field renamed").stdout
                self.assertEqual(said, "1 records read again: 1 taken, 0 still refused; 0 gone\n")
                # The specialist's number stands for one who is none from here on.
                self.assertEqual(daemon.cells()[NATION_SHARE], ("0", "3"))


if __name__ == "__main__":
    unittest.main()
