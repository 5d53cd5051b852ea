"""What the end-to-end tests share: running the shipped program, a daemon, small registers and their records.

The program is the one named by FLOSYNC_BINARY, else build/release/flosync of the repository.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(os.environ.get("FLOSYNC_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("FLOSYNC_BINARY", str(ROOT / "build" / "release" / "flosync"))
DEPS = pathlib.Path(os.environ.get("FLOSYNC_DEPS", ROOT / ".deps"))
REFERENCE = ROOT / "tests" / "reference"
READY_LINE = re.compile(r"^flosync: grpc=(\S+) http=(\S+)$")


def run(*arguments, check=True, timeout=1800, **options):
    """Runs the program to its end and gives the finished process with its output."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"flosync {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Workplace:
    """A temporary directory that is gone afterwards."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="flosync-e2e-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def replay(source, state, export=None, *options, **run_options):
    """Replays and returns the printed state digest."""
    arguments = ["replay", "--input", source, "--state", state, *options]
    if export:
        arguments += ["--export", export]
    done = run(*arguments, **run_options)
    return re.search(r"state digest: (\w+)", done.stdout).group(1)


def exported(directory):
    """The bytes of every exported file, by name."""
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(directory).iterdir())}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Daemon:
    """A running `flosync serve`; leaves nothing behind."""

    def __init__(self, state, *options, listen="127.0.0.1:0", ready_within_s=60, wrapper=()):
        self.log = tempfile.TemporaryFile(mode="w+")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*wrapper, BINARY, "serve", "--state", str(state), "--listen", listen, *map(str, options)],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        match = READY_LINE.match(line.strip())
        if not match:
            self.process.wait(timeout=ready_within_s)
            raise AssertionError(f"no ready line but {line!r}\n{self.stderr()}")
        self.ready_after_s = time.monotonic() - self.started
        self.address = match.group(1)
        self.http = match.group(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stderr(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self, how=signal.SIGTERM):
        if self.log.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()
        return self.process.returncode

    def wait_for_failure(self, timeout_s=60):
        """Waits until the daemon has ended by itself; gives its exit code and what it said."""
        code = self.process.wait(timeout=timeout_s)
        said = self.stderr()
        self.stop()
        return code, said

    def kill(self):
        return self.stop(signal.SIGKILL)

    def status(self):
        return json.loads(run("status", "--address", self.address, "--output", "json").stdout)

    def wait_until(self, what, timeout_s=600):
        """Waits until `what(status)` is true and returns that status."""
        deadline = time.monotonic() + timeout_s
        while True:
            status = self.status()
            if what(status):
                return status
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout_s} s; last status {json.dumps(status, indent=1)}\n{self.stderr()}")
            time.sleep(0.1)

    def cells(self, *options):
        """Live figures as {(level, area, measure, breakdown): (numerator, denominator)}."""
        text = run("indicators", "--address", self.address, "--output", "csv", *options).stdout
        return {(r["level"], r["area_code"], r["measure"], r["breakdown"]): (r["numerator"], r["denominator"])
                for r in csv.DictReader(text.splitlines())}


def read_so_many(records):
    return lambda status: status["records"]["read"] >= records


# A register small enough to know by heart.


def line(topic, timestamp_ms, key, value, **more):
    return json.dumps({"topic": topic, "timestamp": timestamp_ms, "key": str(key), "value": value, **more}, ensure_ascii=False)


def person(number, updated, timestamp_ms, born="1970-05-01", specialist_from=None, **more):
    specialities = []
    if specialist_from:
        specialities.append({"type": {"verdi": "1", "kodeverk": {"id": 7426}}, "periode": {"fra": specialist_from, "til": None}})
    approval = {"helsepersonellkategori": {"verdi": "LE", "kodeverk": {"id": 9060}},
                "autorisasjon": {"verdi": "1", "kodeverk": {"id": 7704}},
                "periode": {"fra": "2000-01-01", "til": None}, "spesialistgodkjenninger": specialities}
    return line("hpr.person", timestamp_ms, number,
                {"person": {"fødselsdato": born, "kjønn": {"verdi": "2"}}, "hprNummer": number, "godkjenninger": [approval],
                 "sistOppdatert": updated}, **more)


def contract(number, updated, timestamp_ms, municipality="0301", since="2010-01-01", **more):
    return line("flo.contract", timestamp_ms, number,
                {"Id": number, "MaxPatients": 1000, "IsFixedSalary": False, "UpdatedOn": updated,
                 "Status": {"CodeValue": "FAAA"}, "Valid": {"From": since + "T00:00:00", "To": None},
                 "Municipality": {"CodeValue": municipality}}, **more)


def doctor_period(number, contract_id, hpr_number, updated, timestamp_ms, since="2012-01-01", until=None, kind="LPFL", **more):
    return line("flo.gp-on-contract", timestamp_ms, contract_id,
                {"Id": number, "GPContractId": contract_id, "HprNumber": hpr_number, "UpdatedOn": updated,
                 "Valid": {"From": since + "T00:00:00", "To": until and until + "T00:00:00"},
                 "Relationship": {"CodeValue": kind}}, **more)


def patient_count(contract_id, patients, counted, timestamp_ms, **more):
    return line("flo.patient-count", timestamp_ms, contract_id,
                {"contractId": contract_id, "patientCount": patients, "countedAt": counted}, **more)


def merger(old_number, number, timestamp_ms, old_number_field="hprUtgår", **more):
    return line("hpr.event", timestamp_ms, number,
                {"eventSource": "Hpr", "eventName": "HprNumbersMerged",
                 "properties": {"hprNummer": number, old_number_field: old_number}}, **more)


JANUARY_2024_MS = 1704880800000  # 2024-01-10T10:00:00Z


def small_register(lists=3):
    """Lines of a register with `lists` lists in Oslo, each with one GP; the first is a specialist."""
    lines = []
    for i in range(lists):
        at = JANUARY_2024_MS + 1000 * i
        lines.append(person(1001 + i, "2024-01-10T11:00:00", at, specialist_from="2015-01-01" if i == 0 else None))
        lines.append(contract(9001 + i, "2024-01-10T11:00:00", at))
        lines.append(doctor_period(7001 + i, 9001 + i, 1001 + i, "2024-01-10T11:00:00", at))
        lines.append(patient_count(9001 + i, 900 + i, "2024-01-10T11:00:00", at))
    return lines


def write_lines(path, lines, mode="w"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, mode, encoding="utf-8") as file:
        file.writelines(text + "\n" for text in lines)


def generate(out, *options):
    run("generate", "--out", out, *options)


def nasty_history(seed, out, *options):
    """A random history with every kind of trouble, by the reference's own generator."""
    subprocess.run([sys.executable, str(REFERENCE / "history.py"), "--seed", str(seed), "--out", str(out), *map(str, options)],
                   check=True, stdout=subprocess.DEVNULL)
