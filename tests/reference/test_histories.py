"""Random histories are what they promise to be: python3 tests/reference/test_histories.py"""
import collections
import concurrent.futures
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import coverage
import histories
import shrink

SEEDS = range(1, 61)


def kinds_and_size(seed):
    history = histories.History(seed)
    return history.coverage().kinds, history.size()


class Histories(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with concurrent.futures.ProcessPoolExecutor() as pool:
            cls.found = list(pool.map(kinds_and_size, SEEDS))

    def test_every_kind_of_trouble_occurs(self):
        counts = collections.Counter(kind for kinds, _ in self.found for kind in kinds)
        self.assertEqual([kind for kind in coverage.KINDS if not counts[kind]], [])
        many = [kind for kind in coverage.KINDS if 2 * counts[kind] >= len(SEEDS)]
        self.assertGreater(len(many), 0.8 * len(coverage.KINDS), "most kinds occur in half of the histories or more")

    def test_each_has_20_lists_in_5_municipalities_and_3_editions(self):
        for seed, (_, (lists, municipalities, editions)) in zip(SEEDS, self.found):
            with self.subTest(seed=seed):
                self.assertGreaterEqual(lists, 20)
                self.assertGreaterEqual(municipalities, 5)
                self.assertGreaterEqual(editions, 3)

    def test_a_seed_is_a_history(self):
        self.assertEqual(histories.History(3).lines, histories.History(3).lines)
        self.assertNotEqual(histories.History(3).lines, histories.History(4).lines)

    def test_another_order_keeps_partitions_in_order(self):
        history = histories.History(3)
        order = history.order(1)
        self.assertEqual(sorted(order), list(range(len(history.lines))))
        self.assertNotEqual(order, sorted(order))


class Shrink(unittest.TestCase):
    def test_finds_the_lines_that_fail_together(self):
        fails = lambda items: {3, 71} <= set(items)
        self.assertEqual(shrink.shrunk(range(100), fails, 1000), [3, 71])

    def test_stops_at_its_bound(self):
        calls = []
        fails = lambda items: calls.append(1) or 3 in items
        self.assertIn(3, shrink.shrunk(range(100), fails, 5))
        self.assertEqual(len(calls), 5)


if __name__ == "__main__":
    unittest.main()
