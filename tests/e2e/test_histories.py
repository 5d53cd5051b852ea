"""Random histories: the program and the independent recomputation agree on every byte of every edition.

FLOSYNC_HISTORIES histories from FLOSYNC_FIRST_SEED on, FLOSYNC_JOBS at a time. Each is replayed in one go, and in another order
with a restart; by turns also a second time on the same state, as known at some instant and until some date, or asked for
single definitions of any date; with batches of 1, 7 and 1000 records. A failure names its seed, shows the first rows that
differ, and leaves a shrunk history behind.
"""

import concurrent.futures
import os
import unittest

import history_checks

HISTORIES = int(os.environ.get("FLOSYNC_HISTORIES", "100"))
FIRST_SEED = int(os.environ.get("FLOSYNC_FIRST_SEED", "1"))
JOBS = int(os.environ.get("FLOSYNC_JOBS", os.cpu_count()))


def check(seed):
    found = (history_checks.check(seed, part) for part in history_checks.parts_of(seed))
    return next((failure for failure in found if failure), None)


def told(done, failure):
    """Says at once what differs, and now and then how far the check is: it may take an hour."""
    if failure:
        print(f"differs: seed {failure.seed}, {failure.part}", flush=True)
    if done % 100 == 0:
        print(f"{done} of {HISTORIES} histories checked", flush=True)
    return failure


class HistoriesTest(unittest.TestCase):
    def test_every_history_equals_the_recomputation(self):
        seeds = range(FIRST_SEED, FIRST_SEED + HISTORIES)
        with concurrent.futures.ProcessPoolExecutor(JOBS) as pool:
            failures = [failure for done, failure in enumerate(pool.map(check, seeds), 1) if told(done, failure)]
        if failures:
            first = history_checks.check(failures[0].seed, failures[0].part, shrink_it=True) or failures[0]
            others = [f"seed {failure.seed}, {failure.part}" for failure in failures[1:]]
            self.fail(f"{len(failures)} of {HISTORIES} histories differ\n{first.text}\nothers: {', '.join(others) or 'none'}")

    def test_a_changed_row_is_found(self):
        header = ("reference_date,edition,definition,level,area_code,area_name,measure,breakdown,"
                  "numerator,denominator,value,unit,flags\n").encode()
        row = b"2024-02-01,1,gp-statistics/1.0,nation,NO,Norge,list_count,all,3,,3,count,\n"
        same = {"2024-02-01.1.csv": header + row}
        self.assertEqual(list(history_checks.differences(same, dict(same))), [])
        changed = {"2024-02-01.1.csv": header + row.replace(b"3,,3", b"4,,4")}
        found, = history_checks.differences(same, changed)
        self.assertEqual(found.what, "list_count")
        self.assertIn("- 2024-02-01,1", found.text)
        missing, = history_checks.differences(same, {})
        self.assertEqual(missing.what, "files")
        swapped, = history_checks.differences({"a.csv": b"x,y\n1,1\n2,2\n"}, {"a.csv": b"x,y\n2,2\n1,1\n"})
        self.assertEqual(swapped.what, "order")

    def test_of_deviations_all_but_priority_and_detail_count(self):
        header = b"code,priority,entity,topic,partition,offset,first_seen,last_seen,count,status,detail\n"
        want = {"deviations.csv": header + b"MERGE_CYCLE,,person:1,,,,x,x,1,open,\n"}
        worded = {"deviations.csv": header + b"MERGE_CYCLE,high,person:1,,,,x,x,1,open,\"said, so\"\n"}
        self.assertEqual(list(history_checks.differences(want, worded)), [])
        counted = {"deviations.csv": header + b"MERGE_CYCLE,high,person:1,,,,x,x,2,open,\n"}
        self.assertEqual([found.what for found in history_checks.differences(want, counted)], ["MERGE_CYCLE"])


if __name__ == "__main__":
    unittest.main()
