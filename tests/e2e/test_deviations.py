"""Deviations from the record that raises one to the person who decides on it (R22, A14)."""

import csv
import datetime
import json
import subprocess
import sys
import unittest

from flosync_testing import (JANUARY_2024_MS, REFERENCE, Daemon, Workplace, contract, merger, nasty_history, read_so_many,
                             replay, run, rows, small_register, write_lines)

WHO = ("--by", "kari", "--reason", "ticket 4711")
# The decoder is mended by its configuration: how an event names the number that goes out.
MENDED = '[decode]\nevent_old_number_field = "hprGammel"\n'

OF_STATE = {"UNKNOWN_MUNICIPALITY", "AMBIGUOUS_MUNICIPALITY", "MISSING_BIRTH_DATE", "DOCTOR_NOT_IN_HPR",
            "DOCTOR_PERIOD_WITHOUT_CONTRACT", "MERGE_CYCLE", "MERGED_NUMBER_IN_USE", "CAPS_EXCEED_POPULATION"}


def bad_contract(number, timestamp_ms):
    return contract(number, "2024-01-11T11:00:00", timestamp_ms).replace('"To": null', '"To": "2000-01-01T00:00:00"')


def listed(daemon, *options):
    text = run("deviations", "list", "--address", daemon.address, "--output", "csv", *options).stdout
    return {row["entity"]: row for row in csv.DictReader(text.splitlines())}


def recompute(source, out):
    subprocess.run([sys.executable, str(REFERENCE / "recompute.py"), "--input", str(source), "--export", str(out),
                    "--measures", "list_count", "--editions", "first"], check=True, stdout=subprocess.DEVNULL)


class DeviationsTest(unittest.TestCase):
    def test_mended_decided_on_and_back_again(self):
        with Workplace() as place:
            file = place / "in" / "a.ndjson"
            lines = small_register() + [bad_contract(9001, JANUARY_2024_MS + 10**5), bad_contract(9002, JANUARY_2024_MS + 10**5),
                                        bad_contract(9999, JANUARY_2024_MS + 10**5)]
            write_lines(file, lines)
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(read_so_many(15))
                found = listed(daemon)
                self.assertEqual({(e, r["code"], r["status"], r["priority"]) for e, r in found.items()},
                                 {("contract:9001", "INVALID_PERIOD", "open", "high"),
                                  ("contract:9002", "INVALID_PERIOD", "open", "high"),
                                  ("contract:9999", "INVALID_PERIOD", "open", "normal")})
                identity = found["contract:9002"]["id"]
                # Mended at the source.
                write_lines(file, [contract(9001, "2024-01-12T11:00:00", JANUARY_2024_MS + 2 * 10**5)], "a")
                daemon.wait_until(read_so_many(16))
                self.assertEqual(set(listed(daemon, "--status", "open")), {"contract:9002", "contract:9999"})
                # Decided by a person.
                decide = ("deviations", "ignore", identity, "--by", "kari", "--address", daemon.address)
                refused = run(*decide, "--reason", "gjelder 12837520264", check=False)
                self.assertEqual(refused.returncode, 2)
                self.assertNotIn("12837520264", refused.stderr)
                run(*decide, "--reason", "kjent feil, sak 4711")
                self.assertEqual(listed(daemon)["contract:9002"]["status"], "ignored")
                self.assertEqual(daemon.status()["deviations"], [{"code": "INVALID_PERIOD", "count": 1}])
                self.assertEqual(daemon.kill(), -9)
            write_lines(file, [bad_contract(9002, JANUARY_2024_MS + 3 * 10**5)], "a")
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(read_so_many(17))
                shown = json.loads(run("deviations", "show", identity, "--address", daemon.address, "--output", "json").stdout)
                self.assertEqual((shown["status"], shown["count"]), ("DEVIATION_STATUS_OPEN", 2), "occurring again opens it")
                self.assertEqual(shown["decision"]["reason"], "kjent feil, sak 4711", "what was decided outlives a kill")

    def test_the_export_is_that_of_the_recomputation(self):
        def comparable(path):
            return [{name: value for name, value in row.items() if name not in ("priority", "detail")}
                    for row in rows(path) if row["code"] not in OF_STATE]
        resolved = 0
        for seed in (6, 7):
            with self.subTest(seed=seed), Workplace() as place:
                nasty_history(seed, place / "in", "--months", "3")
                nasty_history(seed, place / "mixed", "--months", "3", "--interleave", str(seed))
                for source, batch in (("in", 1000), ("in", 3), ("mixed", 7)):
                    recompute(place / source, place / ("expected-" + source))
                    expected = comparable(place / ("expected-" + source) / "deviations.csv")
                    out = place / f"{source}-{batch}"
                    replay(place / source, place / f"state-{source}-{batch}", out, "--batch-records", batch)
                    self.assertEqual(comparable(out / "deviations.csv"), expected)
                    resolved += sum(row["status"] == "resolved" for row in expected)
        self.assertGreater(resolved, 10)


def redrive(daemon):
    answer = json.loads(run("deviations", "redrive", "--address", daemon.address, *WHO, "--output", "json").stdout)
    return tuple(answer[name] for name in ("read_again", "taken", "still_refused", "gone"))


def surviving_number(daemon, *options):
    text = run("doctor", 1001, "--address", daemon.address, "--output", "json", *options).stdout
    return json.loads(text)["doctor"]["surviving_hpr_number"]


class RedriveTest(unittest.TestCase):
    def test_what_a_mended_decoder_takes_takes_effect_where_it_stood(self):
        with Workplace() as place:
            lines = small_register() + [merger(1001, 1002, JANUARY_2024_MS + 10**5, old_number_field="hprGammel"),
                                        bad_contract(9001, JANUARY_2024_MS + 10**5), "no record"]
            write_lines(place / "in" / "a.ndjson", lines)
            config = place / "flosync.toml"
            config.write_text(MENDED, encoding="utf-8")
            read = ("--input", place / "in", "--follow")
            with Daemon(place / "state", *read) as daemon:
                daemon.wait_until(read_so_many(len(lines)))
                self.assertEqual(redrive(daemon), (2, 0, 2, 0), "nothing is mended yet; a line without a record has no place")
                self.assertEqual(listed(daemon)["record:hpr.event/0/0"]["status"], "open")
                said = daemon.stderr()
                self.assertIn("refused records read again, asked for by kari: ticket 4711", said)
                self.assertIn("refused records: 2 read again, 0 taken, 2 still refused, 0 gone", said)
                self.assertEqual(surviving_number(daemon), 1001)
            with Daemon(place / "state", "--config", config, *read) as daemon:
                daemon.wait_until(lambda status: status["last_complete_sync"])
                before = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
                self.refuses_while_paused(daemon)
                self.assertEqual(redrive(daemon), (2, 1, 1, 0))
                found = {entity: row["status"] for entity, row in listed(daemon).items() if entity.startswith(("record", "contract"))}
                self.assertEqual(found, {"record:hpr.event/0/0": "resolved", "contract:9001": "open"})
                self.assertEqual(surviving_number(daemon), 1002)
                self.assertEqual(surviving_number(daemon, "--known-at", before), 1001, "what was known then stays")
                history = run("doctor", 1001, "--address", daemon.address, "--history").stdout
                self.assertRegex(history, r"2024-01-10 .* hpr\.event/0/0 +person:1001 +merge, learnt 20")
                records = daemon.status()["records"]
                self.assertEqual(daemon.kill(), -9)
            with Daemon(place / "state", "--config", config, *read) as daemon:
                daemon.wait_until(lambda status: status["last_complete_sync"])
                self.assertEqual(redrive(daemon), (1, 0, 1, 0))
                cells, again = daemon.cells(), daemon.status()["records"]
            self.assertEqual(again, records, "what was taken outlives a kill")
            # As if the decoder had been right from the beginning.
            with Daemon(place / "fresh", "--config", config, *read) as daemon:
                status = daemon.wait_until(read_so_many(len(lines)))
                self.assertEqual(status["records"], records)
                self.assertEqual(daemon.cells(), cells)

    def refuses_while_paused(self, daemon):
        run("sync", "pause", "--address", daemon.address, *WHO)
        refused = run("deviations", "redrive", "--address", daemon.address, *WHO, check=False)
        self.assertEqual((refused.returncode, "SYNC_PAUSED" in refused.stderr), (1, True))
        run("sync", "resume", "--address", daemon.address, *WHO)

    def test_a_record_whose_file_is_away_is_gone(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", [bad_contract(9001, JANUARY_2024_MS)])
            write_lines(place / "in" / "b.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(read_so_many(13))
                self.assertEqual(redrive(daemon), (1, 0, 1, 0))
                (place / "in" / "a.ndjson").unlink()
                self.assertEqual(redrive(daemon), (0, 0, 0, 1))


if __name__ == "__main__":
    unittest.main()
