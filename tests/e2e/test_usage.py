"""What a replay is given: ends that are too far, inputs without records, states that know more; and wrong arguments."""

import json
import subprocess
import unittest

from security_testing import Authority
from flosync_testing import (BINARY, JANUARY_2024_MS, Daemon, Workplace, contract, exported, line, person, read_so_many, replay, run,
                             small_register, write_lines)

MARCH_20_MS = 1710925200000  # 2024-03-20T09:00:00Z
YEAR_9999_MS = 253370764800000  # 9999-01-01T00:00:00Z


def refused(*arguments):
    """Exit code and what was said, which is one line."""
    done = run(*arguments, check=False)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return done.returncode, lines[0]


def letters(state):
    return [json.loads(letter)["key"] for letter in (state / "deadletter.ndjson").read_text(encoding="utf-8").splitlines()]


class ReplayUsageTest(unittest.TestCase):
    def test_an_end_beyond_the_reference_tables_is_refused(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            for until in ("9999-12-01", "2037-01-01", "2014-12-01", "0001-01-01"):
                code, said = refused("replay", "--input", place / "in", "--state", place / "state", "--until", until)
                self.assertEqual(code, 2, said)
                self.assertIn(f"--until {until}: snapshots are made of 2015-01-01 to 2036-12-31", said)

    def test_one_record_stamped_in_another_age_does_not_make_snapshots_without_bound(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register() + [
                contract(9002, "2024-03-20T09:00:00", YEAR_9999_MS, municipality="1103", partition=7)])
            done = run("replay", "--input", place / "in", "--state", place / "state", "--export", place / "out")
            names = sorted(exported(place / "out"))
            self.assertEqual((names[0], names[-2]), ("2024-02-01.1.csv", "2036-12-01.1.csv"))
            self.assertIn("records known after 2036-12-31, the last day that snapshots are made of", done.stderr)
            # What was known before is as it would be without the record.
            write_lines(place / "plain" / "a.ndjson", small_register())
            replay(place / "plain", place / "other", place / "want", "--until", "2024-06-01")
            want, got = exported(place / "want"), exported(place / "out")
            for name in want:
                if name != "deviations.csv":
                    self.assertEqual(got[name], want[name], name)

    def test_an_input_without_records_says_so(self):
        with Workplace() as place:
            (place / "empty").mkdir()
            write_lines(place / "blank" / "a.ndjson", ["", " "])
            (place / "zero.ndjson").write_bytes(b"")
            for source in ("empty", "blank", "zero.ndjson"):
                code, said = refused("replay", "--input", place / source, "--state", place / "state")
                self.assertEqual(code, 1, said)
                self.assertIn(f"{place / source}: has no records", said)
            code, said = refused("replay", "--input", "/dev/null", "--state", place / "state")
            self.assertEqual(code, 2, said)
            self.assertIn("the input /dev/null is neither a directory nor a file", said)
            # All read before, or all held back, is another matter.
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "held", None, "--until", "2020-01-01")
            self.assertEqual(replay(place / "in", place / "read"), replay(place / "in", place / "read"))

    def test_known_at_cannot_take_back_what_the_state_holds(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "state")
            known_at = ("--known-at", "2024-01-10T10:00:02Z")
            code, said = refused("replay", "--input", place / "in", "--state", place / "state", *known_at)
            self.assertEqual(code, 1, said)
            self.assertRegex(said, r"the state holds records known up to 2024-01-10T10:00:\d\d\.\d{3}Z already, and --known-at "
                                   r"2024-01-10T10:00:02\.000Z leaves those out; give a --state of its own")
            # On a state of its own it can be repeated.
            first = replay(place / "in", place / "own", None, *known_at)
            self.assertEqual(replay(place / "in", place / "own", None, *known_at), first)

    def test_going_on_after_an_end_notes_nothing_twice(self):
        broken = lambda at, **more: line("flo.contract", at, 9002, "no contract", **more)
        early = JANUARY_2024_MS + 10**6
        lines = small_register() + [
            broken(early), "no line", broken(early, partition=1),
            contract(9002, "2024-03-20T09:00:00", MARCH_20_MS, municipality="1103"),  # held back
            broken(early, partition=2), "no line either", person(1002, "2024-01-20T09:00:00", early, specialist_from="2024-01-20")]
        want = ["flo.contract/0/3", "line:a.ndjson:14", "flo.contract/1/0", "flo.contract/2/0", "line:a.ndjson:18"]
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", lines)
            whole = replay(place / "in", place / "whole", place / "ewhole")
            self.assertEqual(letters(place / "whole"), want)
            for name, options in (("until", ("--until", "2024-03-01")), ("known", ("--known-at", "2024-03-01T05:00:00Z"))):
                state = place / name
                replay(place / "in", state, None, *options)
                self.assertEqual(letters(state), want)
                self.assertEqual(replay(place / "in", state, place / f"e{name}"), whole)
                self.assertEqual(letters(state), want, "each once")
                self.assertEqual(exported(place / f"e{name}")["deviations.csv"], exported(place / "ewhole")["deviations.csv"])
            # And so in the daemon.
            replay(place / "in", place / "served", None, "--until", "2024-03-01")
            with Daemon(place / "served", "--input", place / "in") as daemon:
                status = daemon.wait_until(lambda s: s["records"]["applied"] == len(lines) - 5)
                self.assertEqual(status["records"]["refused"], 5)
            self.assertEqual(letters(place / "served"), want)

    def test_exports_are_put_in_place_whole(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            (place / "out").mkdir()
            (place / "out" / "2024-02-01.1.csv").symlink_to("/dev/full")
            code, said = refused("replay", "--input", place / "in", "--state", place / "state", "--until", "2024-02-01",
                                 "--export", place / "out")
            self.assertEqual(code, 1)
            self.assertIn("2024-02-01.1.csv (No space left on device)", said)
            # What is open is not changed under the reader's hands.
            (place / "out" / "2024-02-01.1.csv").unlink()
            (place / "out" / "2024-02-01.1.csv").write_text("old", encoding="utf-8")
            with open(place / "out" / "2024-02-01.1.csv", encoding="utf-8") as old:
                replay(place / "in", place / "state", place / "out", "--until", "2024-02-01")
                self.assertEqual(old.read(), "old")
            self.assertEqual(sorted(exported(place / "out")), ["2024-02-01.1.csv", "deviations.csv"])


class ArgumentsTest(unittest.TestCase):
    def test_every_command_tells_wrong_arguments_by_exit_code_2(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "state", None, "--until", "2024-02-01")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(len(small_register())))
                for command in (
                        "status extra", "status --output xml", "status --timeout-ms 0", "status --address 127.0.0.1",
                        "indicators --definition none/1.0", "indicators --measure none", "indicators --breakdown none",
                        "indicators --area 9999", "indicators --level village", "indicators --reference-date 2024-13",
                        "indicators --known-at 2024-01-01", "indicators --structure-date 2024-01-01", "indicators --limit -1",
                        "indicators --definition nki-gp-specialist/2.0",
                        "watch --definition none/1.0", "watch --resume-token x", "watch --count -1", "watch --reconnect-s -1",
                        "snapshot read --edition -1", "snapshot read --reference-date 1", "snapshot export --edition x",
                        "snapshot compare --from 2024-02-01 --to 2024-02-01 --measure none",
                        "snapshot explain --level nation --area NO --measure none",
                        "snapshot explain --level village --area NO --measure list_count",
                        "doctor 0", "doctor x", "doctor 1001 --known-at 9999-12-31T23:30:00Z", "doctor 1001 --as-of 2024",
                        "lists --municipality 301", "lists --municipality 9999", "lists --since x", "lists --limit x",
                        "alerts list --kind NONE", "alerts list --severity none", "alerts list --status none",
                        "alerts list --municipality 9999", "alerts list --subject none:1", "alerts show x", "alerts show 0",
                        "alerts ack 1", "alerts ack x --who a",
                        "deviations list --code NONE", "deviations list --status none", "deviations list --priority none",
                        "deviations list --owner none", "deviations list --entity none:1", "deviations show -1",
                        "deviations resolve 1 --by a", "deviations ignore 1 --reason a"):
                    with self.subTest(command):
                        done = run(*command.split(), "--address", daemon.address, check=False, timeout=60)
                        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                        self.assertRegex(done.stderr, "^flosync: ")
                # Asked for rightly, but not there.
                for command in ("doctor 999", "alerts show 999", "deviations show 999", "snapshot read --reference-date 2016-01-01"):
                    with self.subTest(command):
                        done = run(*command.split(), "--address", daemon.address, check=False)
                        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                before = run("snapshot", "read", "--reference-date", "2014-12-01", "--address", daemon.address, check=False)
                self.assertIn("2015-01-01 to 2036-12-31", before.stderr)

    def test_config_check_refuses_what_serve_refuses(self):
        with Workplace() as place:
            authority = Authority(place / "ca")
            certificate, key = authority.issue("server", "IP:127.0.0.1")
            (place / "definitions").mkdir()
            (place / "definitions" / "a.toml").write_text('id = "a/1.0"\nmeasures = ["gp_cuont"]\n', encoding="utf-8")
            file = place / "f.toml"
            for text in ('[listen]\ngrpc = "0.0.0.0:7401"\n', '[source]\nkind = "files"\n', '[listen]\ngrpc = "127.0.0.1"\n',
                         '[source.kafka.settings]\n"no.such" = 1\n', '[source.kafka.settings]\n"group.id" = "mine"\n',
                         f'[state]\ndefinitions = "{place / "definitions"}"\n', '[dead_letters]\ntopic = "hpr.person"\n',
                         '[listen]\ngrpc = "127.0.0.1:7401"\nhttp = "127.0.0.1:7401"\n',
                         '[security.tls]\ncertificate = "/nowhere.pem"\nkey = "/nowhere.key"\n',
                         f'[security.tls]\ncertificate = "{certificate}"\nkey = "{authority.directory / "ca.key"}"\n',
                         f'[security.tls]\ncertificate = "{certificate}"\nkey = "{key}"\nclient_ca = "{key}"\n',
                         '[security.tokens]\nissuer = "i"\naudience = "a"\nkeys = "/nowhere.json"\n'):
                with self.subTest(text):
                    file.write_text(text, encoding="utf-8")
                    checked = run("config", "check", file, check=False)
                    served = run("serve", "--state", place / "state", "--config", file, check=False, timeout=60)
                    self.assertEqual((checked.returncode, checked.stdout, served.returncode), (1, "", 1))
                    said = served.stderr.splitlines()[-1].removeprefix("flosync: ").removeprefix(f"{file}:").strip()
                    self.assertIn(said, checked.stderr)
            file.write_text("", encoding="utf-8")
            self.assertEqual(run("config", "check", file).stdout, f"{file}: ok\n")

    def test_a_pipe_is_written_through_by_snapshot_export(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "state", place / "out", "--until", "2024-02-01")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(len(small_register())))
                got = subprocess.run([BINARY, "snapshot", "export", "--reference-date", "2024-02-01", "--address", daemon.address,
                                      "--out", "/dev/stdout"], capture_output=True, check=True, timeout=60).stdout
            self.assertEqual(got, exported(place / "out")["2024-02-01.1.csv"])


if __name__ == "__main__":
    unittest.main()
