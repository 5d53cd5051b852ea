"""Who and what there is in the random world behind history.py: lists, doctors, doctor periods and their days."""
import random

import calendar_oslo as cal
from wire import chance

DAY_MS = 24 * cal.HOUR_MS
# (first month, municipalities that something happens to around it)
ERAS = [
    ("2016-11-01", ["0720", "0710", "0704", "0301", "301", "1103", "1901", "0219"]),
    ("2017-10-01", ["1613", "5012", "5001", "1601", "1850", "0710", "0301", "1151"]),
    ("2018-09-01", ["1850", "5012", "1504", "1523", "0301", "1902", "426", "1580", "5401"]),
    ("2019-11-01", ["1850", "5012", "1507", "1504", "1804", "0301", "1103", "1859", "1151", "3001"]),
    ("2020-02-01", ["1507", "1504", "1806", "5012", "3020", "0301", "1144", "0104", "5055"]),
    ("2020-12-01", ["1507", "1504", "3005", "5401", "0301", "1902", "3020", "1850"]),
    ("2021-08-01", ["1507", "1580", "1508", "3005", "1840", "0301", "4601", "1850"]),
    ("2023-10-01", ["1507", "1508", "1580", "3020", "5401", "0301", "3811", "1144", "1504"]),
    ("2024-02-01", ["1507", "1580", "5501", "3201", "301", "1850", "5436", "1151", "0602"]),
    ("2024-12-01", ["5610", "1508", "1507", "0301", "3420", "1103", "5012", "4601"])]
# Numbers that are never changed. The first lists lie in them and stay, so that every history has lists in five places.
QUIET_MUNICIPALITIES = ["1151", "1811", "1103", "0301", "1835"]
FIRST_LIST = 900001
STEADY_LISTS = range(FIRST_LIST, FIRST_LIST + len(QUIET_MUNICIPALITIES))
STRANGE_MUNICIPALITIES = ["2100", "9999", None, "abc", "0000", "1", "12345"]


class Population:
    """The state of everything, and the clock of the stream."""

    def __init__(self, seed, lists, months):
        self.rng = random.Random(seed)
        first, municipalities = self.rng.choice(ERAS)
        begin = cal.add_months(cal.parse_day(first), self.rng.randrange(2))
        self.days = [cal.add_months(begin, n) for n in range(1, months + 1)]      # the snapshots that fall due
        self.start = cal.cutoff(begin) + self.rng.choice([-1, 0, 1] + [self.rng.randrange(25 * DAY_MS)] * 5)
        self.end = cal.cutoff(self.days[-1]) + self.rng.choice([0, 1, self.rng.randrange(20 * DAY_MS)])
        self.municipalities = self.rng.sample(municipalities, 6) + QUIET_MUNICIPALITIES
        self.now = self.start
        self.partitions = {topic: self.rng.randrange(1, 4) for topic in
                           ("hpr.person", "hpr.event", "flo.contract", "flo.gp-on-contract", "flo.patient-count")}
        self.persons, self.contracts, self.periods, self.counts = {}, {}, {}, {}
        self.next_period = 700001
        self._populate(lists)

    # --- random values ---

    def near_day(self):
        """A day that matters: on, before or after a first of month, or somewhere in the years around."""
        rng, day = self.rng, self.rng.choice(self.days)
        if chance(rng, 0.55):
            return day + rng.choice([-2, -1, -1, 0, 0, 0, 1, 1, 2])
        if chance(rng, 0.2):
            return cal.add_months(day, rng.choice([-24, -24, -12, -12, -3, 12])) + rng.choice([-1, 0, 0, 1])
        if chance(rng, 0.1):
            return cal.parse_day("2017-03-01") + rng.choice([-1, 0, 0, 1])     # D7
        if chance(rng, 0.1):
            year = cal.year_of(day) - rng.randrange(4)
            return max(cal.parse_day(f"{year}-02-28"), cal.parse_day(f"{year}-03-01") - 1) + rng.randrange(2)
        return day + rng.randrange(-900, 200)

    def period(self, open_start=0.0, open_end=0.5):
        rng = self.rng
        start = cal.OPEN_FROM if chance(rng, open_start) else self.near_day() - rng.choice([0, 0, rng.randrange(4000)])
        if chance(rng, open_end):
            return start, cal.OPEN_TO
        end = self.near_day()
        return (start, end) if end > start else (start, start + 1 + rng.randrange(60))

    def long_period(self, probability, open_start=0.0):
        """With `probability` one that holds during the whole history."""
        if not chance(self.rng, probability):
            return self.period(open_start)
        start = self.days[0] - self.rng.randrange(100, 6000)
        return start, self.rng.choice([cal.OPEN_TO, cal.OPEN_TO, self.days[-1] + self.rng.randrange(1, 9000)])

    def instant(self):
        """Somewhere in the stream, often close to some t(d), sometimes where the clock changes."""
        rng = self.rng
        if chance(rng, 0.25):
            near = rng.randrange(2 * cal.HOUR_MS)
            wanted = cal.cutoff(rng.choice(self.days)) + rng.choice([-1, 0, 0, 1, -near, near])
        elif chance(rng, 0.1):
            wanted = self.clock_change() + rng.randrange(-5400000, 5400000)
        else:
            wanted = rng.randrange(self.start, self.end)
        return min(max(wanted, self.start), self.end)

    def clock_change(self):
        """01:00 UTC on the last Sunday of March or October of a year of the stream."""
        year = cal.year_of(self.rng.choice(self.days))
        last = cal.parse_day(f"{year}-{self.rng.choice(['03', '10'])}-31")
        midnight = cal.cutoff(last - last % 7, 0)
        return midnight + 2 * cal.HOUR_MS

    def version(self):
        """The wall clock of a change: about now, sometimes late, early, or exactly at some t(d)."""
        rng = self.rng
        wall = cal.wall_of_instant(self.now - rng.choice([0, 1000, rng.randrange(3600000)]))
        draw = rng.random()
        if draw < 0.12:
            at = cal.wall_of_instant(cal.cutoff(rng.choice(self.days)))
            return at + rng.choice([0, 0, -1, 1, 100, -100, -1000000])
        if draw < 0.2:
            return wall - rng.randrange(90) * cal.DAY_NS
        if draw < 0.23:
            return wall + rng.randrange(60) * cal.DAY_NS
        return wall + rng.choice([0, rng.randrange(1000000)])

    def next_version(self, entity):
        """A new version of an entity; now and then its old one again, or one just before it."""
        if "version" in entity and chance(self.rng, 0.15):
            return entity["version"] - self.rng.choice([0, 0, 0, 1, cal.SECOND_NS])
        return self.version()

    # --- the population ---

    def _populate(self, lists):
        rng = self.rng
        numbers = [1, 2147483647] + rng.sample(range(2, 100), 6) + rng.sample(range(1000000, 10**7), lists) \
            + rng.sample(range(999000000, 999999999), lists // 3)
        for number in numbers:
            self.persons[number] = self.new_person(number)
        self.strangers = [number + 1 for number in rng.sample(numbers[2:], 4)]     # not in HPR
        for number in range(FIRST_LIST, FIRST_LIST + lists):
            self.contracts[number] = self.new_contract(number)
            if chance(rng, 0.1):
                self.add_regular_gp_of_a_year_ago(number)
            else:
                for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
                    self.add_regular_gp(number)
            for _ in range(rng.choice([0, 0, 1, 2, 4])):
                self.add_period(number, "LPVI", self.locum_period())
            if chance(rng, 0.15):
                self.add_period(number, rng.choice(["LPDL", "lpfl", "NOTHIN", None]), self.period())

    def new_person(self, number):
        rng, days = self.rng, self.days
        year = cal.year_of(days[0])
        age = rng.choice([39, 40, 41, 60, 61, 66, 67, rng.randrange(27, 80)])
        birth = rng.choice(["01-01", "12-31", "06-15", "02-28"])
        return {"number": number, "alias": None,
                "birth": None if chance(rng, 0.06) else cal.parse_day(f"{year - age}-{birth}"),
                "death": self.near_day() if chance(rng, 0.1) else None, "sex": rng.choice("1122209"),
                "nin": rng.choice([None, None, "12837520264", "12837520265"]),
                "approvals": [self.new_approval() for _ in range(rng.choice([0, 1, 1, 1, 2]))],
                "reactions": self.new_reactions(0.08)}

    def new_reactions(self, probability):
        if not chance(self.rng, probability):
            return []
        period = None if chance(self.rng, 0.15) else self.period(open_start=0.1)
        return [(self.rng.choice(["1", "5", "8", "1", "2", "9", "51"]), period)]

    def new_part(self):
        """What approvals and specialities have in common."""
        rng = self.rng
        period = None if chance(rng, 0.03) else self.long_period(0.85, open_start=0.05)
        ended = rng.choice(["1", "1", "2", "3", "3", "99", "7"]) if chance(rng, 0.15) else None
        if ended in ("1", "3") and period is not None and chance(rng, 0.7):
            # The last day on, before or after the day of the version; the figures of the years before show it (D18).
            end = cal.day_of_instant(self.now) + rng.choice([0, 1, 1, 2])
            period = min(period[0], end - 1), end
        return {"period": period, "ended": ended,
                "reactions": self.new_reactions(0.08),
                "suspensions": [self.period()] if chance(rng, 0.08) else []}

    def new_approval(self):
        rng = self.rng
        specialities = [dict(self.new_part(), code=rng.choice(["1"] * 8 + ["152", "01"]),
                             oid=rng.choice([7426] * 8 + [None, None, 7427]))
                        for _ in range(rng.choice([0, 1, 1, 1, 1, 2]))]
        return dict(self.new_part(), category=rng.choice(["LE"] * 8 + ["SP", "le"]),
                    type=rng.choice(["1"] * 8 + ["2", "3", "4", "17", "18", "99", None]), specialities=specialities)

    def new_contract(self, number):
        rng = self.rng
        return {"id": number, "fixed": chance(rng, 0.25),
                "cap": rng.choice([None, 0, 499, 500, 500, 501, 900, 1200, rng.randrange(2500)]),
                "status": rng.choice(["FAAA", "FALU", "XX"]), "municipality": self.municipality(number),
                "period": self.contract_period(number)}

    def municipality(self, number):
        if number in STEADY_LISTS:
            return QUIET_MUNICIPALITIES[number - FIRST_LIST]
        return self.rng.choice(STRANGE_MUNICIPALITIES if chance(self.rng, 0.06) else self.municipalities)

    def contract_period(self, number):
        if number in STEADY_LISTS:
            return cal.parse_day("2012-01-01"), cal.OPEN_TO
        start = self.near_day() - self.rng.choice([0, 365, 366] + [self.rng.randrange(1000, 6000)] * 4)
        if chance(self.rng, 0.85):
            return start, cal.OPEN_TO
        return start, max(start + 1, self.near_day())

    def locum_period(self):
        if chance(self.rng, 0.3):
            return self.period()
        start = self.rng.choice(self.days) - self.rng.randrange(400)
        return start, start + self.rng.randrange(1, 120)

    def doctor(self):
        if chance(self.rng, 0.05):
            return self.rng.choice(self.strangers)
        return self.rng.choice(list(self.persons))

    def add_period(self, contract, relationship, span, number=None):
        percentage = None
        if relationship == "LPVI":
            percentage = self.rng.choice([None, 0, 1, 33, 50, 60, 100, 150])
        self.periods[self.next_period] = {
            "id": self.next_period, "contract": contract, "number": number or self.doctor(),
            "relationship": relationship, "period": span, "percentage": percentage}
        self.next_period += 1

    def add_regular_gp(self, contract):
        """A regular GP, sometimes in several periods that touch, overlap or leave a day (D6)."""
        rng, number = self.rng, self.doctor()
        span = self.long_period(0.5)
        if chance(rng, 0.1):     # an agreement as old as the limits of D9 and R16, on a list that D9 asks for
            self.contracts[contract].update(fixed=False, cap=500)
            self.counts[contract] = {"contract": contract, "patients": 450}
            span = cal.add_months(rng.choice(self.days), -24) + rng.choice([-1, 0, 0, 1]), cal.OPEN_TO
        self.add_period(contract, "LPFL", span, number)
        while chance(rng, 0.3):
            start = span[0] + rng.choice([0, 0, 1, -1, 20])
            before = (start - rng.randrange(2, 2000), start)
            self.add_period(contract, "LPFL", before, number)
            span = before

    def add_regular_gp_of_a_year_ago(self, contract):
        """A list that passes one year without GP about a first of month, or that lost its GP around a leap day (R16)."""
        rng, last_year = self.rng, cal.year_of(self.days[-1]) - 1
        around = [cal.add_months(day, -12) for day in self.days]
        if last_year % 4 == 0:
            around = [cal.parse_day(f"{last_year}-02-29")]
        end = rng.choice(around) + rng.choice([-1, 0, 0, 0, 1])
        start = self.days[0] - rng.randrange(1500, 6000)
        if contract not in STEADY_LISTS:
            self.contracts[contract]["period"] = start, cal.OPEN_TO
        self.add_period(contract, "LPFL", (start, end))
