"""The synthetic national register has the published figures (calibration), by the independent computation.

The register is generated as a person would get it, with every rare thing and every trouble at its default rate; the
figures are those of the record stream as known at t(d), that is with corrections still to come, and with hindsight. The
whole country over two years takes minutes and runs with FLOSYNC_LONG=1; a tenth of it over the first months runs always,
with wider tolerances: a list more or less is ten there.
"""

import os
import unittest

from flosync_testing import Workplace, generate
from register_figures import DayFigures, read_register

GROUPS = ("under_2000", "2000_4999", "5000_9999", "10000_49999", "50000_pluss")


class Calibration(unittest.TestCase):
    """`scale` of the country; `wide` widens what chance decides."""
    scale = 1.0
    wide = 1.0

    def near(self, what, value, published, tolerance, relative=False):
        within = tolerance * self.wide * (published if relative else 1)
        with self.subTest(what):
            self.assertLessEqual(abs(value - published), within, f"{what}: {value:.4g}, published {published}")

    def counts(self, figures, tolerance, **published):
        for name, (measure, breakdown, value) in published.items():
            got = figures.count(measure, breakdown) / self.scale
            self.near(name, got, value, tolerance, relative=True)

    def march_2022(self, f):
        self.counts(f, 0.002, gps=("gp_count", "all.all", 4989))
        self.counts(f, 0.02, unstaffed=("list_count", "unstaffed", 231),
                    without_gp=("persons_listed", "on_unstaffed", 149651),
                    over_a_year=("persons_listed", "on_unstaffed_over_1y", 57209))
        self.near("share without a GP", f.share("persons_without_gp_share"), 2.8, 0.1)
        self.near("share over a year", f.share("persons_without_gp_share", "over_1y"), 1.1, 0.05)
        self.near("GPs per 10 000", f.share("gps_per_10000_listed") * 100, 9.2, 0.05)
        self.near("fixed salary, staffed", f.share("contract_fixed_salary_share", "staffed"), 16, 0.5)
        self.near("fixed salary, all", f.share("contract_fixed_salary_share", "all"), 17.5, 0.3)
        self.near("women", 100 * f.count("gp_count", "female.all") / f.count("gp_count", "all.all"), 47, 0.8)
        self.near("67 and older", 100 * f.count("gp_count", "all.ge67") / f.count("gp_count", "all.all"), 6.5, 0.5)
        self.near("substitutes, staffed", f.share("locum_list_share", "staffed.any"), 25, 0.5)
        self.near("substitutes, unstaffed", f.share("locum_list_share", "unstaffed.any"), 82, 1.5)
        self.near("free places per 100", f.share("list_free_places_per_100", "staffed"), 1, 0.15)

    def end_of_2021(self, f):
        self.near("specialists", f.share("gp_specialist_share"), 63.9, 0.3)
        for group, share in zip(GROUPS, (44.1, 49.6, 56.6, 60.7, 71.9)):
            place = ("gp_specialist_share", "all", "municipality_group", group)
            # Three doctors of the 140 in the smallest municipalities are two points.
            three_doctors = 300 / f.cell(*place).denominator / self.wide
            self.near(f"specialists, {group}", f.share(*place), share, max(1.5, three_doctors))
        self.near("specialists under 40", f.share("gp_specialist_share", "lt40"), 26.8, 0.8)
        self.near("specialists, Oslo", f.share("gp_specialist_share", "all", "county", "03"), 73.7, 0.7)
        self.near("specialists, Nordland", f.share("gp_specialist_share", "all", "county", "18"), 52.9, 2)

    def october_2023(self, f):
        self.counts(f, 0.002, gps=("gp_count", "all.all", 5224), lists=("list_count", "all", 5578),
                    on_staffed=("persons_listed", "all", 5301951 + 220462))
        self.counts(f, 0.02, unstaffed=("list_count", "unstaffed", 330),
                    over_a_year=("list_count", "unstaffed_over_1y", 143),
                    without_gp=("persons_listed", "on_unstaffed", 220462))
        # 3 287 of 5 224 doctors; the share here is of agreements, so the count is carried over to doctors.
        specialists = f.share("gp_specialist_share") / 100 * f.count("gp_count", "all.all") / self.scale
        self.near("specialists", specialists, 3287, 0.007, relative=True)
        self.near("mean list", f.share("list_length_mean", "staffed") / 100, 1010, 0.002, relative=True)
        self.near("fixed salary", f.share("contract_fixed_salary_share", "staffed"), 20, 0.5)


class Small(Calibration):
    scale = 0.1
    wide = 6.0

    def test_figures_of_a_tenth_of_the_country(self):
        with Workplace() as place:
            generate(place / "in", "--seed", 1, "--from", "2021-12-01", "--to", "2022-04-01", "--scale", self.scale)
            register = read_register(place / "in")
        self.end_of_2021(DayFigures(register, "2021-12-31"))
        self.march_2022(DayFigures(register, "2022-03-31"))


@unittest.skipUnless(os.environ.get("FLOSYNC_LONG"), "takes minutes: FLOSYNC_LONG=1")
class National(Calibration):
    def test_figures_of_the_country(self):
        with Workplace() as place:
            generate(place / "in", "--seed", 1, "--from", "2021-12-01", "--to", "2023-10-02")
            register = read_register(place / "in")
        for hindsight in (False, True):
            with self.subTest(hindsight=hindsight):
                self.end_of_2021(DayFigures(register, "2021-12-31", hindsight))
                self.march_2022(DayFigures(register, "2022-03-31", hindsight))
                self.october_2023(DayFigures(register, "2023-10-01", hindsight))


if __name__ == "__main__":
    unittest.main()
