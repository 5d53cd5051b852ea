"""Which snapshots and editions there are, and their files (R18-R21, A3-A13, B2, B3)."""
import os

import calendar_oslo as cal
import definitions
import evaluation
import measures
from register import Known

HEADER = ("reference_date,edition,definition,level,area_code,area_name,measure,breakdown,"
          "numerator,denominator,value,unit,flags\n")
MARK = "\0"     # stands for "reference_date,edition" in a prepared text
DEFINITION_OF = definitions.names(definitions.SNAPSHOT)


def due_days(first, end):
    """Every first-of-month d with first < t(d) <= end (B2)."""
    return list(cal.first_of_months(first, end))


def snapshots(register, geography, days, all_editions=True, wanted=None):
    """Yields (d, edition, cells) in the order they are made (B3).

    At each t(m) edition 1 of m is made, then every earlier snapshot is evaluated as known at t(m) and gets its
    next edition if a row of it changed. `wanted` restricts the rows to some measures.
    """
    latest = {}     # d -> (edition, cells)
    for month in days:
        known = Known(register, cal.cutoff(month))
        for day in [month] + [day for day in latest if all_editions]:
            cells = restrict(evaluation.Evaluation(known, geography, day).cells(), wanted)
            edition, before = latest.get(day, (0, None))
            if cells != before:
                latest[day] = (edition + 1, cells)
                yield day, edition + 1, cells


def restrict(areas, wanted):
    """Only the cells of the wanted measures; areas where they are as in an empty one are left out."""
    if wanted is None:
        return areas
    result = {}
    for key, cells in areas.items():
        kept = {name: cell for name, cell in cells.items() if name[0] in wanted}
        if kept != {name: cell for name, cell in evaluation.empty_cells(key[0]).items() if name[0] in wanted}:
            result[key] = kept
    return result


def field(text):
    """RFC 4180 quoting only where it is needed (A4)."""
    if any(letter in text for letter in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def integer(number):
    return "" if number is None else str(number)


def area_text(level, code, name, cells, definition_of=None):
    """The rows of one area in the order of measure and breakdown (A3), with MARK for date and edition."""
    definition_of = definition_of or DEFINITION_OF
    lines = []
    for (measure, breakdown), cell in sorted(cells.items()):
        lines.append(f"{MARK},{definition_of[measure]},{level},{code},{field(name)},{measure},{breakdown},"
                     f"{integer(cell.numerator)},{integer(cell.denominator)},{cell.value},"
                     f"{measures.UNITS[measure]},{measures.flags(cell)}\n")
    return "".join(lines)


def answer_text(geography, day, structure_day, areas, chosen):
    """The rows of a question in the export's columns; the edition is empty (R20)."""
    definition_of = definitions.names(chosen)
    parts = [area_text(*area, areas.get(area[:2]) or evaluation.empty_cells(area[0], chosen), definition_of)
             for area in geography.areas(structure_day)]
    return HEADER + "".join(parts).replace(MARK, f"{cal.format_day(day)},")


class Exporter:
    """Writes editions as files; the text of empty areas is prepared once (A1: snapshots are dense)."""

    def __init__(self, folder, geography, wanted=None):
        self._folder = folder
        self._geography = geography
        self._wanted = wanted
        self._empty = {}
        os.makedirs(folder, exist_ok=True)

    def _empty_text(self, area):
        if area not in self._empty:
            cells = evaluation.empty_cells(area[0])
            if self._wanted is not None:
                cells = {name: cell for name, cell in cells.items() if name[0] in self._wanted}
            self._empty[area] = area_text(*area, cells)
        return self._empty[area]

    def text(self, day, edition, areas):
        """The whole file of an edition (A4)."""
        parts = []
        for area in self._geography.areas(day):
            cells = areas.get(area[:2])
            parts.append(self._empty_text(area) if cells is None else area_text(*area, cells))
        return HEADER + "".join(parts).replace(MARK, f"{cal.format_day(day)},{edition}")

    def write(self, day, edition, areas):
        path = os.path.join(self._folder, f"{cal.format_day(day)}.{edition}.csv")
        with open(path, "wb") as file:
            file.write(self.text(day, edition, areas).encode("utf-8"))
