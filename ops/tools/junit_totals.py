"""Adds up JUnit files written by ctest: prints «passed failed skipped», after a line for each test that failed.

    junit_totals.py unit.xml e2e.xml

A test that could not be run (its program is missing) has failed; one that declined to run was skipped.
"""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    status = case.get("status")
    if status == "run":
        return "passed"
    skipped = case.find("skipped")
    declined = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    if status == "disabled" or (status == "notrun" and declined):
        return "skipped"
    return "failed"


def main(paths):
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            totals[outcome(case)] += 1
            if outcome(case) == "failed":
                print("failed:", case.get("name"), file=sys.stderr)
    print(totals["passed"], totals["failed"], totals["skipped"])


if __name__ == "__main__":
    main(sys.argv[1:])
