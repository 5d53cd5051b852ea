"""The published API is linted, and what clients rely on is not taken away; both checks are seen to find something."""

import pathlib
import shutil
import subprocess
import unittest

from flosync_testing import DEPS, ROOT, Workplace

IMAGE = "flosync.v1.binpb"


def buf(*words):
    return subprocess.run([DEPS / "bin" / "buf", *map(str, words)], capture_output=True, text=True, timeout=120)


def copy_with(place, file, old, new):
    """A copy of proto/ with one text replaced."""
    copy = pathlib.Path(shutil.copytree(ROOT / "proto", place / "proto"))
    path = copy / "flosync" / "v1" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")
    return copy


class PublishedApiTest(unittest.TestCase):
    def test_lint_is_clean_with_standard_and_comments(self):
        done = buf("lint", ROOT / "proto")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_lint_wants_comments_and_names(self):
        for new in ("enum Level {", "// A level.\nenum level {"):
            with Workplace() as place:
                copy = copy_with(place, "common.proto", "// A level of area, in canonical order.\nenum Level {", new)
                self.assertNotEqual(buf("lint", copy).returncode, 0, new)

    def test_nothing_is_taken_from_clients(self):
        done = buf("breaking", ROOT / "proto", "--against", ROOT / "proto" / IMAGE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_break_is_seen(self):
        for old, new in (("string code = 2;", "string code = 4;"), ("string code = 2;", "bytes code = 2;"),
                         ("LEVEL_COUNTY = 2;", "LEVEL_FYLKE = 2;"), ("string code = 2;", "string area_code = 2;")):
            with Workplace() as place:
                done = buf("breaking", copy_with(place, "common.proto", old, new), "--against", ROOT / "proto" / IMAGE)
                self.assertNotEqual(done.returncode, 0, new)

    def test_an_addition_is_no_break(self):
        with Workplace() as place:
            copy = copy_with(place, "common.proto", "  string code = 2;", "  string code = 2;\n  // More.\n  string more = 99;")
            self.assertEqual(buf("breaking", copy, "--against", ROOT / "proto" / IMAGE).returncode, 0)


if __name__ == "__main__":
    unittest.main()
