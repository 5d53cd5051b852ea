"""The measures over one area (R10-R17, sections A and D of the rulings).

specialist_cells, duration_cells and statistics_cells give {(measure, breakdown): Cell} of an area under a definition;
numbers are exact, `value` is the text of the export.
"""
import collections
from fractions import Fraction

import calendar_oslo as cal

SMALL_BASE = 5                                  # A9
BANDS = ("all", "lt40", "40_60", "gt60", "ge67")
UNITS = {
    "gp_specialist_share": "percent", "gp_count": "count", "gps_per_10000_listed": "per_10000",
    "list_count": "count", "list_unstaffed_share": "percent", "persons_listed": "count",
    "persons_without_gp_share": "percent", "list_length_mean": "persons", "list_length_median": "persons",
    "list_cap_mean": "persons", "list_places": "count", "list_free_places": "count",
    "list_free_places_per_100": "per_100", "contract_fixed_salary_share": "percent",
    "contract_duration_median": "years", "contract_duration_mean": "years", "locum_list_share": "percent",
    "locum_days": "days", "gp_turnover": "percent", "gp_stable_share": "percent",
    "gp_entered_not_specialist": "count", "municipality_all_specialists": "count",
    "grant_basic_supplement_lists": "count", "grant_equalisation_gps": "count"}
WINDOW_MEASURES = {"locum_list_share", "locum_days", "gp_turnover", "gp_stable_share"}

Cell = collections.namedtuple("Cell", "numerator denominator value")

# A doctor of R10 at d. `bands` always holds "all"; `sex` is male, female or None.
Doctor = collections.namedtuple("Doctor", "number bands sex specialist")
# A pair of R10 by the relationships the definition counts: `begun` is the first day of the present agreement (D6).
Pair = collections.namedtuple("Pair", "doctor begun")
# A list with all that the measures ask of it. `regular` are the days on which the LPFL of the list began: it is staffed
# iff there is one, whatever the definition counts (D2). `locums` is the number of different substitutes in the quarter,
# the `..._locum_days` are days times percentage.
ListFacts = collections.namedtuple(
    "ListFacts", "municipality pairs regular over_1y fixed_salary cap patients locums quarter_locum_days year_locum_days")


class Area:
    """What lies in one area: lists, (doctor, municipality) pairs at both ends of the year, municipalities."""

    def __init__(self, level):
        self.level = level
        self.lists = []
        self.pairs_at_start = set()
        self.pairs_at_end = set()
        self.municipalities = []     # Area of every municipality inside, for counties, groups and the nation
        self.population = None       # of a municipality


def age_bands(birth_year, day):
    """R13; an unknown birth year is in no band."""
    if birth_year is None:
        return {"all"}
    age = cal.year_of(day) - birth_year
    return {"all", "lt40" if age < 40 else "40_60" if age <= 60 else "gt60"} | ({"ge67"} if age >= 67 else set())


# --- cells -----------------------------------------------------------------------------------------

def one_decimal(number):
    """Rounded half away from zero, never -0.0 (R17, A7)."""
    numerator, denominator = number.numerator, number.denominator
    tenths = (abs(numerator) * 20 + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"


def count(number):
    return Cell(number, None, str(number))


def ratio(numerator, denominator, scale):
    value = one_decimal(Fraction(numerator * scale, denominator)) if denominator else ""
    return Cell(numerator, denominator, value)


def percent(numerator, denominator):
    return ratio(numerator, denominator, 100)


def mean(numbers):
    return ratio(sum(numbers), len(numbers), 1)


def median(numbers, divisor=1):
    """The mean of the middle two where the number is even (R17)."""
    ordered = sorted(numbers)
    size = len(ordered)
    if not size:
        return Cell(None, 0, "")
    middle = Fraction(ordered[(size - 1) // 2] + ordered[size // 2]) / 2
    return Cell(None, size, one_decimal(middle / divisor))


def flags(cell):
    return "small_base" if cell.denominator is not None and cell.denominator < SMALL_BASE else ""


# --- measures --------------------------------------------------------------------------------------

def statistics_cells(area, day, definition):
    """Every measure of gp-statistics."""
    lists = area.lists
    staffed = [item for item in lists if item.regular]
    unstaffed = [item for item in lists if not item.regular]
    cells = {}
    doctor_cells(cells, area, definition)
    list_cells(cells, lists, staffed, unstaffed)
    length_cells(cells, lists, staffed)
    place_cells(cells, area, lists, staffed)
    locum_cells(cells, staffed, unstaffed)
    stability_cells(cells, area)
    grant_cells(cells, area, definition)
    basic_supplement_cells(cells, area, day)
    return cells


def counted(pairs, definition):
    """The doctors to count, one for each unit of the definition (R14, D14)."""
    if definition.unit == "agreement":
        return [pair.doctor for pair in pairs]
    return list({pair.doctor.number: pair.doctor for pair in pairs}.values())


def pairs_of(lists):
    return [pair for item in lists for pair in item.pairs]


def specialist_cells(area, _day, definition):
    cells = {}
    doctors = counted(pairs_of(area.lists), definition)
    for band in BANDS[:4]:
        inside = [doctor for doctor in doctors if band in doctor.bands]
        cells["gp_specialist_share", band] = percent(sum(doctor.specialist for doctor in inside), len(inside))
    return cells


def specialist_total_cells(area, day, definition):
    """Version 1.0 has breakdown all only (A10)."""
    name = "gp_specialist_share", "all"
    return {name: specialist_cells(area, day, definition)[name]}


def doctor_cells(cells, area, definition):
    pairs = pairs_of(area.lists)
    doctors = counted(pairs, definition)
    for sex in ("all", "male", "female"):
        for band in BANDS:
            inside = [doctor for doctor in doctors if band in doctor.bands and sex in ("all", doctor.sex)]
            cells["gp_count", f"{sex}.{band}"] = count(len(inside))
    entered = [pair for pair in pairs if pair.begun >= definition.entered_since and not pair.doctor.specialist]
    cells["gp_entered_not_specialist", "all"] = count(len(counted(entered, definition)))
    cells["gps_per_10000_listed", "all"] = ratio(len(doctors), patients_of(area.lists), 10000)


def list_cells(cells, lists, staffed, unstaffed):
    over = [item for item in unstaffed if item.over_1y]
    for breakdown, chosen in (("all", lists), ("staffed", staffed), ("unstaffed", unstaffed),
                              ("unstaffed_over_1y", over)):
        cells["list_count", breakdown] = count(len(chosen))
    cells["list_unstaffed_share", "all"] = percent(len(unstaffed), len(lists))
    listed, without, without_long = (patients_of(chosen) for chosen in (lists, unstaffed, over))
    cells["persons_listed", "all"] = count(listed)
    cells["persons_listed", "on_unstaffed"] = count(without)
    cells["persons_listed", "on_unstaffed_over_1y"] = count(without_long)
    cells["persons_without_gp_share", "all"] = percent(without, listed)
    cells["persons_without_gp_share", "over_1y"] = percent(without_long, listed)
    for breakdown, chosen in (("all", lists), ("staffed", staffed)):
        cells["contract_fixed_salary_share", breakdown] = percent(
            sum(item.fixed_salary for item in chosen), len(chosen))


def patients_of(lists):
    """An unknown count is 0 in sums (R7, D4)."""
    return sum(item.patients or 0 for item in lists)


def known_patients(lists):
    return [item.patients for item in lists if item.patients is not None]


def length_cells(cells, lists, staffed):
    for breakdown, chosen in (("all", lists), ("staffed", staffed)):
        cells["list_length_mean", breakdown] = mean(known_patients(chosen))
        cells["list_length_median", breakdown] = median(known_patients(chosen))
    cells["list_cap_mean", "staffed"] = mean([item.cap for item in staffed if item.cap is not None])


def place_cells(cells, area, lists, staffed):
    for breakdown, chosen in (("all", lists), ("staffed", staffed)):
        cells["list_places", breakdown] = count(sum(item.cap or 0 for item in chosen))
    cells["list_free_places", "staffed"] = count(free_places(staffed))
    cells["list_free_places_per_100", "staffed"] = ratio(free_places(staffed), patients_of(lists), 100)
    if area.level == "municipality_group":
        shares = [Fraction(100 * free_places([item for item in place.lists if item.regular]), patients_of(place.lists))
                  for place in area.municipalities if patients_of(place.lists) > 0]
        cells["list_free_places_per_100", "municipality_median"] = median(shares)


def free_places(lists):
    """Over lists that have both cap and count; over-full lists subtract (D4)."""
    return sum(item.cap - item.patients for item in lists if item.cap is not None and item.patients is not None)


def locum_cells(cells, staffed, unstaffed):
    for breakdown, chosen in (("staffed", staffed), ("unstaffed", unstaffed)):
        for name, wanted in (("1", lambda n: n == 1), ("2", lambda n: n == 2),
                             ("ge3", lambda n: n >= 3), ("any", lambda n: n >= 1)):
            cells["locum_list_share", f"{breakdown}.{name}"] = percent(
                sum(wanted(item.locums) for item in chosen), len(chosen))
        quarter = sum(item.quarter_locum_days for item in chosen)
        year = sum(item.year_locum_days for item in chosen)
        cells["locum_days", f"quarter.{breakdown}"] = Cell(quarter, 100, one_decimal(Fraction(quarter, 100)))
        cells["locum_days", f"year.{breakdown}"] = Cell(year, 100, one_decimal(Fraction(year, 100)))


def stability_cells(cells, area):
    """(doctor, municipality) pairs at every level (C2-C4), durations of (contract, doctor) pairs (D6)."""
    start, end = area.pairs_at_start, area.pairs_at_end
    cells["gp_turnover", "all"] = percent(len(start - end), len(start))
    cells["gp_stable_share", "all"] = percent(len(start & end), len(end))


def duration_cells(area, day, _definition):
    cells = {}
    days = [day - pair.begun for item in area.lists for pair in item.pairs]
    year = Fraction(1461, 4)
    cells["contract_duration_median", "all"] = median(days, year)
    value = one_decimal(Fraction(sum(days), len(days)) / year) if days else ""
    cells["contract_duration_mean", "all"] = Cell(sum(days), len(days), value)
    return cells


def grant_cells(cells, area, definition):
    if area.level != "municipality":
        all_specialists = sum(every_gp_is_specialist(place) for place in area.municipalities)
        cells["municipality_all_specialists", "all"] = count(all_specialists)
    places = [area] if area.level == "municipality" else area.municipalities
    lists = [item for place in places if equalisation_applies(place) for item in place.lists if not item.fixed_salary]
    cells["grant_equalisation_gps", "all"] = count(len(counted(pairs_of(lists), definition)))


def every_gp_is_specialist(place):
    """D8: at least one GP, and every one a specialist."""
    pairs = [pair for item in place.lists for pair in item.pairs]
    return bool(pairs) and all(pair.doctor.specialist for pair in pairs)


def equalisation_applies(place):
    """D10: fewer than 5 000 inhabitants and a mean list length of all lists below 1 200."""
    known = known_patients(place.lists)
    return (place.population is not None and place.population < 5000
            and bool(known) and sum(known) < 1200 * len(known))


def basic_supplement_cells(cells, area, day):
    """D9: one agreement younger than two years suffices."""
    number = sum(not item.fixed_salary and item.cap is not None and item.cap >= 500
                 and item.patients is not None and item.patients < 500
                 and any(day < cal.add_months(begun, 24) for begun in item.regular) for item in area.lists)
    cells["grant_basic_supplement_lists", "all"] = count(number)
