"""Watch streams from another language: many consumers, random filters, disconnects and resumes at random places, a daemon that
is stopped and killed meanwhile, a feed that is trimmed. No gap, no repeat, and every mirror is the server's state."""

import random
import signal
import sys
import time
import unittest

import grpc

from flosync_testing import (JANUARY_2024_MS, Daemon, Workplace, contract, doctor_period, patient_count, person, write_lines)
from stubs import import_stubs
from watching import Consumer, Stream, row_bytes

import_stubs()
from flosync.v1 import (alert_service_pb2, alert_service_pb2_grpc, common_pb2, doctor_service_pb2, doctor_service_pb2_grpc,
                        indicator_service_pb2, indicator_service_pb2_grpc)

CONSUMERS = {"indicators": 48, "alerts": 8, "doctors": 8}
LISTS = 240
COMMITS = 3000  # a record each, written as fast as WRITTEN_A_SECOND says
WRITTEN_A_SECOND = 150
LEAST_RECONNECTS = 500
CONFIG = """
[sync]
commit_max_records = 1
[feed]
retention_mib = 1
[streams]
max_streams_per_client = 200
"""
QUICKLY = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200), ("grpc.min_reconnect_backoff_ms", 50)]
PURPOSE = [("flosync-purpose", "test of the streams")]


class Register:
    """A register and what happens to it: every line changes some figure, alert or doctor."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.at = JANUARY_2024_MS
        self.second = 0
        self.numbers = ["0301", "4601", "5001", "1103", "3301", "3401", "4204", "5501", "1508", "4001", "3907", "3105"]

    def clock(self):
        self.at += 1000
        self.second += 1
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(JANUARY_2024_MS // 1000 + self.second)), self.at

    def first(self):
        lines = []
        for i in range(LISTS):
            lines.append(contract(9001 + i, *self.clock(), municipality=self.numbers[i % len(self.numbers)]))
            lines.append(doctor_period(7001 + i, 9001 + i, 1001 + i, *self.clock()))
            lines.append(person(1001 + i, *self.clock(), specialist_from="2015-01-01" if i % 2 else None))
            lines.append(patient_count(9001 + i, 900 + i, *self.clock()))
        return lines

    def next(self):
        i = self.dice.randrange(LISTS)
        kind = self.dice.randrange(5)
        if kind == 0:
            return patient_count(9001 + i, self.dice.randint(400, 1500), *self.clock())
        if kind == 1:
            return contract(9001 + i, *self.clock(), municipality=self.dice.choice(self.numbers))
        if kind == 2:
            until = self.dice.choice([None, "2023-05-01"])
            return doctor_period(7001 + i, 9001 + i, 1001 + i, *self.clock(), until=until)
        return person(1001 + i, *self.clock(), born=f"{self.dice.randint(1950, 1990)}-01-01",
                      specialist_from=self.dice.choice(["2015-01-01", None]))


class Goal:
    revision = None


class StreamsTest(unittest.TestCase):
    def streams(self, channel):
        indicators = indicator_service_pb2_grpc.IndicatorServiceStub(channel)
        alerts = alert_service_pb2_grpc.AlertServiceStub(channel)
        doctors = doctor_service_pb2_grpc.DoctorServiceStub(channel)

        def figure_key(row):
            return (row.definition, row.area.level, row.area.code, row.measure, row.breakdown)

        def figures(asked):
            answer = indicators.QueryIndicators(
                indicator_service_pb2.QueryIndicatorsRequest(filter=asked, page_size=10000), timeout=60)
            assert not answer.next_page_token
            return answer.revision, {figure_key(row): row_bytes(row) for row in answer.rows}

        def all_alerts(asked):
            answer = alerts.ListAlerts(alert_service_pb2.ListAlertsRequest(filter=asked, page_size=1000), timeout=60)
            assert not answer.next_page_token
            return answer.revision, {alert.alert_id: row_bytes(alert) for alert in answer.alerts}

        def all_doctors(asked):
            """There is no question for all: the initial state of a stream of its own."""
            call = doctors.WatchDoctors(doctor_service_pb2.WatchDoctorsRequest(filter=asked, initial_state=True), timeout=60,
                                        metadata=PURPOSE)
            found = {}
            for message in call:
                found.update((update.new_status.hpr_number, row_bytes(update.new_status)) for update in message.updates)
                if message.revision_complete:
                    call.cancel()
                    return message.revision, found

        watch_doctors = lambda request, timeout: doctors.WatchDoctors(request, timeout=timeout, metadata=PURPOSE)
        return {
            "indicators": Stream("indicators", indicators.WatchIndicators, indicator_service_pb2.WatchIndicatorsRequest,
                                 "old_row", "new_row", figure_key, figures),
            "alerts": Stream("alerts", alerts.WatchAlerts, alert_service_pb2.WatchAlertsRequest, "old_alert", "new_alert",
                             lambda alert: alert.alert_id, all_alerts),
            "doctors": Stream("doctors", watch_doctors, doctor_service_pb2.WatchDoctorsRequest, "old_status", "new_status",
                              lambda status: status.hpr_number, all_doctors)}

    def random_filter(self, name, dice, register):
        if name == "alerts":
            return alert_service_pb2.AlertFilter(kinds=dice.choice([[], ["LIST_UNSTAFFED"], ["NO_FREE_PLACES"]]))
        if name == "doctors":
            numbers = dice.choice([[], dice.sample(range(1001, 1001 + LISTS), 40)])
            return doctor_service_pb2.DoctorFilter(hpr_numbers=numbers)
        measure = dice.choice(["gp_count", "persons_listed", "gp_specialist_share"])
        return indicator_service_pb2.IndicatorFilter(**dice.choice([
            {"area_codes": dice.sample(register.numbers, 1)},
            {"area_codes": dice.sample(register.numbers, 2), "measures": [measure]},
            {"levels": [common_pb2.LEVEL_NATION], "measures": [measure]},
            {"levels": [common_pb2.LEVEL_COUNTY], "measures": ["gp_specialist_share"]}]))

    def consumers(self, channel, register, goal):
        dice = random.Random(64)
        streams = self.streams(channel)
        places = self.places(channel, streams["indicators"].key)
        return [Consumer(streams[name], self.random_filter(name, dice, register), dice.random(), goal,
                         places if name == "indicators" else None)
                for name, count in CONSUMERS.items() for _ in range(count)]

    def places(self, channel, key):
        """Where each figure stands in canonical order."""
        stub, request, places = indicator_service_pb2_grpc.IndicatorServiceStub(channel), None, {}
        while request is None or request.page_token:
            request = indicator_service_pb2.QueryIndicatorsRequest(page_size=10000, page_token=request.page_token if request else "")
            answer = stub.QueryIndicators(request, timeout=60)
            for row in answer.rows:
                places[key(row)] = len(places)
            request.page_token = answer.next_page_token
        return places

    def feed(self, place, register, daemon, restart):
        """Writes what happens for a while, stops and kills the daemon meanwhile. Gives lines written and the daemon."""
        written = 0
        began = time.monotonic()
        ends = [(0.3, signal.SIGKILL), (0.55, signal.SIGTERM), (0.8, signal.SIGKILL)]
        while written < COMMITS:
            write_lines(place / "in" / "a.ndjson", [register.next() for _ in range(60)], "a")
            written += 60
            time.sleep(max(0.0, written / WRITTEN_A_SECOND - (time.monotonic() - began)))
            if ends and written > ends[0][0] * COMMITS:
                daemon.stop(ends.pop(0)[1])
                daemon = restart()
        return written, daemon

    def test_no_gap_and_no_repeat_through_disconnects_restarts_and_trimming(self):
        register, goal = Register(1), Goal()
        with Workplace() as place:
            (place / "flosync.toml").write_text(CONFIG, encoding="utf-8")
            options = ["--input", place / "in", "--follow", "--config", place / "flosync.toml"]
            first = register.first()
            write_lines(place / "in" / "a.ndjson", first)
            daemon = Daemon(place / "state", *options)
            restart = lambda: Daemon(place / "state", *options, listen=daemon.address)
            with grpc.insecure_channel(daemon.address, options=QUICKLY) as channel:
                loaded = daemon.wait_until(lambda s: s["last_complete_sync"] and s["records"]["read"] == len(first), 600)
                consumers = self.consumers(channel, register, goal)
                for consumer in consumers:
                    consumer.start()
                began = time.monotonic()
                written, last = self.feed(place, register, daemon, restart)
                ended = last.wait_until(lambda s: s["records"]["read"] == len(first) + written, 600)
                commits, seconds = ended["revision"] - loaded["revision"], time.monotonic() - began
                time.sleep(1)  # whatever the clock does besides
                goal.revision = last.status()["revision"]
                for consumer in consumers:
                    consumer.join(timeout=300)
                last.stop()
        self.judge(consumers, commits, seconds)

    def judge(self, consumers, commits, seconds):
        broken = [f"{consumer}: {consumer.broken}" for consumer in consumers if consumer.broken]
        self.assertEqual(broken, [])
        self.assertEqual([str(consumer) for consumer in consumers if consumer.is_alive()], [], "have not reached the end")
        totals = {name: sum(getattr(c, name) for c in consumers) for name in ("messages", "reconnects", "expired")}
        totals["compared"] = sum(c.mirror.compared for c in consumers)
        print(f"{commits / seconds:.0f} commits/s, {totals}", file=sys.stderr)
        self.assertGreaterEqual(totals["reconnects"], LEAST_RECONNECTS)
        self.assertGreater(totals["compared"], 2 * len(consumers))
        self.assertGreater(totals["expired"], 0, "the feed was trimmed")
        self.assertGreaterEqual(commits, COMMITS)


if __name__ == "__main__":
    unittest.main()
