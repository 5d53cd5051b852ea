"""Alerts and deviations of state through the shipped program (R22, R23, A14)."""

import csv
import json
import os
import sys
import unittest

from flosync_testing import (JANUARY_2024_MS, REFERENCE, Daemon, Workplace, contract, doctor_period, nasty_history, person, replay,
                             rows, run, small_register, write_lines)

sys.path.insert(0, str(REFERENCE))
import calendar_oslo  # noqa: E402
import deviations  # noqa: E402
import geography  # noqa: E402
import recompute  # noqa: E402
import register  # noqa: E402

HISTORIES = int(os.environ.get("FLOSYNC_HISTORIES", "12"))
STATE_CODES = {"UNKNOWN_MUNICIPALITY", "AMBIGUOUS_MUNICIPALITY", "MISSING_BIRTH_DATE", "DOCTOR_NOT_IN_HPR",
               "DOCTOR_PERIOD_WITHOUT_CONTRACT", "MERGE_CYCLE", "MERGED_NUMBER_IN_USE", "CAPS_EXCEED_POPULATION"}


def state_rows(path):
    return {(r["code"], r["entity"], r["first_seen"]) for r in rows(path) if r["code"] in STATE_CODES}


def by_the_reference(source):
    records = recompute.read_records(source)
    end = recompute.span(records)[1]
    facts = register.Facts(register.Known(recompute.build_register(records)), calendar_oslo.day_of_instant(end), end + 1)
    found = deviations.state_deviations(facts, geography.Geography())
    return {(code, entity, calendar_oslo.format_instant(end)) for code, entity in found}


class StateDeviationsTest(unittest.TestCase):
    def test_random_histories_equal_the_independent_computation(self):
        for seed in range(500, 500 + HISTORIES):
            with self.subTest(seed=seed), Workplace() as place:
                nasty_history(seed, place / "in")
                for records in (7, 1000):
                    out = place / f"out{records}"
                    replay(place / "in", place / f"state{records}", out, "--batch-records", records)
                    self.assertEqual(state_rows(out / "deviations.csv"), by_the_reference(str(place / "in")))

    def test_have_no_position_and_the_times_of_the_end(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", [contract(9001, "2024-01-10T11:00:00", JANUARY_2024_MS, municipality="9999")])
            replay(place / "in", place / "state", place / "out")
            [row] = rows(place / "out" / "deviations.csv")
            row.pop("detail")
            self.assertEqual(row, {"code": "UNKNOWN_MUNICIPALITY", "priority": "normal", "entity": "contract:9001", "topic": "",
                                   "partition": "", "offset": "", "first_seen": "2024-01-10T10:00:00.000Z",
                                   "last_seen": "2024-01-10T10:00:00.000Z", "count": "1", "status": "open"})


class AlertsTest(unittest.TestCase):
    def alerts(self, daemon, *options):
        text = run("alerts", "list", "--address", daemon.address, "--output", "csv", *options).stdout
        return {(r["kind"], r["subject"]): r for r in csv.DictReader(text.splitlines())}

    def test_are_listed_shown_and_there_after_a_restart(self):
        with Workplace() as place:
            lines = small_register(2)
            lines.append(contract(9009, "2024-01-10T11:00:00", JANUARY_2024_MS, municipality="4601"))
            lines.append(person(1009, "2024-01-10T11:00:00", JANUARY_2024_MS, born="1950-01-01"))
            write_lines(place / "in" / "a.ndjson", lines)
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(lambda status: status["records"]["read"] == len(lines) and status["last_complete_sync"])
                first = self.alerts(daemon, "--status", "open")
                unstaffed = first["LIST_UNSTAFFED", "contract:9009"]
                self.assertEqual((unstaffed["severity"], unstaffed["since"], unstaffed["covered"]), ("critical", "2010-01-01", "false"))
                self.assertIn(("LIST_UNCOVERED", "contract:9009"), first)
                self.assertIn(("MUNICIPALITY_WITHOUT_GP", "municipality:4601"), first)
                self.assertNotIn(("LIST_UNSTAFFED", "contract:9001"), first)
                shown = json.loads(run("alerts", "show", unstaffed["alert_id"], "--address", daemon.address, "--output", "json").stdout)
                self.assertEqual(shown["subject"], "contract:9009")
            lines = [doctor_period(7009, 9009, 1009, "2024-01-11T11:00:00", JANUARY_2024_MS + 86400000)]
            write_lines(place / "in" / "b.ndjson", lines)
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(lambda status: status["holdings"]["doctor_periods"] == 3)
                self.assertNotIn(("LIST_UNSTAFFED", "contract:9009"), self.alerts(daemon, "--status", "open"))
                resolved = self.alerts(daemon, "--status", "resolved", "--kind", "LIST_UNSTAFFED")
                self.assertEqual(resolved["LIST_UNSTAFFED", "contract:9009"]["alert_id"], unstaffed["alert_id"])


if __name__ == "__main__":
    unittest.main()
