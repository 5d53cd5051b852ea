"""deviations.csv: what was refused or assumed (R22, A14).

Deviations of records are counted in the order of position, so interleaving does not matter. Deviations of state
hold at the end of the replay and have no position; their times are the end. The columns priority and detail
are left empty: the rulings leave both to the documentation of the program.
"""
import collections

import calendar_oslo as cal
import decode
import editions
import fields as f
import geography as geo
from register import Facts, Known

HEADER = "code,priority,entity,topic,partition,offset,first_seen,last_seen,count,status,detail\n"
CONFLICT = "CONFLICTING_VERSION"
VERSIONED = (decode.PERSON, decode.CONTRACT, decode.PERIOD, decode.COUNT)


class Deviation:
    """One row: the position is that of the first record; recurrence reopens it and keeps first_seen."""

    def __init__(self, position, seen):
        self.position = position
        self.first_seen = self.last_seen = seen
        self.count = 0
        self.open = True

    def again(self, seen):
        self.last_seen = seen
        self.count += 1
        self.open = True

    def row(self, code, entity):
        topic, partition, offset = self.position
        return ",".join([code, "", entity, topic, partition, offset, self.first_seen, self.last_seen,
                         str(self.count), "open" if self.open else "resolved", ""]) + "\n"


class Ledger:
    """Deviations by (code, entity)."""

    def __init__(self):
        self.deviations = {}
        self._open_of = collections.defaultdict(set)      # entity -> codes raised by records
        self._records_of = collections.defaultdict(set)   # (topic, key) -> record: entities

    def raise_(self, code, entity, position=("", "", ""), seen=""):
        self.deviations.setdefault((code, entity), Deviation(position, seen)).again(seen)

    def raise_for(self, line, code, entity):
        """A deviation of a record: of the entity it names, else of the record itself."""
        place = (line.topic, str(line.partition), str(line.offset))
        if entity is None:
            entity = "record:" + "/".join(place)
            self._records_of[line.topic, line.key].add(entity)
        self._open_of[entity].add(code)
        self.raise_(code, entity, place, cal.format_instant(line.timestamp))

    def resolve(self, entity, still=()):
        """A good record for the entity resolves what records have raised, unless it raises it again."""
        for code in self._open_of.get(entity, set()) - set(still):
            self.deviations[code, entity].open = False

    def resolve_records(self, topic, key):
        """A good record with the same topic and key resolves record: deviations (R22)."""
        if key is not None:
            for entity in self._records_of.get((topic, key), ()):
                self.resolve(entity)

    def text(self):
        rows = [deviation.row(code, editions.field(entity)) for (code, entity), deviation in
                sorted(self.deviations.items(), key=lambda item: [part.encode("utf-8") for part in item[0]])]
        return HEADER + "".join(rows)


def add_record_deviations(ledger, records):
    """Everything that single records raise and resolve, in the order of position (E3)."""
    contents = {}      # (kind, id, version) -> the content that holds
    readable = [r for r in records if r.line.topic in decode.TOPICS and r.line.offset is not None]
    for record in sorted(readable, key=lambda r: (r.line.timestamp, r.line.topic, r.line.partition, r.line.offset)):
        line = record.line
        for effect in record.effects:
            raised = set(effect.problems)
            if effect.kind in VERSIONED and effect.version is not None:
                held = contents.setdefault((effect.kind, effect.id, effect.version), effect.content)
                if held != effect.content:
                    raised.add(CONFLICT)
                    contents[effect.kind, effect.id, effect.version] = effect.content
            for code in raised:
                ledger.raise_for(line, code, effect.entity)
            if effect.kind in VERSIONED:
                ledger.resolve(effect.entity, still=raised)
        if all(effect.kind is not None for effect in record.effects):
            ledger.resolve_records(line.topic, line.key)


def add_line_deviations(ledger, records):
    """Lines that are no records have no position and no time (F13, A14)."""
    for record in records:
        if record.line.topic is None:
            ledger.raise_(f.MALFORMED, f"line:{record.line.file}:{record.line.number}")


def state_deviations(facts, geography):
    """(code, entity) of every deviation of state at the end of the replay (A14)."""
    yield from municipality_deviations(facts, geography)
    for item in facts.lists:
        for doctor in facts.doctors(item.contract):
            entry = facts.person(doctor)
            if entry is not None and entry.content.birth_year is None:
                yield "MISSING_BIRTH_DATE", f"person:{doctor}"
    for number, period in facts.known.periods.items():
        if facts.person(facts.resolve(period.number)) is None:
            yield "DOCTOR_NOT_IN_HPR", f"person:{facts.resolve(period.number)}"
        if period.number in facts.aliases:
            yield "MERGED_NUMBER_IN_USE", f"person:{period.number}"
        contract = facts.known.contracts.get(period.contract)
        if contract is None or contract.latest is None or not contract.present_at(facts.instant):
            yield "DOCTOR_PERIOD_WITHOUT_CONTRACT", f"doctor_period:{number}"
    for number in facts.cycle_numbers:
        yield "MERGE_CYCLE", f"person:{number}"


def municipality_deviations(facts, geography):
    """Of the lists active on the end day, read in the structure of that day."""
    caps = collections.Counter()
    for item in facts.lists:
        code = geography.resolve(item.municipality, facts.day)
        if code in (geo.UNKNOWN, geo.AMBIGUOUS):
            yield code, f"contract:{item.contract}"
        else:
            caps[code] += item.cap or 0
    for code, cap in caps.items():
        population = geography.population(code, facts.day, cal.year_of(facts.day))
        if population is not None and cap > population:
            yield "CAPS_EXCEED_POPULATION", f"municipality:{code}"


def write(path, records, register, geography, end):
    """`end`: the greatest timestamp, or t(--until), None without records; all that was applied is known."""
    ledger = Ledger()
    add_record_deviations(ledger, records)
    add_line_deviations(ledger, records)
    if end is not None:
        # One millisecond later, so that deletions at the very end are in effect (E1).
        facts = Facts(Known(register), cal.day_of_instant(end), end + 1)
        for code, entity in set(state_deviations(facts, geography)):
            ledger.raise_(code, entity, seen=cal.format_instant(end))
    with open(path, "wb") as file:
        file.write(ledger.text().encode("utf-8"))
