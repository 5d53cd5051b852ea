#!/usr/bin/env python3
"""Ingest of the whole daemon from a real broker, beside what bounds it: `./dev bench --ingest`.

For each number of distinct persons and each codec a broker of its own is filled with a synthetic register whose persons
are sent until there are so many person records. Then, one after the other, on the same topics:

  consume        a bare librdkafka consumer of hpr.person
  consume+parse  the same with simdjson: on the polling thread, and on one of its own; the better one counts
  flosync        `flosync serve`, from its start until every record has taken effect and is on disk
  puts alone     the entries of flosync's own store written again in batches of the same size, each synced

A ceiling's rate is of person records; flosync's is of all records, of which persons are nearly all.

With --keep DIR filled brokers stay in DIR and are found there the next time: another flosync (FLOSYNC_BINARY=PATH) reads the
very same records at once. --quick leaves out what takes time beside loading: rest, restart, puts alone. --sweep shows the ceilings
at other settings, of the first topics alone.
"""

import argparse
import itertools
import json
import pathlib
import shutil
import tempfile
import time

from processes import (PERSONS, TOPICS, Broker, Daemon, StatusClient, busy_seconds, cpu_seconds, disk_mib, kafka_bench, machine,
                       memory_mib, run, table)

COMMIT_RECORDS = 20_000  # sync.commit_max_records as shipped
REST_S = 20
PARSED = ("inline", "thread")
CONSUMER_TRIED = ("queued.max.messages.kbytes=262144", "queued.max.messages.kbytes=65536", "queued.max.messages.kbytes=16384",
                  "fetch.message.max.bytes=262144", "fetch.message.max.bytes=4194304", "fetch.message.max.bytes=16777216",
                  "queued.min.messages=100000", "fetch.wait.max.ms=10")
COMMITS_TRIED = (1000, 5000, 20_000, 100_000)
OTHER_RECORDS = 25_000  # lists, doctor periods and counts of a national register
COLUMNS = [("name", "persons/codec", ""), ("records", "records", ",d"), ("records_per_second", "flosync/s", ",.0f"),
           ("consume_per_second", "consume/s", ",.0f"), ("parse_per_second", "+parse/s", ",.0f"),
           ("puts_per_second", "puts alone/s", ",.0f"), ("ratio_parse", "of +parse", ".0%"), ("ratio_puts", "of puts", ".0%"),
           ("cpu_us_per_record", "CPU µs/rec", ".1f"), ("parse_cpu_us_per_record", "+parse CPU µs/rec", ".1f"),
           ("others_cpus", "others' CPUs", ".2f"),
           ("peak_mib", "peak MiB", ",.0f"), ("resting_mib", "resting MiB", ",.0f"), ("disk_mib", "disk MiB", ",.0f"),
           ("restart_s", "restart s", ".2f")]


def generate(place, distinct, person_records):
    """A register of `distinct` persons with about so many person records; gives its directory."""
    out = place / f"register-{distinct}-{person_records}"
    if not out.exists():
        unfinished = out.with_name(out.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        run("generate", "--seed", 1, "--from", "2026-11-02", "--to", "2026-11-16", "--persons", distinct,
            "--records", person_records + OTHER_RECORDS, "--out", unfinished)
        unfinished.rename(out)
    return out


def filled_broker(place, distinct, person_records, codec):
    """The directory of a broker that has the records, and what they are."""
    filled = place / f"broker-{distinct}-{person_records}-{codec}"
    told = filled / "produced.json"
    if not told.exists():
        shutil.rmtree(filled, ignore_errors=True)
        register = generate(place, distinct, person_records)
        with Broker(filled) as broker:
            broker.create(TOPICS)
            produced = kafka_bench("produce", broker.address, register, codec)
        told.write_text(json.dumps(produced), encoding="utf-8")
    return filled, json.loads(told.read_text(encoding="utf-8"))


def measure_load(state, broker, records, rest_s):
    """Loads everything, then rests; gives figures and leaves the state."""
    busy, broker_cpu = busy_seconds(), cpu_seconds(broker.pid)
    with Daemon(state, "--brokers", broker.address) as daemon:
        pid, client = daemon.process.pid, StatusClient(daemon.address)
        status, at = client.wait_until(lambda s: s.records.read >= records and s.HasField("last_complete_sync"))
        cpu, elapsed = cpu_seconds(pid), at - daemon.started
        broker_cpu = cpu_seconds(broker.pid) - broker_cpu
        others = busy_seconds() - busy - cpu - broker_cpu
        figures = {"records": status.records.read, "applied": status.records.applied, "seconds": elapsed,
                   "records_per_second": status.records.read / elapsed, "cpu_seconds": cpu,
                   "cpu_us_per_record": cpu / status.records.read * 1e6, "peak_mib": memory_mib(pid, "VmHWM"),
                   "broker_cpus": broker_cpu / elapsed, "others_cpus": others / elapsed}
        time.sleep(rest_s)
        return {**figures, "resting_mib": memory_mib(pid, "VmRSS"), "disk_mib": disk_mib(state)}


def measure_restart(state, broker):
    """From the start of the process until it answers, with the state loaded before."""
    with Daemon(state, "--brokers", broker.address) as daemon:
        return {"restart_s": daemon.ready_after_s, "restart_mib": memory_mib(daemon.process.pid, "VmRSS")}


def measure(place, distinct, person_records, codec, quick):
    filled, produced = filled_broker(place, distinct, person_records, codec)
    with Broker(filled) as broker, tempfile.TemporaryDirectory(prefix="flosync-ingest-") as directory:
        state = pathlib.Path(directory) / "state"
        bare = kafka_bench("consume", broker.address, PERSONS, "none")
        parsing = {how: kafka_bench("consume", broker.address, PERSONS, how) for how in PARSED}
        best = max(parsing.values(), key=lambda result: result["records_per_second"])
        parse = best["records_per_second"]
        figures = {"name": f"{distinct:,}/{codec}", "distinct": distinct, "codec": codec, "produced": produced, "consume": bare,
                   "parsing": parsing, "consume_per_second": bare["records_per_second"], "parse_per_second": parse,
                   "parse_cpu_us_per_record": best["cpu_us_per_record"]}
        figures.update(measure_load(state, broker, sum(produced["records"].values()), 0 if quick else REST_S))
        figures["ratio_parse"] = figures["records_per_second"] / parse
        if not quick:
            figures.update(measure_restart(state, broker))
            puts = kafka_bench("puts", state, COMMIT_RECORDS)
            figures.update(puts=puts, puts_per_second=puts["records_per_second"],
                           ratio_puts=figures["records_per_second"] / puts["records_per_second"])
    return figures


def parse_rate(broker, setting):
    """The best of three runs each way."""
    runs = [kafka_bench("consume", broker.address, PERSONS, how, setting) for how in 3 * PARSED]
    return max(runs, key=lambda result: result["records_per_second"])


def sweep(place, distinct, person_records, codec):
    """The ceilings at each of the settings tried, one at a time; the first of the consumer's is what `consume` has."""
    filled, produced = filled_broker(place, distinct, person_records, codec)
    with Broker(filled) as broker, tempfile.TemporaryDirectory(prefix="flosync-ingest-") as directory:
        rows = [{"name": f"consume+parse {setting}", **parse_rate(broker, setting)} for setting in CONSUMER_TRIED]
        state = pathlib.Path(directory) / "state"
        measure_load(state, broker, sum(produced["records"].values()), 0)
        rows += [{"name": f"puts alone, {records} records a commit", **kafka_bench("puts", state, records)} for records in COMMITS_TRIED]
    table(rows, [("name", f"{distinct:,}/{codec}", ""), ("records_per_second", "records/s", ",.0f")])
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--records", type=int, default=1_000_000, help="person records (default: %(default)s)")
    options.add_argument("--distinct", default="60000,1000000", help="distinct persons, with commas (default: %(default)s)")
    options.add_argument("--codecs", default="lz4,zstd,none", help="of the producer, with commas (default: %(default)s)")
    options.add_argument("--keep", metavar="DIR", help="keep filled brokers there, and find them there")
    options.add_argument("--quick", action="store_true", help="neither rest nor restart nor puts alone")
    options.add_argument("--sweep", action="store_true", help="the ceilings at other settings, and nothing else")
    options.add_argument("--out", help="write all figures as JSON to this file")
    given = options.parse_args()
    results = {"machine": machine(), "topics": TOPICS, "runs": []}
    with tempfile.TemporaryDirectory(prefix="flosync-registers-") as directory:
        place = pathlib.Path(given.keep or directory).absolute()
        runs = list(itertools.product(map(int, given.distinct.split(",")), given.codecs.split(",")))
        if given.sweep:
            distinct, codec = runs[0]
            results["sweep"] = sweep(place, distinct, given.records, codec)
        else:
            for distinct, codec in runs:
                results["runs"].append(measure(place, distinct, given.records, codec, given.quick))
                print(f"{results['runs'][-1]['name']}: done", flush=True)
            table(results["runs"], COLUMNS)
    if given.out:
        pathlib.Path(given.out).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
