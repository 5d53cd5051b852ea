"""Figures of a replay input at single days, by the reference computation: no snapshots, no editions, little memory."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))

import calendar_oslo as cal
import decode
import geography as geo
import replay_input
from evaluation import Evaluation
from register import Known, Register

GROUPS = ("1", "2", "3", "4", "5")   # fewest inhabitants first


def read_register(path):
    register = Register()
    for line in replay_input.read_lines(str(path)):
        if line.topic not in decode.TOPICS or line.offset is None:
            continue
        for effect in decode.decode(line.envelope):
            if effect.kind is not None:
                register.add(line._replace(envelope=None), effect)
    register.sort()
    return register


class DayFigures:
    """Cells at one reference day, as published at t(d), or with `hindsight` as known when everything has been read."""

    def __init__(self, register, day, hindsight=False):
        day = cal.parse_day(day)
        known = Known(register, None if hindsight else cal.cutoff(day))
        self._cells = Evaluation(known, geo.Geography(), day).cells()

    def cell(self, measure, breakdown="all", level="nation", area="NO"):
        return self._cells[level, area][measure, breakdown]

    def count(self, measure, breakdown="all", level="nation", area="NO"):
        return self.cell(measure, breakdown, level, area).numerator

    def share(self, measure, breakdown="all", level="nation", area="NO"):
        """Numerator over denominator, in percent."""
        cell = self.cell(measure, breakdown, level, area)
        return 100 * cell.numerator / cell.denominator

    def areas(self, level):
        return [area for other, area in self._cells if other == level]
