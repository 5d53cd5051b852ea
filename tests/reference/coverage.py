"""What kinds of trouble a history holds, counted from its lines and from the register they make.

  python3 tests/reference/coverage.py FIRST_SEED SEEDS

prints for every kind in how many histories it occurs. KINDS are those that must occur; test_histories.py asks for them.
"""
import collections
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import calendar_oslo as cal
import decode
import fields as f
import geography as geo
from register import Facts, Known

KINDS = """
    bad:MALFORMED_RECORD bad:UNKNOWN_FORMAT bad:INVALID_IDENTIFIER bad:INVALID_PERIOD bad:NEGATIVE_NUMBER bad:line bad:element
    warning:INVALID_IDENTIFIER topic:unknown offset:again offset:absent timestamp:back timestamp:t timestamp:before-t
    person:json person:xml contract:json contract:xml doctor_period:json doctor_period:xml patient_count:json patient_count:batch
    form:base64 form:text-of-json number:text name:other-case
    version:zone version:t version:older:person version:older:contract version:older:doctor_period version:older:patient_count
    version:duplicate version:conflict version:clock-change-day version:doubled-or-missing-hour timestamp:clock-change-day
    gone:person gone:contract gone:doctor_period gone:patient_count gone:event back:person back:contract back:doctor_period
    back:patient_count back:older-stays-away
    merge:record merge:event merge:chain merge:cycle merge:into-cycle merge:used
    suspended:person suspended:approval suspended:speciality suspension-period:approval suspension-period:speciality
    reaction:without-period reaction:other-type ended:approval:1 ended:approval:2 ended:approval:3 ended:approval:99
    ended:speciality:1 ended:speciality:2 ended:speciality:3 ended:speciality:99 ended:on-the-version-day
    ended:after-the-version-day
    licence:student licence:none approval:without-period approval:other-profession speciality:other speciality:without-system
    person:dead person:without-birth-date sex:unknown
    period:til-on-d period:til-before-d period:to-on-d period:from-on-d period:to-with-time period:9999
    clock:approval-ends clock:speciality-ends clock:contract-begins clock:lpfl-ends clock:new-year clock:one-year
    year:leap-day year:28-february year:on-the-day
    age:39 age:40 age:60 age:61 age:66 age:67 age:unknown
    gp:not-in-hpr gp:two-lists gp:two-on-a-list gp:gap gp:touching list:unknown-count list:unknown-cap list:timeline
    locum:percentage:0 locum:percentage:absent locum:percentage:over-100 locum:window-edge
    place:carried-forward place:carried-backward place:ambiguous place:unknown place:padded
    state:DOCTOR_PERIOD_WITHOUT_CONTRACT
    """.split()
SUSPENDING = ("1", "5", "8")


def clock_changes(year):
    """The days of the year on which the clock changes: the last Sundays of March and October."""
    for month in ("03", "10"):
        last = cal.parse_day(f"{year}-{month}-31")
        yield last - last % 7


def text_of(envelope):
    """The value as text, whatever it was packed in; None for a tombstone and for what cannot be read."""
    try:
        value = envelope.get("value")
        if "value_base64" in envelope and value is None:
            return decode.text_of_bytes(envelope["value_base64"])
        return value if isinstance(value, str) else None if value is None else json.dumps(value, ensure_ascii=False)
    except decode.Refused:
        return None


class Coverage:
    """Kinds of one history, as a set."""

    def __init__(self, records, register, geography, days):
        self.kinds = set()
        self._geography, self._days, self._register = geography, days, register
        self._cutoffs = {cal.cutoff(day) for day in days}
        self._walls = {cal.wall_of_instant(cutoff) for cutoff in self._cutoffs}
        self._clock_days = {day for year in {cal.year_of(day) for day in days} for day in clock_changes(year)}
        for record in records:
            self._line(record)
        for kind, entities in register.entries.items():
            for entries in entities.values():
                self._entries(kind, entries)
        for day, following in zip(days, days[1:] + [days[-1] + 1]):
            self._day(Facts(Known(register), day, cal.cutoff(day)), following)

    def see(self, kind, condition=True):
        if condition:
            self.kinds.add(kind)

    # --- lines ---

    def _line(self, record):
        line, envelope = record.line, record.line.envelope
        self.see("bad:line", envelope is None)
        if envelope is None:
            return
        self.see("topic:unknown", line.topic not in decode.TOPICS)
        self.see("offset:again", line.offset is None)
        self.see("offset:absent", "offset" not in envelope)
        self.see("timestamp:back", f.as_integer(envelope["timestamp"]) < line.timestamp)
        self.see("timestamp:t", line.timestamp in self._cutoffs)
        self.see("timestamp:before-t", line.timestamp + 1 in self._cutoffs)
        self.see("timestamp:clock-change-day", cal.day_of_instant(line.timestamp) in self._clock_days)
        if record.effects:
            self._value(record, text_of(envelope))
        for effect in record.effects:
            for code in effect.problems:
                self.see(("bad:" if effect.kind is None else "warning:") + code)
            self.see("bad:element", effect.kind is None and len(record.effects) > 1)

    def _value(self, record, text):
        envelope, kind = record.line.envelope, decode.TOPICS[record.line.topic]
        if text is None:
            return
        xml = text.lstrip("\ufeff\0\1\2\3\4\5\6\7").startswith("<")
        if record.effects[0].kind == kind:
            self.see(f"{kind}:{'xml' if xml else 'json'}")
            self.see("form:text-of-json", isinstance(envelope.get("value"), str) and not xml)
            self.see("form:base64", "value_base64" in envelope)
            self.see("number:text", bool(re.search(r'"(Id|hprNummer|contractId|MaxPatients)": "', text)))
            self.see("name:other-case", bool(re.search(r'"(?!hprNummer")(?i:hprnummer)"|"(?!Valid")(?i:valid)"', text)))
        self.see("patient_count:batch", kind == decode.COUNT and text.startswith("["))
        self.see("version:zone", bool(re.search(r"(UpdatedOn|sistOppdatert|countedAt)[^,<]{25,}(Z|[+-]\d\d:\d\d)[\"<]", text)))
        self.see("period:9999", "9999-12-31" in text)
        self.see("period:to-with-time", bool(re.search(r"To(\": \"|>)[\d-]{10}T(?!00:00:00)", text)))
        self.see("place:padded", bool(re.search(r'CodeValue": "\d{3}"', text)))
        self.see("gone:event", "PersonDeleted" in text and record.effects[0].kind == decode.PERSON)

    # --- versions of an entity, in the order of position ---

    def _entries(self, kind, entries):
        newest, contents, deleted = None, {}, False
        for entry in entries:
            if kind == decode.MERGE:
                self.see("merge:event")
                continue
            if entry.version is None:
                deleted = True
                self.see(f"gone:{kind}")
                continue
            older = newest is not None and entry.version < newest
            if deleted:
                self.see("back:older-stays-away" if older else f"back:{kind}")
            deleted = deleted and older
            self.see(f"version:older:{kind}", older)
            held = contents.get(entry.version)
            self.see("version:duplicate", held is not None and held == entry.content)
            self.see("version:conflict", held is not None and held != entry.content)
            contents[entry.version] = entry.content
            newest = entry.version if newest is None else max(newest, entry.version)
            self._version(entry.version)
            if kind == decode.PERSON:
                self._person(entry.content, entry.version // cal.DAY_NS)
        if kind == decode.CONTRACT:
            self.see("list:timeline", len({entry.content for entry in entries if entry.version is not None}) > 1)

    def _version(self, wall):
        self.see("version:t", wall in self._walls)
        day, second = wall // cal.DAY_NS, wall % cal.DAY_NS // cal.SECOND_NS
        if day in self._clock_days:
            self.see("version:clock-change-day")
            self.see("version:doubled-or-missing-hour", 7200 <= second < 10800)

    def _person(self, person, version_day):
        self.see("merge:record", person.alias is not None)
        self.see("person:dead", person.death_day is not None)
        self.see("person:without-birth-date", person.birth_year is None)
        self.see("sex:unknown", person.sex is None)
        self._reactions("person", person.reactions)
        for approval in person.approvals:
            self.see("licence:student", approval.type == "3")
            self.see("licence:none", approval.type == "99")
            self.see("approval:without-period", approval.period == (cal.OPEN_FROM, cal.OPEN_TO))
            self._part("approval", approval, version_day)
            for speciality in approval.specialities:
                self.see("speciality:other", speciality.code != "1")
                self.see("speciality:without-system", speciality.oid is None)
                self._part("speciality", speciality, version_day)
        self.see("approval:other-profession", not person.approvals)

    def _part(self, name, part, version_day):
        self._reactions(name, part.reactions)
        self.see(f"suspension-period:{name}", bool(part.suspensions))
        self.see(f"ended:{name}:{part.ended}", part.ended is not None)
        if part.ended in ("1", "3"):
            self.see("ended:on-the-version-day", part.period[1] - 1 == version_day)
            self.see("ended:after-the-version-day", part.period[1] - 1 == version_day + 1)
        self.see("period:til-on-d", part.period[1] - 1 in self._days)
        self.see("period:til-before-d", part.period[1] in self._days)

    def _reactions(self, name, reactions):
        for reaction in reactions:
            self.see(f"suspended:{name}", reaction.type in SUSPENDING)
            self.see("reaction:other-type", reaction.type not in SUSPENDING)
            self.see("reaction:without-period", reaction.period == (cal.OPEN_FROM, cal.OPEN_TO))

    # --- facts at a reference day ---

    def _day(self, facts, following):
        day = facts.day
        self.see("clock:new-year", cal.format_day(day).endswith("-01-01"))
        self.see("merge:cycle", bool(facts.cycle_numbers))
        self.see("merge:chain", any(new in facts.aliases for new in facts.aliases.values()))
        self.see("merge:into-cycle", any(new in facts.cycle_numbers for new in facts.aliases.values()))
        doctors = collections.Counter()
        for item in facts.lists:
            doctors.update(self._list(facts, item))
        self.see("gp:two-lists", any(number > 1 for number in doctors.values()))
        for number in doctors:
            self._gp(facts, number, following)
        for history in facts.known.contracts.values():
            if history.latest is not None:
                self.see("clock:contract-begins", day < history.latest.content.period[0] <= following)
        for period in facts.known.periods.values():
            self.see("merge:used", period.number in facts.aliases)
            self.see("clock:lpfl-ends", period.relationship == "LPFL" and day < period.period[1] <= following)
            self.see("period:to-on-d", period.period[1] == day)
            self.see("period:from-on-d", period.period[0] == day)
            self.see("state:DOCTOR_PERIOD_WITHOUT_CONTRACT", period.contract not in facts.known.contracts)

    def _list(self, facts, item):
        """Looks at a list and gives its doctors."""
        day, doctors = facts.day, facts.doctors(item.contract)
        self.see("list:unknown-count", item.patients is None)
        self.see("list:unknown-cap", item.cap is None)
        self.see("gp:two-on-a-list", len(doctors) > 1)
        regular = facts.doctor_periods(item.contract, ("LPFL",))
        if not doctors:
            since = max([item.start] + [p.period[1] for p in regular if p.period[1] <= day])
            limit = cal.add_months(since, 12)
            self.see("year:leap-day", cal.format_day(since).endswith("-02-29") and abs(day - limit) < 31)
            self.see("year:28-february", cal.format_day(since).endswith("-02-28") and abs(day - limit) < 31)
            self.see("year:on-the-day", limit == day)
            self.see("clock:one-year", 0 < day - limit < 31)
        for one in regular:
            for other in regular:
                if one.number == other.number and one is not other:
                    self.see("gp:touching", one.period[1] == other.period[0])
                    self.see("gp:gap", one.period[1] + 1 == other.period[0])
        for locum in facts.doctor_periods(item.contract, ("LPVI",)):
            self.see("locum:percentage:0", locum.percentage == 0)
            self.see("locum:percentage:absent", locum.percentage is None)
            self.see("locum:percentage:over-100", (locum.percentage or 0) > 100)
            quarter = cal.add_months(day, -3)
            self.see("locum:window-edge", locum.period[0] == day - 1 or locum.period[1] in (quarter, quarter + 1))
        self._place(item.municipality, day)
        return list(doctors)

    def _place(self, number, day):
        code = self._geography.resolve(number, day)
        if code in (geo.UNKNOWN, geo.AMBIGUOUS):
            self.see("place:unknown" if code == geo.UNKNOWN else "place:ambiguous")
        elif code != geo.pad_number(number):
            moved_on = any(start <= day for start, _ in self._geography.successors(geo.pad_number(number)))
            self.see("place:carried-forward" if moved_on else "place:carried-backward")

    def _gp(self, facts, number, following):
        entry, day = facts.person(number), facts.day
        if entry is None:
            self.see("gp:not-in-hpr")
            return
        born = entry.content.birth_year
        self.see("age:unknown" if born is None else f"age:{cal.year_of(day) - born}")
        for approval in entry.content.approvals:
            self.see("clock:approval-ends", day < approval.period[1] <= following)
            for speciality in approval.specialities:
                self.see("clock:speciality-ends", day < speciality.period[1] <= following)


def active_lists(facts, geography):
    """(lists active at d, municipalities they lie in)."""
    places = {geography.resolve(item.municipality, facts.day) for item in facts.lists} - {geo.UNKNOWN, geo.AMBIGUOUS}
    return len(facts.lists), len(places)


def main():
    import histories
    first, seeds = (int(text) for text in sys.argv[1:])
    counts = collections.Counter()
    for seed in range(first, first + seeds):
        counts.update(histories.History(seed).coverage().kinds)
    for kind in KINDS:
        print(f"{counts[kind]:6} {kind}")


if __name__ == "__main__":
    main()
