"""A random history in memory: its lines, its figures by the recomputation, its coverage. One seed, one history."""
import functools
import os
import random
import types

import calendar_oslo as cal
import coverage
import editions
import geography
import history
import recompute
from register import Facts, Known

LISTS, MONTHS = 36, 4


@functools.lru_cache(maxsize=None)
def tables():
    return geography.Geography(os.environ.get("FLOSYNC_TABLES", geography.DEFAULT_TABLES))


def recompute_export(source, out, until=None, known_at=None):
    """Writes every edition and deviations.csv of the recomputation; gives the records."""
    records = recompute.read_records(source)
    options = types.SimpleNamespace(until=until, known_at=known_at, export=out, measures=None, editions="all")
    recompute.replay(records, tables(), options)
    return records


class History:
    """The lines of a seed in the order of the stream, and the other orders that R6 allows."""

    def __init__(self, seed):
        self.seed = seed
        self._records = history.records_of(seed, LISTS, MONTHS)
        self.lines = history.lines_of(seed, self._records)

    def order(self, interleave):
        """The indices of the lines with the partitions interleaved otherwise."""
        return history.interleaved(random.Random(interleave), self._records)

    def register_and_days(self):
        """(records, register, due days), read from the lines."""
        records = recompute.records_of_lines(self.lines)
        first, greatest = recompute.span(records)
        return records, recompute.build_register(records), editions.due_days(first, greatest)

    def coverage(self):
        records, register, days = self.register_and_days()
        return coverage.Coverage(records, register, tables(), days)

    def size(self):
        """(lists, municipalities, editions of the snapshot that has most): the least of lists over the snapshots."""
        _, register, days = self.register_and_days()
        sizes = [coverage.active_lists(Facts(Known(register), day, cal.cutoff(day)), tables()) for day in days]
        made = [edition for _, edition, _ in editions.snapshots(register, tables(), days)]
        return min(size[0] for size in sizes), min(size[1] for size in sizes), max(made)
