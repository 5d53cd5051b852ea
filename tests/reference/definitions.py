"""Definitions as data: which measures they hold and how these count (section 4 of the rules; R14, A10, D2, D7, D14)."""
import collections

import calendar_oslo as cal
import measures

AGREEMENT, UNIQUE_DOCTOR = "agreement", "unique_doctor"

# `cells` computes the cells of an area: (area, day, definition) -> {(measure, breakdown): Cell}. Reference days are the
# first or the last of a month.
Definition = collections.namedtuple("Definition", "id reference_day cells unit counted_relationships entered_since "
                                                  "cutoff_delay_hours")


def definition(name, reference_day, cells, unit):
    return Definition(name, reference_day, cells, unit, ("LPFL",), cal.parse_day("2017-03-01"), 6)


ALL = {each.id: each for each in (
    definition("nki-gp-specialist/1.0", "last", measures.specialist_total_cells, AGREEMENT),
    definition("nki-gp-specialist/2.0", "last", measures.specialist_cells, AGREEMENT),
    definition("nki-gp-specialist/3.0", "first", measures.specialist_cells, AGREEMENT),
    definition("nki-gp-agreement-duration/1.0", "first", measures.duration_cells, AGREEMENT),
    definition("gp-statistics/0.9", "last", measures.statistics_cells, UNIQUE_DOCTOR),
    definition("gp-statistics/1.0", "first", measures.statistics_cells, UNIQUE_DOCTOR))}

# Snapshots and replays hold these (A10).
SNAPSHOT = tuple(ALL[name] for name in ("nki-gp-specialist/3.0", "nki-gp-agreement-duration/1.0", "gp-statistics/1.0"))


def cells_of(area, day, chosen):
    """{(measure, breakdown): Cell} of all that the chosen definitions hold."""
    cells = {}
    for each in chosen:
        cells.update(each.cells(area, day, each))
    return cells


def names(chosen):
    """The definition of each measure, by name."""
    empty = measures.Area("municipality_group")
    other = measures.Area("municipality")
    return {measure: each.id for each in chosen for area in (empty, other) for measure, _ in each.cells(area, 0, each)}
