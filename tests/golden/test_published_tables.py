"""Arithmetic of the published tables in tests/data/golden: what must follow from what, and exactly where it does not.

These are identities, not calibration: a share is its parts, a sum its groups. Where a report contradicts itself the
contradiction is asserted, so that nobody takes it for a mistake of the copy.
"""
import csv
import unittest
from fractions import Fraction
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"


def rows(name):
    with open(GOLDEN / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by(name, column):
    return {row[column]: row for row in rows(name)}


def headline(number):
    return Fraction(by("headline_figures.csv", "id")[number]["value"])


def rounded(value, decimals=0):
    """Half away from zero, on exact numbers (R17)."""
    scaled = abs(Fraction(value)) * 10 ** decimals
    whole = int(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10 ** decimals)


def change_percent(before, after, decimals=1):
    return rounded(Fraction(after - before, before) * 100, decimals)


class NationalKeyFigures(unittest.TestCase):
    """Two reports, each for itself."""

    def setUp(self):
        self.tables = {}     # (source, period) -> figure -> value
        for row in rows("national_key_figures.csv"):
            self.tables.setdefault((row["source"], row["period"]), {})[row["figure"]] = Fraction(row["value"])

    def each(self, *figures):
        """(name, values) of every period of a report that has all the figures."""
        found = [(place, [table[figure] for figure in figures]) for place, table in self.tables.items()
                 if all(figure in table for figure in figures)]
        self.assertGreater(len(found), 5, figures)
        return found

    def check_ratio(self, figure, numerator, denominator, decimals, factor=1):
        for place, (published, part, whole) in self.each(figure, numerator, denominator):
            with self.subTest(figure=figure, place=place):
                self.assertEqual(rounded(part / whole * factor, decimals), published)

    def test_staffed_and_unstaffed_lists_are_all_lists(self):
        for place, (every, staffed, unstaffed) in self.each("lists_all", "lists_staffed", "lists_unstaffed"):
            with self.subTest(place=place):
                self.assertEqual(staffed + unstaffed, every)

    def test_unstaffed_over_all_is_the_published_share(self):
        self.check_ratio("list_unstaffed_share_pct", "lists_unstaffed", "lists_all", 1, 100)

    def test_fixed_salary_over_all_is_the_published_share(self):
        self.check_ratio("fixed_salary_share_all_pct", "lists_fixed_salary_all", "lists_all", 1, 100)

    def test_persons_over_lists_is_the_published_mean(self):
        self.check_ratio("list_length_mean_staffed", "persons_on_staffed", "lists_staffed", 0)
        for table in self.tables.values():
            if "persons_on_staffed" in table:
                table["persons_all"] = table["persons_on_staffed"] + table["persons_on_unstaffed"]
        self.check_ratio("list_length_mean_all", "persons_all", "lists_all", 0)
        self.check_ratio("persons_without_gp_share_pct", "persons_on_unstaffed", "persons_all", 1, 100)

    def test_R14_specialists_are_counted_per_agreement_in_the_indicator_and_per_doctor_in_the_statistics(self):
        doctors = {period: 100 * table["gps_specialists"] / table["gps"]
                   for (_, period), table in self.tables.items() if "gps_specialists" in table}
        self.assertEqual(rounded(doctors["2021Q4"], 1), 64)          # 3 177 of 4 961 doctors
        self.assertEqual(rounded(Fraction(319400, 4997), 1), headline("H058"))
        self.assertEqual(headline("H060"), 3194)
        self.assertEqual(rounded(doctors["2023-10"], 1), Fraction("62.9"))

    def test_the_two_reports_differ_in_these_figures_alone(self):
        sources = sorted({source for source, _ in self.tables})
        self.assertEqual(len(sources), 2)
        different = {}
        for (source, period), table in self.tables.items():
            other = self.tables.get((sources[1], period), {})
            if source == sources[0]:
                for figure in table.keys() & other.keys():
                    if table[figure] != other[figure]:
                        different.setdefault(figure, set()).add(period)
        # The later report reads the old months under another model: fewer lists over a year, some persons moved.
        self.assertEqual(different, {
            "lists_unstaffed_over_1y": {"2019Q4", "2020Q4", "2021Q4", "2022Q4"},
            "persons_on_staffed": {"2019Q4", "2020Q4", "2021Q4", "2022Q4"},
            "persons_on_unstaffed": {"2019Q4", "2022Q4"},
            "list_length_mean_staffed": {"2019Q4"},
            "list_length_mean_all": {"2019Q4"}})


class March2022(unittest.TestCase):
    def test_the_groups_add_up_to_the_nation(self):
        table = by("001_t7_1_doctors_by_municipality_size.csv", "municipality_size")
        for column in ("change_doctors_4q2021_1q2022", "change_doctors_1q2020_1q2022"):
            change = {size: int(row[column]) for size, row in table.items()}
            small = change["<2000"] + change["2000-4999"] + change["5000-9999"]
            self.assertEqual(small, change["<10000"])
            self.assertEqual(change["10000-49999"] + change["50000+"], change[">10000"])
            self.assertEqual(change["<10000"] + change[">10000"], change["all"])

    def test_the_change_column_contradicts_the_rates_of_the_smallest_groups(self):
        table = by("001_t7_1_doctors_by_municipality_size.csv", "municipality_size")
        wrong = set()
        for size, row in table.items():
            rates = [Fraction(row[f"doctors_per_10000_listed_{quarter}"]) for quarter in ("1q2020", "1q2022")]
            # Two rates of one decimal: their difference is known to within 0.1.
            if abs(rates[1] - rates[0] - Fraction(row["change_rate_1q2020_1q2022"])) > Fraction(1, 10):
                wrong.add(size)
        self.assertEqual(wrong, {"<2000", "2000-4999", "5000-9999"})

    def test_text_and_table_differ_by_a_doctor_and_in_the_largest_group(self):
        self.assertEqual((headline("H002"), headline("H003")), (29, 28))
        table = by("001_t7_1_doctors_by_municipality_size.csv", "municipality_size")
        self.assertEqual(headline("H013") - int(table["50000+"]["change_doctors_1q2020_1q2022"]), 2)

    def test_headlines_follow_from_each_other(self):
        self.assertEqual(headline("H020") - headline("H021"), headline("H024"))     # 40 lists, 30 staffed: 10 unstaffed
        self.assertEqual(headline("H023") - headline("H024"), 221)                  # as at the end of 2021
        persons = headline("H025") / headline("H026") * 100                         # about 5.34 million
        self.assertEqual(rounded(headline("H029") / persons * 100, 1), headline("H030"))
        self.assertEqual(rounded(headline("H001") * 10000 / persons, 0), 9)

    def test_locum_days_add_up_and_so_do_their_changes(self):
        table = by("001_t7_2_locum_days.csv", "list_status")
        days = {status: {year: int(row[f"locum_days_{year}"]) for year in (2019, 2020, 2021)}
                for status, row in table.items()}
        for year in (2019, 2020, 2021):
            self.assertEqual(days["staffed"][year] + days["unstaffed"][year], days["total"][year])
        for status, row in table.items():
            for before, after in ((2019, 2020), (2020, 2021), (2019, 2021)):
                with self.subTest(status=status, years=(before, after)):
                    self.assertEqual(change_percent(days[status][before], days[status][after]),
                                     Fraction(row[f"pct_{before}_{after}"]))


class Financing(unittest.TestCase):
    def test_the_cost_groups_add_up_but_for_one_million_in_2019(self):
        table = rows("001_t4_2_cost_of_gp_scheme_mnok.csv")
        for year in (2019, 2020, 2021):
            amount = {row["item"]: int(row[f"nok_million_{year}"]) for row in table}
            for group, total in (("base", "sum_basisfinansiering"), ("refund", "sum_refusjoner"),
                                 ("patient", "sum_pasientbetaling")):
                parts = [amount[row["item"]] for row in table if row["group"] == group and row["item"] != total]
                self.assertEqual(sum(parts), amount[total], (year, group))
            sums = sum(amount[item] for item in ("sum_basisfinansiering", "sum_refusjoner", "sum_pasientbetaling"))
            self.assertEqual(amount["sum_totalt"] - sums, 1 if year == 2019 else 0)

    def test_changes_in_per_cent_are_within_rounding_of_whole_millions(self):
        for row in rows("001_t4_2_cost_of_gp_scheme_mnok.csv"):
            for before, after in ((2020, 2021), (2019, 2021)):
                low, high = ((int(row[f"nok_million_{after}"]) + half * sign) / (int(row[f"nok_million_{before}"]) - half * sign)
                             for half, sign in ((Fraction(1, 2), -1), (Fraction(1, 2), 1)))
                published = Fraction(row[f"pct_{before}_{after}"])
                with self.subTest(item=row["item"], years=(before, after)):
                    self.assertLessEqual((low - 1) * 100 - Fraction(1, 20), published)
                    self.assertGreaterEqual((high - 1) * 100 + Fraction(1, 20), published)

    def test_base_financing_adds_up_to_within_two_thousand(self):
        table = {(row["payment_form"], row["item"]): row for row in rows("001_t4_3_base_financing_2021_tnok.csv")}
        columns = ("lists_with_doctor_tnok", "lists_without_doctor_tnok", "sum_tnok")
        items = ("grunntilskudd", "basistilskudd_le_1000", "basistilskudd_gt_1000", "utjamningstilskudd")
        worst = 0
        for row in table.values():
            with_doctor, without, total = (int(row[column]) for column in columns)
            worst = max(worst, abs(with_doctor + without - total))
        for column in columns:
            for form in ("fastlonn", "naering", "all"):
                parts = sum(int(table[form, item][column]) for item in items)
                worst = max(worst, abs(parts - int(table[form, "sum"][column])))
            for item in items + ("sum",):
                forms = int(table["fastlonn", item][column]) + int(table["naering", item][column])
                worst = max(worst, abs(forms - int(table["all", item][column])))
        self.assertEqual(worst, 2)

    def test_the_two_financing_tables_agree_in_millions(self):
        cost = by("001_t4_2_cost_of_gp_scheme_mnok.csv", "item")
        base = {row["item"]: int(row["sum_tnok"]) for row in rows("001_t4_3_base_financing_2021_tnok.csv")
                if row["payment_form"] == "all"}
        grants = base["grunntilskudd"] + base["basistilskudd_le_1000"] + base["basistilskudd_gt_1000"]
        self.assertEqual(rounded(Fraction(grants, 1000)), int(cost["grunn_og_basistilskudd"]["nok_million_2021"]))
        self.assertEqual(rounded(Fraction(base["utjamningstilskudd"], 1000)),
                         int(cost["utjamningstilskudd"]["nok_million_2021"]))
        self.assertEqual(rounded(Fraction(base["sum"], 1000)), int(cost["sum_basisfinansiering"]["nok_million_2021"]))

    def test_equalisation_of_the_self_employed_as_in_the_text(self):
        table = {(row["payment_form"], row["item"]): row for row in rows("001_t4_3_base_financing_2021_tnok.csv")}
        staffed = int(table["naering", "utjamningstilskudd"]["lists_with_doctor_tnok"])
        self.assertEqual(rounded(Fraction(staffed, 1000), 1), headline("H047"))
        self.assertEqual(rounded(Fraction(100 * staffed, int(table["all", "utjamningstilskudd"]["sum_tnok"]))),
                         headline("H049"))

    def test_grant_positions_join_without_gap_or_overlap(self):
        for valid_to, valid_from in (("2021-06-30", ""), ("", "2021-07-01")):
            rates = [row for row in rows("001_grant_rates.csv")
                     if (row["valid_to"], row["valid_from"]) == (valid_to, valid_from)]
            first, second = rates
            self.assertEqual((first["list_position_from"], first["list_position_to"]), ("1", "1000"))
            self.assertEqual(int(second["list_position_from"]), int(first["list_position_to"]) + 1)
            self.assertGreater(int(first["nok_per_listed_person_per_year"]),
                               int(second["nok_per_listed_person_per_year"]))


class NorthernNorway(unittest.TestCase):
    def test_stable_and_new_agreements_are_those_of_march_2019(self):
        change = {row["metric"]: int(row["oct_2017_to_mar_2019"]) for row in rows("003_t8_2_stable_new_ended.csv")}
        agreements = by("003_t8_1_agreements_nord_norge.csv", "metric")["antall_fastlegeavtaler"]
        self.assertEqual(change["stabile"] + change["nye"], int(agreements["mar_2019"]))
        self.assertEqual(change["stabile"] + change["avsluttede"], int(agreements["oct_2017"]))

    def test_shares_of_stability_follow_from_their_parts(self):
        wrong = {}
        for row in rows("003_t8_3_stability_by_centrality_and_population.csv"):
            share = Fraction(100 * int(row["stable_oct2017_mar2019"]), int(row["agreements_mar_2019"]))
            if rounded(share) != int(row["stable_pct"]):
                wrong[row["level"]] = (rounded(share, 1), int(row["stable_pct"]))
        self.assertEqual(wrong, {"5000-9999": (Fraction("79.5"), 79)})     # 70 of 88, cut instead of rounded

    def test_centrality_adds_up_and_population_does_not(self):
        table = rows("003_t8_3_stability_by_centrality_and_population.csv")
        sums = {name: tuple(sum(int(row[column]) for row in table if row["breakdown"] == name)
                            for column in ("agreements_mar_2019", "stable_oct2017_mar2019"))
                for name in ("all", "centrality", "population")}
        self.assertEqual(sums, {"all": (552, 464), "centrality": (552, 464), "population": (641, 557)})

    def test_women_and_men_are_all(self):
        for name, columns in (("003_t8_1_agreements_nord_norge.csv", ("oct_2017", "mar_2019")),
                              ("003_t8_4_characteristics_stable_new_ended.csv",
                               ("stable_mar_2019", "new_mar_2019", "ended_oct_2017"))):
            table = by(name, "metric")
            for column in columns:
                self.assertEqual(int(table["andel_kvinner"][column]) + int(table["andel_menn"][column]), 100)

    def test_the_mean_length_of_october_2017_is_not_that_of_women_and_men(self):
        table = by("003_t8_1_agreements_nord_norge.csv", "metric")

        def of_both(column):
            share = Fraction(int(table["andel_kvinner"][column]), 100)
            women, men = (int(table[f"listelengde_{sex}"][column]) for sex in ("kvinner", "menn"))
            return share * women + (1 - share) * men - int(table["gjennomsnittlig_listelengde"][column])

        self.assertLess(abs(of_both("mar_2019")), 2)
        self.assertGreater(abs(of_both("oct_2017")), 10)


class SpecialistShares(unittest.TestCase):
    def test_no_weights_of_the_groups_leave_the_nation_outside_them(self):
        table = by("001_t9_4_specialist_share_by_municipality_size_pct.csv", "municipality_size")
        shares = [Fraction(row["2021"]) for row in table.values()]
        self.assertEqual([float(share) for share in shares], [44.1, 49.6, 56.6, 60.7, 71.9])
        self.assertEqual(shares, sorted(shares))
        self.assertTrue(shares[0] < headline("H058") < shares[-1])

    def test_durations_of_2020_and_2021_are_the_same_but_for_the_smallest(self):
        table = by("001_t9_1_median_agreement_duration_years.csv", "municipality_size")
        self.assertEqual([size for size, row in table.items() if row["2020"] != row["2021"]], ["<2000"])


if __name__ == "__main__":
    unittest.main()
