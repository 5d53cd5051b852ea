"""What happens in the random world behind history.py, and the records that tell of it."""
import copy

import calendar_oslo as cal
import trouble
import wire
from population import DAY_MS, STEADY_LISTS, Population
from wire import chance


class World(Population):
    """A population that things happen to, and the records written so far."""

    def __init__(self, seed, lists, months):
        super().__init__(seed, lists, months)
        self.records = []
        self.sent = []      # (topic, key, container) of good records, for duplicates and late ones

    # --- writing records ---

    def write(self, topic, key, container, good=True):
        rng = self.rng
        partition = sum(map(ord, str(key))) % self.partitions[topic]
        if chance(rng, 0.04):
            partition = rng.randrange(self.partitions[topic])
        raw = self.now - (rng.randrange(3 * DAY_MS) if chance(rng, 0.04) else 0)     # B9
        record = {"topic": topic, "partition": partition, "timestamp": raw, "key": key}
        self.records.append(dict(record, **container))
        if good:
            self.sent.append((topic, key, container))

    def key(self, number):
        text = "0" * self.rng.choice([0, 0, 0, 2]) + str(number)
        return self.rng.choice([text, text, text, "tull", None]) if chance(self.rng, 0.1) else text

    def send_person(self, number):
        person = self.persons[number]
        person["version"] = self.next_version(person)
        suspended = any(part["suspensions"] for a in person["approvals"] for part in [a] + a["specialities"])
        make = wire.person_soap if suspended or chance(self.rng, 0.35) else wire.person_json
        self.write("hpr.person", self.key(number), wire.packed(self.rng, make(self.rng, person)))

    def send_contract(self, number):
        contract = self.contracts[number]
        contract["version"] = self.next_version(contract)
        self.write("flo.contract", self.key(number), self.flr(wire.contract_value(self.rng, contract), "GPContract"))

    def send_period(self, number):
        period = self.periods[number]
        period["version"] = self.next_version(period)
        value = self.flr(wire.period_value(self.rng, period), "GPOnContractAssociation")
        self.write("flo.gp-on-contract", self.key(period["contract"]), value)

    def flr(self, value, type_name):
        if chance(self.rng, 0.35):
            return wire.packed(self.rng, wire.flr_xml(self.rng, value, type_name))
        return wire.packed(self.rng, wire.flr_json(self.rng, value))

    def new_count(self, number):
        patients = self.rng.choice([0, 3, 450, 499, 500, 1100, self.rng.randrange(2200)])
        count = self.counts.setdefault(number, {"contract": number, "patients": patients})
        count["patients"] = max(0, count["patients"] + self.rng.randrange(-20, 20))
        count["version"] = self.next_version(count)
        return wire.count_value(self.rng, count)

    def send_count(self, number):
        self.write("flo.patient-count", self.key(number), wire.packed(self.rng, self.new_count(number)))

    def send_batch(self):
        rng = self.rng
        batch = [self.new_count(number) for number in rng.sample(list(self.contracts), rng.randrange(2, 8))]
        if chance(rng, 0.5):
            batch.insert(rng.randrange(len(batch)), trouble.bad_count(rng, self.plain_count()))
        if chance(rng, 0.2):
            batch.append(copy.deepcopy(batch[0]))
        self.write("flo.patient-count", None, wire.packed(rng, batch))

    def plain_count(self):
        return {"contractId": self.rng.choice(list(self.contracts)), "patientCount": 77, "countedAt": "2017-01-01"}

    # --- what happens ---

    def change_person(self):
        rng, number = self.rng, self.rng.choice(list(self.persons))
        person = self.persons[number]
        what = rng.choice(["approvals", "approvals", "death", "reactions", "birth", "alias", "touch", "sex"])
        if what in ("approvals", "reactions", "birth", "death", "sex"):
            person[what] = self.new_person(number)[what]
        elif what == "alias":
            person["alias"] = None if person["alias"] else rng.choice(list(self.persons) + self.strangers + [number])
        self.send_person(number)

    def change_contract(self):
        rng, number = self.rng, self.rng.choice(list(self.contracts))
        contract = self.contracts[number]
        for name in rng.sample(["fixed", "cap", "status", "municipality", "period", "touch"], rng.choice([1, 1, 2])):
            if name != "touch":
                contract[name] = self.new_contract(number)[name]
        self.send_contract(number)

    def change_period(self):
        rng, number = self.rng, self.rng.choice(list(self.periods))
        period = self.periods[number]
        what = rng.choice(["end", "end", "period", "number", "percentage", "contract", "relationship", "touch"])
        if what == "end":
            period["period"] = period["period"][0], max(period["period"][0] + 1, self.near_day())
        elif what == "period":
            period["period"] = self.period()
        elif what == "number":
            period["number"] = self.doctor()
        elif what == "percentage":
            period["percentage"] = rng.choice([None, 0, 20, 100, 150])
        elif what == "contract":
            period["contract"] = rng.choice(list(self.contracts) + [899999])
        elif what == "relationship":
            period["relationship"] = rng.choice(["LPFL", "LPVI", "LPDL"])
        self.send_period(number)

    def new_gp(self):
        contract = self.rng.choice(list(self.contracts))
        before = self.next_period
        self.add_regular_gp(contract)
        for number in range(before, self.next_period):
            self.send_period(number)

    def count_again(self):
        self.send_count(self.rng.choice(list(self.contracts)))

    def repeat(self):
        """A record again: a duplicate, or a version that has been replaced long ago (R3)."""
        topic, key, container = self.rng.choice(self.sent)
        self.write(topic, key, copy.deepcopy(container))

    def delete(self):
        """A tombstone or PersonDeleted, and often a return (R4, E1, E2)."""
        rng = self.rng
        kind = rng.choice(["person", "event", "contract", "period", "period", "count"])
        empty = rng.choice([{"value": None}, {}])
        if kind in ("person", "event"):
            number = rng.choice(self.merge_pool if chance(rng, 0.4) else list(self.persons) + self.strangers)
            if kind == "event":
                self.send_event(number, "PersonDeleted", {"hprNummer": number})
            else:
                self.write("hpr.person", str(number).zfill(rng.choice([1, 9])), empty, good=False)
        elif kind == "contract":
            number = rng.choice([each for each in self.contracts if each not in STEADY_LISTS] + [900999])
            self.write("flo.contract", str(number), empty, good=False)
        elif kind == "count":
            number = rng.choice(list(self.contracts))
            self.write("flo.patient-count", str(number), empty, good=False)
        else:
            number = rng.choice(list(self.periods))
            container = dict(empty, headers={"id": str(number).zfill(rng.choice([1, 7]))})
            self.write("flo.gp-on-contract", str(self.periods[number]["contract"]), container, good=False)
        if chance(rng, 0.5):
            self.later.append((self.return_instant(), kind, number))

    def return_instant(self):
        rng = self.rng
        return min(self.now + rng.choice([0, 1, rng.randrange(DAY_MS), rng.randrange(50 * DAY_MS)]), self.end)

    def bring_back(self, kind, number):
        if kind in ("person", "event") and number in self.persons:
            self.send_person(number)
        elif kind == "contract" and number in self.contracts:
            self.send_contract(number)
        elif kind == "period":
            self.send_period(number)
        elif kind == "count":
            self.send_count(number)

    def merge(self):
        """A merge by event; chains and cycles come about by themselves among few numbers (R5, E10)."""
        rng = self.rng
        pool = self.merge_pool
        ids = {"hprNummer": rng.choice(pool), "hprUtgår": rng.choice(pool)}
        self.send_event(rng.choice(pool), "HprNumbersMerged", ids)

    def merge_by_record(self):
        rng = self.rng
        number = rng.choice([n for n in self.merge_pool if n in self.persons])
        self.persons[number]["alias"] = rng.choice(self.merge_pool)
        self.send_person(number)

    def send_event(self, key, name, ids):
        rng = self.rng
        properties = {"eventSource": rng.choice(["Hpr"] * 4 + ["Lsr"]), "eventName": name,
                      "enqueuedTimeUtc": "2020-01-01T00:00:00"}
        if chance(rng, 0.15):
            del properties["eventSource"]
        ids = {each: rng.choice([number, str(number)]) for each, number in ids.items()}
        value = {"carrier": "amqp", "properties": properties, "body": None}
        if name == "PersonDeleted" and chance(rng, 0.3):
            if chance(rng, 0.5):
                value["hprNummer"] = ids["hprNummer"]      # else the key says it
        else:
            properties.update(ids)
        self.write("hpr.event", str(key), {"value": value}, good=False)

    def other_event(self):
        name = self.rng.choice(["PersonUpdated", "UtdanningsinstitusjonUpdated"])
        value = {"properties": {"eventSource": "Hpr", "eventName": name}}
        self.write("hpr.event", "1", {"value": value}, good=False)

    def some_gp(self):
        """A person in HPR who has a doctor period."""
        numbers = sorted({period["number"] for period in self.periods.values()} & set(self.persons))
        return self.persons[self.rng.choice(numbers)]

    def misfortune(self):
        """Something that must be refused."""
        rng = self.rng
        person, contract = copy.deepcopy(self.some_gp()), rng.choice(list(self.contracts))
        period = dict(rng.choice(list(self.periods.values())), version=cal.wall_of_instant(self.now))
        person["version"] = cal.wall_of_instant(self.now)
        kind = rng.randrange(9)
        if kind == 0:
            self.records.append({"raw": trouble.no_record(rng)})
        elif kind == 1:
            topic = rng.choice(list(self.partitions))
            self.write(topic, str(contract), trouble.broken_value(rng), good=False)
        elif kind == 2:
            value = trouble.bad_person(rng, wire.person_value(rng, person))
            self.write("hpr.person", str(person["number"]), {"value": value}, good=False)
        elif kind == 3:
            value = trouble.bad_soap(rng, wire.person_soap(rng, person))
            self.write("hpr.person", str(person["number"]), {"value": value}, good=False)
        elif kind == 4:
            value = wire.contract_value(rng, dict(self.contracts[contract], version=person["version"]))
            self.write("flo.contract", str(contract), {"value": trouble.bad_contract(rng, value)}, good=False)
        elif kind == 5:
            value = trouble.bad_period(rng, wire.period_value(rng, period))
            self.write("flo.gp-on-contract", str(contract), {"value": value}, good=False)
        elif kind == 6:
            value = trouble.bad_count(rng, self.plain_count())
            value = value if isinstance(value, dict) else [value]
            self.write("flo.patient-count", str(contract), {"value": value}, good=False)
        elif kind == 7:
            topic, key = rng.choice([("hpr.person", "12x"), ("hpr.person", None), ("flo.contract", "0"),
                                     ("flo.gp-on-contract", str(period["id"])),
                                     ("hpr.person", "2147483648"), ("flo.patient-count", "-4")])
            self.write(topic, key, {"value": None}, good=False)
        else:
            timestamp = rng.choice([0, self.now, 4 * 10**12])
            self.records.append({"topic": "annet.emne", "timestamp": timestamp, "value": {"a": 1}})

    def run(self):
        """Everything in the order of time: the first load, then changes."""
        rng = self.rng
        known = list(self.persons)
        self.merge_pool = rng.sample(known, 7) + self.strangers[:1]
        load = [(self.send_person, n) for n in known] + [(self.send_contract, n) for n in self.contracts] \
            + [(self.send_period, n) for n in self.periods] \
            + [(self.send_count, n) for n in self.contracts if chance(rng, 0.85)]
        early = cal.cutoff(self.days[0]) - self.start
        actions = [(self.start, self.send_person, (known[0],))]
        actions += [(self.start + rng.randrange(early) if chance(rng, 0.8) else self.instant(), send, (n,))
                    for send, n in load]
        deeds = [self.change_person] * 4 + [self.change_contract] * 4 + [self.change_period] * 5 \
            + [self.new_gp, self.send_batch, self.merge, self.merge_by_record, self.other_event] \
            + [self.count_again] * 4 + [self.repeat] * 3 + [self.delete] * 3 + [self.misfortune] * 3
        actions += [(self.instant(), rng.choice(deeds), ()) for _ in range(7 * len(self.contracts))]
        actions = [(when, order, deed, arguments) for order, (when, deed, arguments) in enumerate(actions)]
        self.later = []
        for when, _, deed, arguments in sorted(actions, key=lambda action: action[:2]):
            self.run_later(when)
            self.now = when
            if self.sent or deed != self.repeat:
                deed(*arguments)
        self.run_later(self.end)
        if chance(rng, 0.05):
            value = wire.contract_value(rng, dict(self.contracts[900001], version=cal.wall_of_instant(self.end)))
            self.write("flo.contract", "900001", trouble.too_large(rng, value), good=False)
        return self.records

    def run_later(self, until):
        due = [item for item in self.later if item[0] <= until]
        self.later = [item for item in self.later if item[0] > until]
        for when, kind, number in sorted(due):
            self.now = when
            self.bring_back(kind, number)
