"""One evaluation (d, t, K): every cell of every area (B5, C1-C4, A1)."""
import calendar_oslo as cal
import definitions
import geography as geo
import measures
from measures import Area, Doctor, ListFacts, Pair
from register import Facts

EMPTY_CELLS = {}     # (level, definitions) -> the cells of an area where nothing is; the same on every day


def empty_cells(level, chosen=definitions.SNAPSHOT):
    key = level, chosen
    if key not in EMPTY_CELLS:
        EMPTY_CELLS[key] = definitions.cells_of(Area(level), 0, chosen)
    return EMPTY_CELLS[key]


class Evaluation:
    """Facts at (d, t, K) sorted into areas of one structure date, under definitions that agree on what is a GP and on t."""

    def __init__(self, known, geography, day, instant=None, structure_day=None, chosen=definitions.SNAPSHOT):
        self.day = day
        self.structure_day = day if structure_day is None else structure_day
        self._geography = geography
        self._chosen = chosen
        self._relationships, = {each.counted_relationships for each in chosen}
        self._delay, = {each.cutoff_delay_hours for each in chosen}
        self._facts = Facts(known, day, cal.cutoff(day, self._delay) if instant is None else instant)
        self._doctors = {}
        self.areas = {("nation", "NO"): Area("nation")}
        self._places = {}     # municipality code -> areas that it lies in, its own included
        self._sort_lists()
        self._sort_pairs(known)

    def cells(self):
        """{(level, code): {(measure, breakdown): Cell}} of the areas that differ from an empty one."""
        result = {key: definitions.cells_of(area, self.day, self._chosen) for key, area in self.areas.items()}
        return {key: cells for key, cells in result.items() if cells != empty_cells(key[0], self._chosen)}

    def _municipality(self, item):
        """The municipality of a list in the structure, None where it is ambiguous or unknown (R15)."""
        code = self._geography.resolve(item.municipality, self.structure_day)
        return None if code in (geo.UNKNOWN, geo.AMBIGUOUS) else code

    def _areas_of(self, code):
        """The nation and, for a municipality, its county, group and itself."""
        if code is None:
            return [self.areas["nation", "NO"]]
        if code not in self._places:
            population = self._geography.population(code, self.structure_day, cal.year_of(self.day))
            group = self._geography.group(population)
            keys = [("county", self._geography.county(code))]
            keys += [("municipality_group", group)] if group else []
            around = [self.areas["nation", "NO"]] + [self.areas.setdefault(key, Area(key[0])) for key in keys]
            place = self.areas.setdefault(("municipality", code), Area("municipality"))
            place.population = population
            for area in around:
                area.municipalities.append(place)
            self._places[code] = around + [place]
        return self._places[code]

    def _sort_lists(self):
        for item in self._facts.lists:
            facts = self._list_facts(item)
            for area in self._areas_of(facts.municipality):
                area.lists.append(facts)

    def _list_facts(self, item):
        pairs = [Pair(self._doctor(number), begun)
                 for number, begun in self._facts.doctors(item.contract, self._relationships).items()]
        regular = list(self._facts.doctors(item.contract).values())
        quarter = cal.add_months(self.day, -3)
        locums = self._facts.doctor_periods(item.contract, ("LPVI",))
        different = {self._facts.resolve(p.number) for p in locums
                     if p.period[0] < self.day and p.period[1] > quarter}
        return ListFacts(self._municipality(item), pairs, regular, self._unstaffed_over_a_year(item), item.fixed_salary,
                         item.cap, item.patients, len(different), self._locum_days(locums, quarter),
                         self._locum_days(locums, cal.add_months(self.day, -12)))

    def _doctor(self, number):
        if number not in self._doctors:
            entry = self._facts.person(number)
            bands, sex = {"all"}, None
            if entry is not None:
                bands, sex = measures.age_bands(entry.content.birth_year, self.day), entry.content.sex
            self._doctors[number] = Doctor(number, bands, sex, self._facts.is_specialist(number))
        return self._doctors[number]

    def _unstaffed_over_a_year(self, item):
        """R16, for a list without LPFL at d."""
        ends = [p.period[1] for p in self._facts.doctor_periods(item.contract, ("LPFL",)) if p.period[1] <= self.day]
        return self.day > cal.add_months(max([item.start] + ends), 12)

    def _locum_days(self, locums, window_start):
        """Working days of every LPVI period inside [window start, d) times its percentage (D12)."""
        return sum(cal.working_days(max(p.period[0], window_start), min(p.period[1], self.day))
                   * (100 if p.percentage is None else p.percentage) for p in locums)

    def _sort_pairs(self, known):
        """Pairs at d and at d - 12 months, the latter as R10 at its own t (C1, C2)."""
        start_day = cal.add_months(self.day, -12)
        start = Facts(known, start_day, cal.cutoff(start_day, self._delay))
        for facts, which in ((start, "pairs_at_start"), (self._facts, "pairs_at_end")):
            for item in facts.lists:
                code = self._municipality(item)
                for doctor in facts.doctors(item.contract, self._relationships):
                    for area in self._areas_of(code):
                        getattr(area, which).add((doctor, code))
