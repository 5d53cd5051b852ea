"""Every command of README.md and docs/ is run as it stands there.

The info string of a fence says how: `sh` runs the block to its end; `sh daemon` starts it and leaves it running for the
blocks after it; `sh until-stopped` runs each command until it has printed something, then stops it as Ctrl-C does; `python`
runs with the stubs of the API; `sh not-run="why"` is not run. Each page has a root of its own for /tmp, /var/lib and /etc, a
small register in /tmp/register, and ports of its own.
"""

import datetime
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import unittest

import stubs
from flosync_testing import BINARY, DEPS, ROOT, Workplace, generate, run

PAGES = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\S*)(.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND_OUTSIDE = re.compile(r"^    (flosync|grpcurl|ghz|curl|\./dev|\.deps/bin/buf|buf|systemctl) .*$", re.MULTILINE)
LANGUAGES = {"sh", "python", "toml", "json", "cpp", "text", "proto", ""}


def blocks_of(page):
    """(language, how, text) of each fence."""
    for match in FENCE.finditer((ROOT / page).read_text(encoding="utf-8")):
        yield match[1], match[2].strip(), match[3]


class Page:
    """Where the commands of one page are run."""

    def __init__(self, place):
        self.place, self.daemon = place, None
        with socket.socket() as grpc, socket.socket() as http:
            for listener in (grpc, http):
                listener.bind(("127.0.0.1", 0))
            self.address, self.http_address = (f"127.0.0.1:{listener.getsockname()[1]}" for listener in (grpc, http))
        for name in ("bin", "tmp", "var/lib", "etc", "work"):
            (place / name).mkdir(parents=True)
        (place / "bin" / "flosync").symlink_to(BINARY)
        (place / "work" / "proto").symlink_to(ROOT / "proto")
        (place / "work" / ".deps").symlink_to(DEPS)
        self.environment = {**os.environ, "FLOSYNC_ADDRESS": self.address, "PYTHONPATH": str(stubs.generated_stubs()),
                            "PATH": f"{place / 'bin'}:{DEPS / 'bin'}:{os.environ['PATH']}"}

    def localised(self, text):
        """The text with its paths, port and placeholders made this page's."""
        text = re.sub(r"(?<![\w.])/(tmp|var/lib|etc)/", rf"{self.place}/\1/", text)
        text = text.replace("127.0.0.1:7401", self.address).replace("127.0.0.1:7480", self.http_address)
        if "HPR_NUMBER" in text:
            lists = run("lists", "--output", "csv", env=self.environment).stdout.splitlines()[1:]
            text = text.replace("HPR_NUMBER", next(row.split(",")[-2].split()[0] for row in lists if row.split(",")[-2]))
        if "ALERT_ID" in text:
            alerts = run("alerts", "list", "--status", "open", "--output", "csv", env=self.environment).stdout.splitlines()
            text = text.replace("ALERT_ID", alerts[1].split(",")[0])
        return text

    def start(self, text, stderr=subprocess.STDOUT):
        return subprocess.Popen(["bash", "-euo", "pipefail", "-c", text], cwd=self.place / "work", env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=stderr)

    def run_shell(self, text):
        process = self.start(self.localised(text))
        output = process.communicate(timeout=900)[0]
        assert process.returncode == 0, f"exit {process.returncode} of\n{text}\n{output[-3000:]}"

    def run_python(self, text):
        done = subprocess.run([sys.executable, "-c", self.localised(text)], env=self.environment, capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0 and done.stdout, f"exit {done.returncode} of\n{text}\n{done.stderr}"

    def start_daemon(self, text):
        self.stop_daemon()
        log = self.place / "daemon.log"
        with open(log, "w", encoding="utf-8") as stderr:
            self.daemon = self.start(f"exec {self.localised(text).strip()} --listen {self.address}", stderr)
        line = self.daemon.stdout.readline()
        assert line.startswith("flosync: grpc="), f"{text}\n{line}{log.read_text(encoding='utf-8')}"
        deadline = time.monotonic() + 300
        while not self.is_current():
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.2)

    def is_current(self):
        """All records have been read and the snapshot of the last month is made."""
        status = json.loads(run("status", "--output", "json", env=self.environment).stdout)
        month_ago = datetime.date.today() - datetime.timedelta(days=31)
        latest = status["latest_snapshot"]
        return all(source["caught_up"] for source in status["sources"]) and latest and latest["reference_date"] > str(month_ago)

    def stop_daemon(self):
        if self.daemon:
            self.daemon.send_signal(signal.SIGTERM)
            self.daemon.communicate(timeout=60)
            self.daemon = None

    def run_until_stopped(self, text):
        for command in self.localised(text).replace("\\\n", " ").splitlines():
            process = self.start(f"exec {command}")
            try:
                printed = process.stdout.readline()
                time.sleep(0.5)
                assert printed and process.poll() is None, f"{command} ended by itself, exit {process.wait(timeout=60)}: {printed}"
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)
            if shlex.split(command)[0] == "flosync":
                assert process.returncode == 0, f"exit {process.returncode} of {command}\n{printed}"


class CommandsOfThePages(unittest.TestCase):
    def run_page(self, page):
        with Workplace() as place:
            here = Page(place)
            if page != "README.md":
                generate(place / "tmp" / "register", "--from", "2023-08-01", "--to", "2024-01-10", "--scale", "0.05")
            try:
                for language, how, text in blocks_of(page):
                    self.run_block(here, language, how, text)
            finally:
                here.stop_daemon()

    def run_block(self, here, language, how, text):
        self.assertIn(language, LANGUAGES)
        if language == "python":
            return here.run_python(text)
        if language != "sh":
            return None
        if how.startswith("not-run="):
            return self.assertRegex(how, r'^not-run=".{10,}"$', "say why")
        return {"": here.run_shell, "daemon": here.start_daemon, "until-stopped": here.run_until_stopped}[how](text)

    def test_no_command_hides_outside_a_fence(self):
        for page in PAGES:
            self.assertEqual([m[0] for m in COMMAND_OUTSIDE.finditer((ROOT / page).read_text(encoding="utf-8"))], [], page)

    def test_a_wrong_command_is_seen(self):
        with Workplace() as place:
            here = Page(place)
            self.addCleanup(here.stop_daemon)
            for how, text in (("", "flosync frobnicate\n"), ("", "false\ntrue\n"), ("until-stopped", "flosync status\n"),
                              ("daemon", "flosync serve --frobnicate\n"), ("not-run=\"\"", "flosync status\n")):
                with self.assertRaises(AssertionError):
                    self.run_block(here, "sh", how, text)

    def test_most_commands_are_run(self):
        ran = [text for page in PAGES for language, how, text in blocks_of(page) if language == "sh" and "not-run" not in how]
        self.assertGreater(sum(text.count("flosync ") + text.count("grpcurl ") + text.count("curl -") for text in ran), 50)


def add_page(page):
    name = "test_" + re.sub(r"\W+", "_", pathlib.Path(page).stem.lower()) + "_runs_as_it_stands"
    setattr(CommandsOfThePages, name, lambda self: self.run_page(page))


for documented in PAGES:
    add_page(documented)

if __name__ == "__main__":
    unittest.main()
