"""Edges of the published definitions: the day, the patient, the inhabitant and the year on which a figure tips over.

Each case is a list in a municipality of its own, so that one replay shows them all: D9 and D10 (grants), R13 (ages).
The program's rows are compared with the case's expectation and with the independent computation.
"""


import sys
import unittest

from flosync_testing import JANUARY_2024_MS, REFERENCE, Workplace, line, patient_count, person, replay, rows, write_lines

sys.path.insert(0, str(REFERENCE))

import calendar_oslo as cal
import geography as geo
import evaluation
import recompute
from register import Known

UPDATED = "2024-01-10T11:00:00"
DAY = "2024-02-01"

# name: patients, cap, start of the agreement, fixed salary, whether the list gets the supplement
SUPPLEMENT = {
    "499 patients": (499, 500, "2023-02-01", False, True),
    "500 patients": (500, 500, "2023-02-01", False, False),
    "no patients": (0, 500, "2023-02-01", False, True),
    "patients unknown": (None, 500, "2023-02-01", False, False),
    "cap 499": (499, 499, "2023-02-01", False, False),
    "cap 501": (499, 501, "2023-02-01", False, True),
    "cap unknown": (499, None, "2023-02-01", False, False),
    "two years today": (499, 500, "2022-02-01", False, False),
    "two years tomorrow": (499, 500, "2022-02-02", False, True),
    "fixed salary": (499, 500, "2023-02-01", True, False)}

# name: municipality, patients of its lists, GPs that get the grant. 3414 had 4 992 inhabitants in 2024, 3328 had 5 007.
EQUALISATION = {
    "4992 inhabitants": ("3414", [1100], 1),
    "5007 inhabitants": ("3328", [1100], 0),
    "mean 1199.5": ("1832", [1200, 1199], 2),
    "mean 1200": ("1835", [1200, 1200], 0),
    "no count": ("1836", [None], 0)}

# age in 2024: the bands it lies in
AGES = {39: {"lt40"}, 40: {"40_60"}, 60: {"40_60"}, 61: {"gt60"}, 66: {"gt60"}, 67: {"gt60", "ge67"}}


class Register:
    """Lines of a register in which every list has one GP."""

    def __init__(self):
        self.lines = []
        self.next = 1

    def add(self, municipality, patients=900, cap=1000, since="2012-01-01", fixed=False, born="1970-05-01"):
        number, self.next = self.next, self.next + 1
        at = JANUARY_2024_MS + 1000 * number
        self.lines.append(person(1000 + number, UPDATED, at, born=born, specialist_from="2015-01-01"))
        self.lines.append(line("flo.contract", at, 9000 + number, {
            "Id": 9000 + number, "MaxPatients": cap, "IsFixedSalary": fixed, "UpdatedOn": UPDATED,
            "Valid": {"From": "2010-01-01T00:00:00", "To": None}, "Municipality": {"CodeValue": municipality}}))
        self.lines.append(line("flo.gp-on-contract", at, 9000 + number, {
            "Id": 7000 + number, "GPContractId": 9000 + number, "HprNumber": 1000 + number, "UpdatedOn": UPDATED,
            "Valid": {"From": since + "T00:00:00", "To": None}, "Relationship": {"CodeValue": "LPFL"}}))
        if patients is not None:
            self.lines.append(patient_count(9000 + number, patients, "2024-01-01", at))


class GoldenEdges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        geography = geo.Geography()
        day = cal.parse_day(DAY)
        taken = {case[0] for case in EQUALISATION.values()}
        free = [code for level, code, _ in geography.areas(day) if level == "municipality" and code not in taken]
        cls.places = dict(zip(list(SUPPLEMENT) + list(AGES), free))
        register = Register()
        for name, (patients, cap, since, fixed, _) in SUPPLEMENT.items():
            register.add(cls.places[name], patients, cap, since, fixed)
        for municipality, lengths, _ in EQUALISATION.values():
            for patients in lengths:
                register.add(municipality, patients, 1300)
        for age in AGES:
            register.add(cls.places[age], born=f"{2024 - age}-12-31")
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", register.lines)
            replay(place / "in", place / "state", place / "got", "--until", DAY)
            cls.program = {(r["level"], r["area_code"], r["measure"], r["breakdown"]): r["numerator"]
                           for r in rows(place / "got" / f"{DAY}.1.csv")}
            recompute.main(["--input", str(place / "in"), "--export", str(place / "want"), "--until", DAY,
                            "--editions", "first"])
            cls.reference = {(r["level"], r["area_code"], r["measure"], r["breakdown"]): r["numerator"]
                             for r in rows(place / "want" / f"{DAY}.1.csv")}

    def check(self, municipality, measure, breakdown, wanted):
        row = ("municipality", municipality, measure, breakdown)
        self.assertEqual(self.reference[row], str(wanted), row)
        self.assertEqual(self.program[row], str(wanted), row)

    def test_D9_basic_supplement(self):
        for name, case in SUPPLEMENT.items():
            with self.subTest(name):
                self.check(self.places[name], "grant_basic_supplement_lists", "all", int(case[-1]))

    def test_D10_equalisation(self):
        for name, (municipality, _, gps) in EQUALISATION.items():
            with self.subTest(name):
                self.check(municipality, "grant_equalisation_gps", "all", gps)

    def test_R13_age_edges(self):
        for age, bands in AGES.items():
            for band in ("lt40", "40_60", "gt60", "ge67"):
                with self.subTest(age=age, band=band):
                    self.check(self.places[age], "gp_count", f"all.{band}", int(band in bands))
                    if band != "ge67":
                        self.check(self.places[age], "gp_specialist_share", band, int(band in bands))


class LeapDay(unittest.TestCase):
    """D9: two years from 29 February 2020 end on 28 February 2022; by the independent computation, at the instant of
    DAY, before which nothing of the register was counted."""

    def test_D9_two_years_from_29_february(self):
        register = Register()
        register.add("0301", 499, 500, "2020-02-29")
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", register.lines)
            known = Known(recompute.build_register(recompute.read_records(str(place / "in"))), float("inf"))
        for text, lists in (("2022-02-27", 1), ("2022-02-28", 0)):
            day = cal.parse_day(text)
            cells = evaluation.Evaluation(known, geo.Geography(), day, cal.cutoff(cal.parse_day(DAY)), day).cells()
            self.assertEqual(cells["nation", "NO"]["grant_basic_supplement_lists", "all"].numerator, lists, text)


if __name__ == "__main__":
    unittest.main()
