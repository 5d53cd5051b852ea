"""Municipalities, counties, groups and population from the project's tables (R15, A1, A2, G1-G6)."""
import collections
import csv
import os
import re

import calendar_oslo as cal

DEFAULT_TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "state", "geography", "tables")
SUCCESSION_TYPES = {"renumber", "merge", "split", "split+merge"}   # G2
LEVELS = ("nation", "county", "municipality_group", "municipality")

UNKNOWN = "UNKNOWN_MUNICIPALITY"
AMBIGUOUS = "AMBIGUOUS_MUNICIPALITY"


def pad_number(text):
    """Municipality numbers are padded to four digits (R8); anything else is kept verbatim."""
    if text is not None and re.fullmatch(r"[0-9]{1,3}", text):
        return text.zfill(4)
    return text


class Geography:
    """The tables, read once; every answer depends only on them and the structure date."""

    def __init__(self, folder=DEFAULT_TABLES):
        self._folder = folder
        self._municipalities = {}     # code -> (county, valid from, valid to)
        for row in self._rows("kommuner.csv"):
            self._municipalities[row["code"]] = (row["county_code"],) + self._validity(row)
        self._names = collections.defaultdict(list)
        for row in self._rows("kommune_names.csv"):
            self._names[row["code"]].append((row["name_official"],) + self._validity(row))
        self._counties = [(row["code"], row["name_official"]) + self._validity(row)
                          for row in self._rows("fylker.csv")]
        self._groups = [(row["group"], row["label"], int(row["min"]), int(row["max"] or 10**9))
                        for row in self._rows("kommunegrupper.csv")]
        self._successors = collections.defaultdict(list)     # old -> [(day, new)]
        self._predecessors = collections.defaultdict(list)   # new -> [(day, old)]
        for row in self._rows("kommune_changes.csv"):
            if row["change_type"] in SUCCESSION_TYPES and row["old_code"] != row["new_code"]:
                day = cal.parse_day(row["effective_date"])
                self._successors[row["old_code"]].append((day, row["new_code"]))
                self._predecessors[row["new_code"]].append((day, row["old_code"]))
        self._population = self._population_table("population.csv")
        self._population_2024 = self._population_table("population_2024_borders.csv")
        self._resolved = {}

    def _rows(self, name):
        with open(os.path.join(self._folder, name), encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @staticmethod
    def _validity(row):
        return cal.parse_day(row["valid_from"]), cal.parse_day(row["valid_to"]) if row["valid_to"] else cal.OPEN_TO

    def _population_table(self, name):
        table = collections.defaultdict(dict)
        for row in self._rows(name):
            table[row["code"]][int(row["year"])] = int(row["population"])
        return table

    def areas(self, structure_day):
        """[(level, code, name)] in canonical order: everything valid at the structure date (A1-A3)."""
        counties = [(code, name) for code, name, start, end in self._counties if start <= structure_day < end]
        municipalities = [(code, self._name(code, structure_day)) for code in self._municipalities
                          if self._valid(code, structure_day)]
        groups = [(code, label) for code, label, _, _ in self._groups]
        return ([("nation", "NO", "Norge")]
                + [("county",) + area for area in sorted(counties)]
                + [("municipality_group",) + area for area in sorted(groups)]
                + [("municipality",) + area for area in sorted(municipalities)])

    def _name(self, code, structure_day):
        return next(name for name, start, end in self._names[code] if start <= structure_day < end)

    def _valid(self, code, structure_day):
        _, start, end = self._municipalities.get(code, ("", 1, 0))
        return start <= structure_day < end

    def resolve(self, number, structure_day):
        """The municipality valid at the structure date, or UNKNOWN or AMBIGUOUS (G1, G5, G6)."""
        key = (number, structure_day)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(pad_number(number), structure_day)
        return self._resolved[key]

    def _resolve(self, code, structure_day):
        if code is None or (code not in self._municipalities and code not in self._successors):
            return UNKNOWN
        for _ in range(100):     # far more steps than the table has reforms
            if self._valid(code, structure_day):
                return code
            _, start, _ = self._municipalities.get(code, ("", 0, 0))
            if start > structure_day:
                steps = {old for day, old in self._predecessors[code] if day > structure_day}
            else:
                steps = {new for day, new in self._successors[code] if day <= structure_day}
            if len(steps) != 1:
                return AMBIGUOUS
            code = steps.pop()
        return AMBIGUOUS

    def successors(self, code):
        """[(day, new number)] of the change table (G2)."""
        return self._successors.get(code, [])

    def county(self, code):
        return self._municipalities[code][0]

    def population(self, code, structure_day, year):
        """Persons on 1 January of `year` or the latest earlier year; None where there is none (R15, G3)."""
        table = self._population
        if structure_day >= cal.parse_day("2024-01-01") and year < 2024:
            table = self._population_2024
        years = [known for known in table.get(code, ()) if known <= year]
        return table[code][max(years)] if years else None

    def group(self, population):
        """The group of a municipality with so many inhabitants; None for None."""
        if population is None:
            return None
        return next((code for code, _, low, high in self._groups if low <= population <= high), None)
