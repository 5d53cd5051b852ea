"""The installed client library: a program of its own finds it, builds with it and follows a daemon."""

import pathlib
import subprocess
import unittest

from flosync_testing import BINARY, JANUARY_2024_MS, ROOT, Daemon, Workplace, person, read_so_many, small_register, write_lines

BUILD = pathlib.Path(BINARY).parent


def run_tool(*words):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"


class ClientLibraryTest(unittest.TestCase):
    def test_a_program_outside_the_repository_builds_and_watches(self):
        with Workplace() as place:
            run_tool("cmake", "--install", BUILD, "--prefix", place / "installed", "--component", "client")
            run_tool("cmake", "-S", ROOT / "examples" / "watch", "-B", place / "build", "-G", "Ninja",
                     f"-DCMAKE_PREFIX_PATH={place / 'installed'}")
            run_tool("cmake", "--build", place / "build")
            write_lines(place / "in" / "a.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in", "--follow") as daemon:
                daemon.wait_until(read_so_many(12))
                watch = subprocess.Popen([place / "build" / "flosync_watch", daemon.address], stdout=subprocess.PIPE, text=True)
                try:
                    share = lambda: next(text.split()[-1] for text in watch.stdout if " gp_specialist_share.all " in text)
                    self.assertEqual(share(), "33.3")
                    write_lines(place / "in" / "a.ndjson", [person(1002, "2024-01-12T08:00:00", JANUARY_2024_MS + 10**6,
                                                                   specialist_from="2020-01-01")], "a")
                    self.assertEqual(share(), "66.7")
                finally:
                    watch.kill()
                    watch.wait()
                    watch.stdout.close()


if __name__ == "__main__":
    unittest.main()
