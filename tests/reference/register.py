"""The register: every version of every entity that was read, and what of it is known at K (R3-R7, E1-E13)."""
import collections

import calendar_oslo as cal
import decode

# One version (version not None) or deletion of an entity. `position` orders it among all records (E3).
Entry = collections.namedtuple("Entry", "position timestamp version content")


class Register:
    """All entries by kind and number. Add every record, then call sort() once."""

    def __init__(self):
        self.entries = {kind: collections.defaultdict(list)
                        for kind in (decode.PERSON, decode.CONTRACT, decode.PERIOD, decode.COUNT, decode.MERGE)}

    def add(self, line, effect):
        position = (line.timestamp, line.topic, line.partition, line.offset, effect.index)
        entry = Entry(position, line.timestamp, effect.version, effect.content)
        self.entries[effect.kind][effect.id].append(entry)

    def sort(self):
        """Entries of an entity are taken in the order of position (E2)."""
        for kind in self.entries.values():
            for entries in kind.values():
                entries.sort(key=lambda entry: entry.position)


class History:
    """What is known of one entity: its states in the order of position, the latest, and when it is absent."""

    def __init__(self, entries):
        self.states = []
        self.latest = None        # by (version, position) (R3, E4)
        self.absences = []        # (T, T2): absent for T < t <= T2 (E2)
        self.deleted_at = None    # T of a deletion that nothing has ended
        for entry in entries:
            if entry.version is None:
                if self.deleted_at is None:
                    self.deleted_at = entry.timestamp
                continue
            newest = self.latest is None or entry.version >= self.latest.version
            if newest and self.deleted_at is not None:
                self.absences.append((self.deleted_at, entry.timestamp))
                self.deleted_at = None
            if newest:
                self.latest = entry
            self.states.append(entry)

    def present_at(self, instant):
        """E1: absent at reference instants after the deletion, until the return."""
        if self.deleted_at is not None and instant > self.deleted_at:
            return False
        return not any(start < instant <= end for start, end in self.absences)

    def version_before(self, wall):
        """The state with the greatest version < wall, of equal ones the last (R7); None if there is none."""
        return max((entry for entry in self.states if entry.version < wall),
                   key=lambda entry: (entry.version, entry.position), default=None)

    def earliest(self):
        """The state with the smallest version, of equal ones the last (E6)."""
        first = min(entry.version for entry in self.states)
        return [entry for entry in self.states if entry.version == first][-1]


class Known:
    """The register as known at K: only records with timestamp < K take part (R6). K None: everything."""

    def __init__(self, register, known_at=None):
        self._register = register
        self._known_at = known_at
        self.persons = self._histories(decode.PERSON)
        self.contracts = self._histories(decode.CONTRACT)
        self.counts = self._histories(decode.COUNT)
        self.merges = {number: entries[-1].content for number, entries in self._known(decode.MERGE)}
        # A deleted doctor period is withdrawn: it has never existed (E1), and the latest version holds (E5).
        self.periods = {number: history.latest.content
                        for number, history in self._histories(decode.PERIOD).items() if history.deleted_at is None}
        self.periods_of = collections.defaultdict(list)
        for period in self.periods.values():
            self.periods_of[period.contract].append(period)

    def _known(self, kind):
        for number, entries in self._register.entries[kind].items():
            known = [e for e in entries if self._known_at is None or e.timestamp < self._known_at]
            if known:
                yield number, known

    def _histories(self, kind):
        return {number: History(entries) for number, entries in self._known(kind)}


ActiveList = collections.namedtuple("ActiveList", "contract start municipality fixed_salary cap patients")


class Facts:
    """The register as known at K, read at reference day d and reference instant t (B5)."""

    def __init__(self, known, day, instant):
        self.known = known
        self.day = day
        self.instant = instant
        self._wall = cal.wall_of_instant(instant)
        self.aliases, self.cycle_numbers = self._read_aliases()
        self.lists = list(self._active_lists())

    def _active_lists(self):
        """Contracts valid at d and not deleted (D1), with the scalars of t (R7)."""
        for number, history in self.known.contracts.items():
            if history.latest is None or not history.present_at(self.instant):
                continue
            start, end = history.latest.content.period
            if start <= self.day < end:
                scalars = (history.version_before(self._wall) or history.earliest()).content
                yield ActiveList(number, start, scalars.municipality, scalars.fixed_salary, scalars.cap,
                                 self.patients(number))

    def patients(self, contract):
        """The patient count at t; None = unknown (R7, E11)."""
        history = self.known.counts.get(contract)
        if history is None or not history.present_at(self.instant):
            return None
        counted = history.version_before(self._wall)
        return counted.content if counted else None

    def _read_aliases(self):
        """(old number -> number it was merged into, numbers on a cycle) (R5, E7, E8, E10)."""
        aliases = dict(self.known.merges)
        for number, history in self.known.persons.items():
            if history.latest is not None and history.latest.content.alias is not None:
                aliases[number] = history.latest.content.alias
            if not history.present_at(self.instant):
                aliases.pop(number, None)
        cycles = {number for number in aliases if self._returns(aliases, number)}
        return {old: new for old, new in aliases.items() if old not in cycles}, cycles

    @staticmethod
    def _returns(aliases, number):
        seen = {number}
        current = aliases[number]
        while current not in seen and current in aliases:
            seen.add(current)
            current = aliases[current]
        return current == number

    def resolve(self, number):
        """The surviving HPR number."""
        while number in self.aliases:
            number = self.aliases[number]
        return number

    def person(self, number):
        """The latest state of a person who is in HPR at t; None = not in HPR (E9, D16)."""
        history = self.known.persons.get(number)
        if history is None or history.latest is None or not history.present_at(self.instant):
            return None
        return history.latest

    def doctor_periods(self, contract, relationships):
        return [p for p in self.known.periods_of.get(contract, ()) if p.relationship in relationships]

    def doctors(self, contract, relationships=("LPFL",)):
        """doctor -> day the present agreement began, of everyone with such a relationship at d (R10, D6)."""
        spans = collections.defaultdict(list)
        for period in self.doctor_periods(contract, relationships):
            spans[self.resolve(period.number)].append(period.period)
        begun = {doctor: start_of_span(periods, self.day) for doctor, periods in spans.items()}
        return {doctor: start for doctor, start in begun.items() if start is not None}

    def is_specialist(self, number):
        """R11, D18, D19: an LE approval with general practice, both valid at d and undisturbed."""
        entry = self.person(number)
        if entry is None:
            return False
        person, version_day = entry.content, entry.version // cal.DAY_NS
        if person.death_day is not None and person.death_day <= self.day:
            return False
        if self._suspended(person.reactions):
            return False
        return any(approval.type not in ("3", "99") and self._holds(approval, version_day)
                   and any(s.code == "1" and s.oid in (None, "7426") and self._holds(s, version_day)
                           for s in approval.specialities)
                   for approval in person.approvals)

    def _holds(self, part, version_day):
        """An approval or speciality is valid at d, not taken away by its ended status (D18), not suspended."""
        start, end = part.period
        if not start <= self.day < end or self._suspended(part.reactions):
            return False
        if part.ended == "2" or (part.ended in ("1", "3") and end - 1 > version_day):
            return False
        return not any(start <= self.day < end for start, end in part.suspensions)

    def _suspended(self, reactions):
        return any(r.type in ("1", "5", "8") and r.period[0] <= self.day < r.period[1] for r in reactions)


def start_of_span(periods, day):
    """Start of the part of the union of periods that contains `day`; touching periods are one (D6)."""
    start = reach = None
    for begin, end in sorted(periods):
        if reach is None or begin > reach:
            if reach is not None and start <= day < reach:
                return start
            start, reach = begin, end
        else:
            reach = max(reach, end)
    return start if start is not None and start <= day < reach else None
