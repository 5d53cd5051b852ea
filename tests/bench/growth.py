#!/usr/bin/env python3
"""What grows with the register and with its history: `./dev bench --growth`.

Registers of so many persons with the lists of the nation are loaded by `flosync replay`, with the changes of so many months
and their snapshots and corrections. On the state that leaves, `flosync serve` is started; then

  change     a doctor becomes a specialist or ceases to be: the commit it causes, disk included
  past       all figures of one past reference date, counted again from the history
  snapshot   the next first of month, with the search for corrections of all snapshots before

Live figures, their memory and their changes must not grow with months, a change not with persons.
"""

import argparse
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

from processes import BINARY, Daemon, StatusClient, disk_mib, machine, memory_mib, run, table

LAST = (2026, 11)  # the month whose first day ends every history; not after today, or the daemon waits for it
MOST_MONTHS = 142  # registers begin in 2015
CHANGES = 40
PAST_DATES = 5
PATIENCE_S = 600
PEAK_PAUSE_S = 0.05
COLUMNS = [("name", "persons/months", ""), ("records", "records", ",d"), ("input_mib", "input MiB", ",.0f"),
           ("records_per_second", "replay records/s", ",.0f"), ("editions", "editions", ",d"), ("replay_s", "replay s", ",.1f"),
           ("replay_mib", "its peak MiB", ",.0f"), ("disk_mib", "disk MiB", ",.0f"), ("start_s", "start s", ".2f"),
           ("resting_mib", "resting MiB", ",.0f"), ("change_ms", "change ms", ".2f"), ("past_ms", "past ms", ",.0f"),
           ("snapshot_s", "snapshot s", ".2f")]


def first_of_month(months_before_last):
    year, month = divmod(LAST[0] * 12 + LAST[1] - 1 - months_before_last, 12)
    return f"{year}-{month + 1:02}-01"


def last_lines(register):
    """Doctors who stay, as they were loaded, and the timestamp that everything is before."""
    load = register / "0001-load.ndjson"
    with open(load, encoding="utf-8") as lines:
        staying = [line for line in lines if '"CodeValue":"LPFL"' in line and '"To":null' in line]
    wanted = {str(json.loads(line)["value"]["HprNumber"]) for line in staying[:CHANGES]}
    doctors, greatest = [], 0
    with open(load, encoding="utf-8") as lines:
        for line in lines:
            if '"topic":"hpr.person"' in line[:40] and (record := json.loads(line))["key"] in wanted:
                if isinstance(record["value"], dict):
                    doctors.append(record)
                    wanted.remove(record["key"])
    for file in register.glob("*.ndjson"):
        with open(file, encoding="utf-8") as lines:
            greatest = max(greatest, *(int(line.split('"timestamp":')[1].split(",")[0]) for line in lines))
    return doctors[:CHANGES // 2], greatest


def write_change(file, record, timestamp, specialist):
    value = json.loads(json.dumps(record["value"]))
    value["sistOppdatert"] = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp / 1000))
    general_practice = {"type": {"verdi": "1", "kodeverk": {"id": 7426}}, "periode": {"fra": "2014-01-01", "til": None}}
    for approval in value["godkjenninger"]:
        approval["spesialistgodkjenninger"] = [general_practice] if specialist else []
    file.write(json.dumps({**record, "timestamp": timestamp, "value": value}, ensure_ascii=False) + "\n")
    file.flush()


def commits(daemon):
    """Number and seconds of the commits so far."""
    with urllib.request.urlopen(f"http://{daemon.http}/metrics", timeout=60) as page:
        text = page.read().decode()
    return [float(line.split()[-1]) for name in ("count", "sum") for line in text.splitlines()
            if line.startswith(f"flosync_commit_duration_seconds_{name}")]


def measure_changes(daemon, client, register):
    """Milliseconds of a commit with one change."""
    doctors, timestamp = last_lines(register)
    read = client.status().records.read
    took = []
    with open(register / "9999-changes.ndjson", "w", encoding="utf-8") as file:
        for i in range(CHANGES):
            count, seconds = commits(daemon)
            timestamp += 1000
            write_change(file, doctors[i % len(doctors)], timestamp, i < CHANGES // 2)
            read += 1
            client.wait_until(lambda status, target=read: status.records.read >= target, PATIENCE_S, pause_s=0.01)
            after_count, after_seconds = commits(daemon)
            if after_count > count:
                took.append((after_seconds - seconds) / (after_count - count) * 1000)
    return sorted(took)[len(took) // 2]


def measure_past(client, months):
    """Milliseconds of a question about a past reference date that no snapshot answers."""
    took = []
    for i in range(PAST_DATES):
        date = first_of_month((months - 1) * i // PAST_DATES)[:8] + f"{2 + i:02}"
        request = client.indicator_messages.QueryIndicatorsRequest(reference_date=date, page_size=10)
        began = time.monotonic()
        client.indicators.QueryIndicators(request, timeout=PATIENCE_S)
        took.append((time.monotonic() - began) * 1000)
    return sorted(took)[len(took) // 2]


def memory_mib_or_none(pid):
    try:
        return memory_mib(pid, "VmHWM")
    except (OSError, RuntimeError):
        return None  # it has ended


def replay(register, state):
    """Figures of a replay of what the state has not read yet."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([BINARY, "replay", "--input", str(register), "--state", str(state)], stdout=said)
        peak_mib = 0
        # Not ru_maxrss: that begins with what this program had when it started the other.
        while process.poll() is None:
            peak_mib = max(peak_mib, memory_mib_or_none(process.pid) or 0)
            time.sleep(PEAK_PAUSE_S)
        said.seek(0)
        text = said.read()
    if process.returncode != 0:
        raise RuntimeError(f"replay of {register}: exit {process.returncode}")
    made = re.search(r"snapshots made: (\d+), new editions of earlier ones: (\d+)", text)
    return {"replay_s": time.monotonic() - began, "replay_mib": peak_mib, "records": int(re.search(r"in all: read (\d+)", text).group(1)),
            "editions": sum(map(int, made.groups())) if made else 0}


def measure_snapshot(register, state):
    """Seconds that a month with one changed doctor takes, without what starting takes."""
    began = replay(register, state)["replay_s"]
    doctors, timestamp = last_lines(register)
    with open(register / "9999-next.ndjson", "w", encoding="utf-8") as file:
        write_change(file, doctors[0], timestamp + 35 * 86_400_000, True)
    return max(0, replay(register, state)["replay_s"] - began)


def measure(place, persons, months):
    register, state = place / "register", place / "state"
    for old in (register, state):
        shutil.rmtree(old, ignore_errors=True)
    run("generate", "--seed", 1, "--from", first_of_month(months), "--to", first_of_month(0), "--persons", persons, "--out", register)
    figures = {"name": f"{persons:,}/{months}", "persons": persons, "months": months, "input_mib": disk_mib(register),
               **replay(register, state), "disk_mib": disk_mib(state)}
    figures["records_per_second"] = figures["records"] / figures["replay_s"]
    with Daemon(state, "--input", register, "--follow", "--http", "127.0.0.1:0") as daemon:
        client = StatusClient(daemon.address)
        figures.update(start_s=daemon.ready_after_s, resting_mib=memory_mib(daemon.process.pid, "VmRSS"),
                       change_ms=measure_changes(daemon, client, register), past_ms=measure_past(client, months))
    figures["snapshot_s"] = measure_snapshot(register, state)
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--persons", default="10000,100000,1000000", help="with commas (default: %(default)s)")
    options.add_argument("--months", default=f"1,12,{MOST_MONTHS}", help=f"with commas, {MOST_MONTHS} at most (default: %(default)s)")
    options.add_argument("--out", help="write all figures as JSON to this file")
    given = options.parse_args()
    results = {"machine": machine(), "runs": []}
    with tempfile.TemporaryDirectory(prefix="flosync-growth-") as directory:
        for months, persons in itertools.product(map(int, given.months.split(",")), map(int, given.persons.split(","))):
            results["runs"].append(measure(pathlib.Path(directory), persons, months))
            print(f"{results['runs'][-1]['name']}: done", flush=True)
    table(results["runs"], COLUMNS)
    if given.out:
        pathlib.Path(given.out).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
