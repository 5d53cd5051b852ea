"""The recomputation gives the worked example to the byte: python3 tests/reference/test_worked.py"""
import hashlib
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import geography
import recompute

WORKED = os.path.join(HERE, "..", "data", "worked")
TABLES = os.environ.get("FLOSYNC_TABLES", geography.DEFAULT_TABLES)


def expected_hashes():
    with open(os.path.join(WORKED, "SHA256SUMS"), encoding="ascii") as file:
        return {name: digest for digest, name in (line.split() for line in file)}


def hashes_of(folder):
    result = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            result[name] = hashlib.sha256(file.read()).hexdigest()
    return result


class WorkedExample(unittest.TestCase):
    def export(self, *more):
        with tempfile.TemporaryDirectory() as folder:
            recompute.main(["--input", os.path.join(WORKED, "in"), "--export", folder, "--tables", TABLES, *more])
            hashes = hashes_of(folder)
            self.assertIn("deviations.csv", hashes)
            del hashes["deviations.csv"]
            return hashes

    def test_every_edition_has_its_hash(self):
        self.assertEqual(self.export(), expected_hashes())

    def test_first_editions_alone_are_the_same_files(self):
        expected = {name: digest for name, digest in expected_hashes().items() if name.endswith(".1.csv")}
        self.assertEqual(self.export("--editions", "first"), expected)


if __name__ == "__main__":
    unittest.main()
