#!/usr/bin/env python3
"""flosync beside the programs of rivals/, on the same broker and the same records: `./dev bench --rivals`.

Both are started on full topics and timed until everything has taken effect. Then single doctors become specialists and cease
to be, one after the other, and the time from the record to the nation's figure is taken. See rivals/README.md.
"""

import argparse
import collections
import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

from processes import (KAFKA_BENCH, PERSONS, ROOT, TOPICS, Broker, Daemon, StatusClient, cpu_seconds, kafka_bench, machine,
                       memory_mib, run, table)

RIVAL = ROOT / "tests" / "bench" / "rivals" / "kafka-streams"
BUILT = ROOT / "build" / "rivals" / "kafka-streams"
DEFINITION = "nki-gp-specialist/3.0"
NATION = ("nation", "NO")
PATIENCE_S = 1800
CHANGE_PATIENCE_S = 300
QUIET_S = 5
Settings = collections.namedtuple("Settings", "heap threads commit_interval_ms cache_mib")
BEST = Settings("512m", 2, 100, 64)
TRIED = Settings(("512m", "1g", "2g"), (1, 2), (100, 1000, 10_000), (10, 64, 256))
COLUMNS = [("name", "", ""), ("records_per_second", "records/s", ",.0f"), ("cpu_us_per_record", "CPU µs/rec", ".1f"),
           ("peak_mib", "peak MiB", ",.0f"), ("p50_ms", "change p50 ms", ".1f"), ("p99_ms", "change p99 ms", ".1f"),
           ("differences", "shares that differ", "d")]


def build():
    """Compiles the rival and fetches what it needs; gives its class path."""
    jars = BUILT / "jars"
    shutil.rmtree(jars, ignore_errors=True)  # of other versions
    subprocess.run(["mvn", "-q", "-B", "-Dstyle.color=never", "-f", str(RIVAL / "pom.xml"), f"-DbuildDirectory={BUILT}", "compile",
                    "dependency:copy-dependencies", f"-DoutputDirectory={jars}", "-DincludeScope=runtime"], check=True)
    return f"{BUILT / 'classes'}:{jars}/*"


def generate(place, distinct, records):
    """A register in which nothing unusual happens."""
    table_of_rates = run("generate", "--rates").stdout.split("\n\n")[0]
    rates = [line.split()[0] for line in table_of_rates.splitlines()[1:]]
    out = place / "register"
    options = itertools.chain.from_iterable(("--rate", f"{name}=0") for name in rates)
    run("generate", "--seed", 1, "--from", "2026-11-02", "--to", "2026-11-16", "--persons", distinct, "--records", records,
        "--out", out, *options)
    return out


class Toggles:
    """Doctors of the register who become specialists and cease to be, each change a record of its own."""

    def __init__(self, register, broker, doctors=6):
        self.persons = self.find(register, doctors)
        self.versions = itertools.count()
        self.producer = subprocess.Popen([str(KAFKA_BENCH), "send", broker.address, PERSONS], stdin=subprocess.PIPE,
                                         stdout=subprocess.DEVNULL, text=True, bufsize=1)

    @staticmethod
    def find(register, doctors):
        """Records of regular GPs who stay. Persons come before doctor periods in a load."""
        gps, persons = [], {}
        with open(register / "0001-load.ndjson", encoding="utf-8") as load:
            for line in load:
                if '"topic":"hpr.person"' in line[:40]:
                    persons[int(json.loads(line)["key"])] = line
                elif '"CodeValue":"LPFL"' in line and '"To":null' in line:
                    gps.append(json.loads(line)["value"]["HprNumber"])
                if len(gps) == 50 * doctors:
                    break
        records = [json.loads(persons[number]) for number in gps[::50]]
        return [record for record in records if any(
            approval["helsepersonellkategori"]["verdi"] == "LE" for approval in record["value"]["godkjenninger"])]

    def send(self, which, specialist):
        """Gives when it was sent."""
        record = self.persons[which % len(self.persons)]
        value = json.loads(json.dumps(record["value"]))
        seconds = next(self.versions)
        value["sistOppdatert"] = f"2026-11-20T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        general_practice = {"type": {"verdi": "1", "kodeverk": {"id": 7426}}, "periode": {"fra": "2015-01-01", "til": None}}
        for approval in value["godkjenninger"]:
            approval["spesialistgodkjenninger"] = [general_practice] if specialist else []
        text = json.dumps(value, ensure_ascii=False)
        sent = time.monotonic()
        self.producer.stdin.write(f"{record['key']}\t{text}\n")
        return sent

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.producer.stdin.close()
        self.producer.wait()


class Seen:
    """The newest shares, as they come in: {(level, area): (specialists, GPs)}."""

    def __init__(self):
        self.shares, self.changed_at = {}, {}
        self.condition = threading.Condition()

    def note(self, area, share):
        with self.condition:
            if self.shares.get(area) != share:
                self.shares[area] = share
                self.changed_at[area] = time.monotonic()
                self.condition.notify_all()

    def nation(self):
        with self.condition:
            return self.shares.get(NATION)

    def wait_for_nation(self, other_than, timeout_s):
        """When the nation's share became another one; nothing if it did not."""
        with self.condition:
            if self.condition.wait_for(lambda: self.shares.get(NATION) != other_than, timeout_s):
                return self.changed_at[NATION]
        return None

    def last_change(self):
        with self.condition:
            return max(self.changed_at.values(), default=0)


def measure_changes(seen, toggles, changes, pause_s=0.05):
    """Milliseconds from a record to the nation's figure, one change at a time."""
    took = []
    for i in range(len(toggles.persons)):
        toggles.send(i, False)
    time.sleep(QUIET_S)
    for i in range(changes):
        before = seen.nation()
        sent = toggles.send(i, (i // len(toggles.persons)) % 2 == 0)
        at = seen.wait_for_nation(before, CHANGE_PATIENCE_S)
        if at is None:
            raise RuntimeError(f"a changed doctor changed no figure within {CHANGE_PATIENCE_S} s")
        took.append((at - sent) * 1000)
        time.sleep(pause_s)
    took.sort()
    return {"p50_ms": took[len(took) // 2], "p99_ms": took[int((len(took) - 1) * 0.99)], "changes": changes}


def cost(process, records, began, ended, cpu):
    return {"records": records, "seconds": ended - began, "records_per_second": records / (ended - began),
            "cpu_us_per_record": cpu / records * 1e6, "peak_mib": memory_mib(process.pid, "VmHWM")}


def watch_flosync(client, seen):
    """Notes the nation's share as it changes, on a thread of its own."""
    messages = client.indicator_messages
    request = messages.WatchIndicatorsRequest(initial_state=True)
    request.filter.definitions.append(DEFINITION)
    request.filter.measures.append("gp_specialist_share")
    request.filter.breakdowns.append("all")
    stream = client.indicators.WatchIndicators(request)

    def read():
        try:
            for message in stream:
                for update in message.updates:
                    row = update.new_row
                    level = client.levels.Name(row.area.level).removeprefix("LEVEL_").lower()
                    seen.note((level, row.area.code), (row.numerator, row.denominator))
        except client.error:
            return  # cancelled

    threading.Thread(target=read, daemon=True).start()
    return stream


def measure_flosync(place, broker, toggles, records, changes):
    with Daemon(place / "state", "--brokers", broker.address) as daemon:
        client = StatusClient(daemon.address)
        _, at = client.wait_until(lambda s: s.records.read >= records and s.HasField("last_complete_sync"))
        figures = cost(daemon.process, records, daemon.started, at, cpu_seconds(daemon.process.pid))
        seen = Seen()
        stream = watch_flosync(client, seen)
        time.sleep(QUIET_S)
        figures.update(measure_changes(seen, toggles, changes), name="flosync")
        time.sleep(QUIET_S)
        stream.cancel()
        return figures, dict(seen.shares)


class StreamsRival:
    """The running Kafka Streams program, with a thread that reads what it publishes."""

    def __init__(self, class_path, place, broker, settings, number):
        self.output = f"shares-{number}"
        broker.create({self.output: 1})
        self.seen, self.read = Seen(), 0
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["java", f"-Xmx{settings.heap}", f"-Xms{settings.heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp",
             class_path, "flosync.rival.Main", broker.address, f"rival-{number}", self.output, str(place / f"rival-{number}"),
             str(settings.threads), str(settings.commit_interval_ms), str(settings.cache_mib << 20)],
            stdout=subprocess.PIPE, text=True)
        self.consumer = subprocess.Popen(
            ["kcat", "-C", "-u", "-q", "-b", broker.address, "-t", self.output, "-o", "beginning", "-f", "%k %s\n",
             "-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=5"], stdout=subprocess.PIPE, text=True)
        for target in (self.count, self.follow):
            threading.Thread(target=target, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=120)
        self.consumer.terminate()
        self.consumer.wait()

    def count(self):
        for line in self.process.stdout:
            self.read = int(line.split()[1])

    def follow(self):
        for line in self.consumer.stdout:
            area, share = line.split()
            level, code = area.split("/")
            self.seen.note((level, code), tuple(map(int, share.split("/"))))

    def wait_until_loaded(self, records):
        """Until all has been read and nothing has come out for a while; gives when the last came."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read < records or self.seen.nation() is None or time.monotonic() - self.seen.last_change() < QUIET_S:
            if self.process.poll() is not None:
                raise RuntimeError("the rival has ended")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the rival has read {self.read} of {records} records in {PATIENCE_S} s")
            time.sleep(0.2)
        return self.seen.last_change()


def measure_rival(class_path, place, broker, settings, number, records, changes, toggles):
    with StreamsRival(class_path, place, broker, settings, number) as rival:
        ended = rival.wait_until_loaded(records)
        figures = cost(rival.process, records, rival.began, ended, cpu_seconds(rival.process.pid))
        shares = dict(rival.seen.shares)
        if changes:
            figures.update(measure_changes(rival.seen, toggles, changes))
            time.sleep(QUIET_S)
            shares = dict(rival.seen.shares)
        figures["peak_mib"] = memory_mib(rival.process.pid, "VmHWM")
    figures["name"] = f"kafka-streams {' '.join(map(str, settings))}"
    figures["settings"] = settings._asdict()
    return figures, shares


def rate(figures):
    return figures["records_per_second"]


def sweep(measure):
    """One setting after another, each of its values with the best of the others so far; gives the figures of all."""
    tried = {}
    best = BEST
    for field in Settings._fields:
        for value in getattr(TRIED, field):
            each = best._replace(**{field: value})
            if each not in tried:
                tried[each] = measure(each, len(tried))
        best = max(tried, key=lambda settings: rate(tried[settings]))
    return list(tried.values())


def differences(ours, theirs):
    """Areas of the rival's levels whose shares are not the same; an area without GPs is as good as none."""
    levels = {level for level, _ in theirs}
    mine = {area: share for area, share in ours.items() if area[0] in levels and share[1]}
    return sum(mine.get(area) != theirs.get(area) for area in mine.keys() | {a for a, s in theirs.items() if s[1]})


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--records", type=int, default=1_000_000, help="in all (default: %(default)s)")
    options.add_argument("--distinct", type=int, default=60_000, help="persons (default: %(default)s)")
    options.add_argument("--changes", type=int, default=200, help="single changes timed (default: %(default)s)")
    options.add_argument("--sweep", action="store_true", help="look for the rival's best settings first, one after the other, without single changes")
    options.add_argument("--out", help="write all figures as JSON to this file")
    given = options.parse_args()
    class_path = build()
    results = {"machine": machine(), "runs": [], "sweep": []}
    with tempfile.TemporaryDirectory(prefix="flosync-rivals-") as directory:
        place = pathlib.Path(directory)
        register = generate(place, given.distinct, given.records)
        with Broker(place / "broker") as broker:
            broker.create(TOPICS)
            records = kafka_bench("produce", broker.address, register, "lz4")["records"]
            # The rival reads neither patient counts nor events; flosync's records are all of them.
            theirs = sum(records.get(topic, 0) for topic in ("hpr.person", "flo.contract", "flo.gp-on-contract"))
            best = BEST
            if given.sweep:
                results["sweep"] = sweep(lambda each, i: measure_rival(class_path, place, broker, each, f"sweep-{i}", theirs, 0, None)[0])
                table(results["sweep"], COLUMNS[:4])
                best = Settings(**max(results["sweep"], key=rate)["settings"])
            with Toggles(register, broker) as toggles:
                ours, our_shares = measure_flosync(place, broker, toggles, sum(records.values()), given.changes)
                toggled = given.changes + len(toggles.persons)
                rival, their_shares = measure_rival(class_path, place, broker, best, "best", theirs + toggled, given.changes,
                                                    toggles)
    rival["differences"] = differences(our_shares, their_shares)
    results["runs"] = [ours, rival]
    table(results["runs"], COLUMNS)
    for key, heading, _ in COLUMNS[1:6]:
        print(f"flosync / kafka-streams, {heading}: {ours[key] / rival[key]:.3g}")
    if given.out:
        pathlib.Path(given.out).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
