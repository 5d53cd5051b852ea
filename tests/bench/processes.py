"""What the benchmarks that run whole programs share: the broker, the daemon and what processes cost.

Run with tests/e2e/python; the programs are those of the release build.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("FLOSYNC_ROOT", str(ROOT))

import stubs  # noqa: E402
from flosync_testing import BINARY, Daemon, run  # noqa: E402

KAFKA_BENCH = ROOT / "build" / "release" / "tests" / "bench" / "flosync_kafka_bench"
BROKER = ROOT / "ops" / "kafka" / "broker.sh"
PERSONS = "hpr.person"
TOPICS = {PERSONS: 6, "flo.contract": 1, "flo.gp-on-contract": 3, "flo.patient-count": 1, "hpr.event": 1}
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def kafka_bench(*words):
    """Runs one measurement and gives what it printed."""
    done = subprocess.run([str(KAFKA_BENCH), *map(str, words)], capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(f"flosync_kafka_bench {' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout)


class Broker:
    """A broker with the topics that are in its directory, or are made later."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def __enter__(self):
        # A port of today: that of a kept broker may be taken.
        self.call("start", "--port", "0", "--owner", str(os.getpid()))
        self.address = "127.0.0.1:" + (self.directory / "port").read_text(encoding="utf-8").strip()
        self.pid = int((self.directory / "pid").read_text(encoding="utf-8"))
        return self

    def __exit__(self, *_):
        self.call("stop")

    def create(self, topics):
        words = []
        for name, partitions in topics.items():
            words += [name, str(partitions), "--"]
        self.call("topics", "create", *words[:-1])

    def call(self, command, *words):
        return subprocess.run([str(BROKER), command, "--dir", str(self.directory), *words], check=True, capture_output=True,
                              text=True, timeout=300).stdout


def cpu_seconds(pid):
    """User and system time of all threads so far, finished ones included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def busy_seconds():
    """Seconds that all processors of the machine have been busy so far, whoever with."""
    user, nice, system, _, _, *interrupts = map(int, pathlib.Path("/proc/stat").read_text(encoding="ascii").split()[1:9])
    return (user + nice + system + sum(interrupts)) / TICKS_PER_SECOND


def memory_mib(pid, name):
    """VmRSS = resident now, VmHWM = at most so far."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no {name}")


def disk_mib(path):
    """What the files below take on the disk."""
    return sum(file.stat().st_blocks * 512 for file in pathlib.Path(path).rglob("*") if file.is_file()) / 2**20


class StatusClient:
    """Asks a daemon for its status over one connection."""

    def __init__(self, address):
        stubs.import_stubs()
        import grpc
        from flosync.v1 import (common_pb2, indicator_service_pb2, indicator_service_pb2_grpc, sync_service_pb2,
                                sync_service_pb2_grpc)
        self.channel = grpc.insecure_channel(address)
        self.request = sync_service_pb2.GetSyncStatusRequest
        self.ask = sync_service_pb2_grpc.SyncServiceStub(self.channel).GetSyncStatus
        self.indicators = indicator_service_pb2_grpc.IndicatorServiceStub(self.channel)
        self.indicator_messages = indicator_service_pb2
        self.levels = common_pb2.Level
        self.error = grpc.RpcError

    def status(self):
        return self.ask(self.request(), timeout=60)

    def wait_until(self, holds, timeout_s=3600, pause_s=0.1):
        """The first status that `holds`, and when it came."""
        deadline = time.monotonic() + timeout_s
        while True:
            status = self.status()
            if holds(status):
                return status, time.monotonic()
            if time.monotonic() > deadline:
                raise RuntimeError(f"not within {timeout_s} s: {status}")
            time.sleep(pause_s)


def machine():
    """Where figures were measured."""
    cpu = next(line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
               if line.startswith("model name"))
    memory_kib = int(pathlib.Path("/proc/meminfo").read_text(encoding="ascii").split()[1])
    return {"processor": cpu, "processors": os.cpu_count(), "memory_gib": round(memory_kib / 2**20), "load": os.getloadavg()[0]}


def table(rows, columns):
    """Prints rows (dicts) under columns (key, heading, format)."""
    texts = [[heading for _, heading, _ in columns]]
    for row in rows:
        texts.append([format(row[key], how) if row.get(key) is not None else "" for key, _, how in columns])
    widths = [max(len(text[i]) for text in texts) for i in range(len(columns))]
    for text in texts:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(text, widths))))
