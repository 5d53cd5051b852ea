"""The command line in shells and terminals: completion, the manual page, colours and progress."""

import os
import pathlib
import pty
import re
import subprocess
import unittest

from flosync_testing import BINARY, Workplace, generate, run, small_register, write_lines


def completed(*words):
    """What bash offers after these words; the last one is being typed."""
    script = ('source <("$FLOSYNC" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flosync; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", "flosync", *words], capture_output=True, text=True, check=True,
                          timeout=60, env={**os.environ, "FLOSYNC": BINARY})
    assert not done.stderr, done.stderr
    return done.stdout.split()


def on_a_terminal(*words, **environment):
    """Exit code and all that a terminal gets to see of the command; both streams go there."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([BINARY, *map(str, words)], stdin=follower, stdout=follower, stderr=follower,
                               env={**os.environ, "TERM": "xterm", **environment})
    os.close(follower)
    seen = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(leader)
    return process.wait(timeout=60), seen.decode("utf-8", errors="replace")


class CompletionTest(unittest.TestCase):
    def test_bash_offers_commands_options_and_values(self):
        self.assertEqual(sorted(completed("stat")), ["state", "status"])
        self.assertIn("compare", completed("snapshot", ""))
        self.assertEqual(completed("snapshot", "list", "--out"), ["--output"])
        self.assertEqual(completed("status", "--output", ""), ["table", "json", "csv"])
        self.assertEqual(completed("status", "--output", "j"), ["json"])
        self.assertIn("critical", completed("watch", "alerts", "--severity", ""))
        self.assertEqual(completed("completion", ""), ["bash", "zsh", "fish", "-h", "--help"])
        self.assertEqual(completed("status", "--timeout-ms", ""), [], "a number is the user's own")

    def test_bash_offers_files_and_directories_where_they_belong(self):
        with Workplace() as place:
            (place / "a-directory").mkdir()
            (place / "a-file").write_text("")
            self.assertEqual(completed("serve", "--state", f"{place}/a-"), [f"{place}/a-directory"])
            self.assertEqual(sorted(completed("serve", "--config", f"{place}/a-")), [f"{place}/a-directory", f"{place}/a-file"])
            self.assertIn(f"{place}/a-file", completed("access-log", "verify", f"{place}/a-"))

    def test_zsh_and_fish_read_their_scripts(self):
        with Workplace() as place:
            for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-f", "-n"]), ("fish", ["fish", "--no-config", "-n"])):
                script = place / f"completion.{shell}"
                script.write_text(run("completion", shell).stdout, encoding="utf-8")
                done = subprocess.run([*check, str(script)], capture_output=True, text=True, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    def test_fish_offers_commands_options_and_values(self):
        def offered(text):
            script = f'source ("{BINARY}" completion fish | psub); complete -C "{text}"'
            done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "PATH": f"{os.path.dirname(BINARY)}:{os.environ['PATH']}"})
            self.assertEqual(done.stderr, "")
            return [line.split("\t")[0] for line in done.stdout.splitlines()]

        self.assertEqual(sorted(offered("flosync stat")), ["state", "status"])
        self.assertIn("compare", offered("flosync snapshot "))
        self.assertEqual(sorted(offered("flosync status --output ")), ["csv", "json", "table"])

    def test_zsh_offers_commands_and_values(self):
        # compadd works within a widget only, so the test has one of its own that prints.
        script = ('compdef() { :; }; compadd() { shift; print -l -- "$@"; }; _files() { print files; }; '
                  'source <("$FLOSYNC" completion zsh); words=("$@"); CURRENT=$#; _flosync')

        def offered(*words):
            done = subprocess.run(["zsh", "-f", "-c", script, "zsh", "flosync", *words], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "FLOSYNC": BINARY})
            self.assertEqual(done.stderr, "")
            return done.stdout.split()

        self.assertIn("compare", offered("snapshot", ""))
        self.assertEqual(offered("status", "--output", ""), ["table", "json", "csv"])
        self.assertEqual(offered("serve", "--config", ""), ["files"])


class ManPageTest(unittest.TestCase):
    def test_mandoc_and_man_find_nothing_wrong(self):
        page = run("man").stdout
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True, timeout=60)
        complaints = [text for text in lint.stdout.splitlines() if "missing date" not in text]
        self.assertEqual(complaints, [])
        shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-"], input=page, capture_output=True, text=True, timeout=60,
                               env={**os.environ, "MANPAGER": "cat", "MANROFFOPT": "-ww", "MAN_KEEP_FORMATTING": ""})
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        text = re.sub(r".\x08", "", shown.stdout)
        self.assertIn("flosync snapshot export", text)
        self.assertIn("--reference-date", text)


class InstalledTest(unittest.TestCase):
    def test_the_program_is_installed_with_what_it_says_of_itself(self):
        with Workplace() as place:
            subprocess.run(["cmake", "--install", pathlib.Path(BINARY).parent, "--prefix", place, "--component", "program"], check=True,
                           capture_output=True, timeout=120)
            for path, words in (("share/man/man1/flosync.1", ["man"]),
                                ("share/bash-completion/completions/flosync", ["completion", "bash"]),
                                ("share/zsh/site-functions/_flosync", ["completion", "zsh"]),
                                ("share/fish/vendor_completions.d/flosync.fish", ["completion", "fish"])):
                self.assertEqual((place / path).read_text(encoding="utf-8"), run(*words).stdout, path)
            done = subprocess.run([place / "bin" / "flosync", "--version"], capture_output=True, text=True, timeout=60)
            self.assertRegex(done.stdout, r"^flosync \d")


class TerminalTest(unittest.TestCase):
    def test_progress_is_drawn_on_a_terminal_and_nowhere_else(self):
        with Workplace() as place:
            generate(place / "in", "--from", "2023-11-01", "--to", "2024-01-01", "--scale", "0.05")
            again = ["--from", "2023-11-01", "--to", "2024-01-01", "--scale", "0.05"]
            code, seen = on_a_terminal("generate", "--out", place / "other", *again)
            self.assertEqual(code, 0, seen)
            self.assertIn("generating  [", seen)
            code, seen = on_a_terminal("replay", "--input", place / "in", "--state", place / "a", "--batch-records", 500)
            self.assertEqual(code, 0, seen)
            self.assertRegex(seen, "\r\x1b\\[Kreplaying  \\[#*-*\\]  \\d+ %  \\d+ records")
            self.assertRegex(seen, r"state digest: \w{64}")
            done = run("replay", "--input", place / "in", "--state", place / "b", "--batch-records", 500)
            self.assertEqual(done.stderr, "")
            self.assertNotIn("\x1b", done.stdout)
            code, seen = on_a_terminal("replay", "--input", place / "in", "--state", place / "c", TERM="dumb")
            self.assertNotIn("\x1b", seen)

    def test_colours_are_for_terminals_that_want_them(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            run("replay", "--input", place / "in", "--state", place / "state")
            ask = ("state", "inspect", "--state", place / "state")
            self.assertIn("\x1b[", on_a_terminal(*ask)[1])
            self.assertNotIn("\x1b[", on_a_terminal(*ask, NO_COLOR="1")[1])
            self.assertNotIn("\x1b[", on_a_terminal(*ask, TERM="dumb")[1])
            self.assertNotIn("\x1b[", run(*ask).stdout)


if __name__ == "__main__":
    unittest.main()
