"""Cases derived by hand: reading tests/cases/*.case, writing their input, checking what a program made of it.

README.md describes the format. Nothing here computes a figure.
"""
import collections
import csv
import datetime
import json
import os
import pathlib
import shlex
import zoneinfo

FOLDER = pathlib.Path(__file__).resolve().parent
OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MINUTE = "%Y-%m-%dT%H:%M"

# A row as it has to be; `edition` is None for the answer to a question. `line` is where it is written.
Row = collections.namedtuple("Row", "date edition area measure breakdown numerator denominator value flags line")
Deviation = collections.namedtuple("Deviation", "code entity count status")
# What `flosync indicators` is asked: definition, date, known_at, structure, unit, relationships; and the rows of the answer.
Question = collections.namedtuple("Question", "options rows")


class Case:
    """One case: its input lines and everything expected of them."""

    def __init__(self, name, place):
        self.name, self.place = name, place
        self.cites, self.why, self.lines, self.rows, self.questions = [], [], [], [], []
        self.files = {}             # file name -> input lines; "" is the only file of most cases
        self.names = []             # (date, area, name)
        self.editions = None        # the exact set of exported "<date>.<edition>", if the case says so
        self.deviations = None      # the exact set of rows of deviations.csv, if the case says so
        self.options = {}           # until, known-at


# --- records as they stand on the wire -----------------------------------------------------------


def hpr_period(text):
    """fra..til, both included; a bound that is left out is null."""
    start, _, end = text.partition("..")
    return {"fra": start or None, "til": end or None}


def flr_period(text):
    start, _, end = text.partition("..")
    return {"From": start or None, "To": end or None}


def code(value, system):
    return None if value is None else {"verdi": value, "kodeverk": {"id": system}}


def reactions(text):
    """TYPE or TYPE:fra..til."""
    if text is None:
        return []
    kind, _, period = text.partition(":")
    return [{"type": code(kind, 1), "periode": hpr_period(period) if period else None}]


def person(number, o):
    speciality = {"type": code("1", 7426), "periode": hpr_period(o.get("specialist", "")),
                  "avsluttetStatus": code(o.get("specialist-ended"), 2),
                  "administrativeReaksjoner": reactions(o.get("specialist-reaction"))}
    approval = {"helsepersonellkategori": code(o.get("category", "LE"), 9060),
                "autorisasjon": code(o.get("type", "1"), 7704), "periode": hpr_period(o.get("approval", "2000-01-01")),
                "avsluttetStatus": code(o.get("ended"), 2),
                "administrativeReaksjoner": reactions(o.get("approval-reaction")),
                "spesialistgodkjenninger": [speciality] if "specialist" in o else []}
    born = o.get("born", "1970-05-01")
    return {"person": {"fødselsdato": None if born == "-" else born, "dødsdato": o.get("death"),
                       "kjønn": code(o.get("sex", "2"), 3101)},
            "hprNummer": number, "erstattetAvHprNummer": int(o["alias"]) if "alias" in o else None,
            "godkjenninger": [approval], "administrativeReaksjoner": reactions(o.get("reaction")),
            "sistOppdatert": o["updated"]}


def contract(number, o):
    return {"Id": number, "MaxPatients": int(o.get("cap", 1000)), "IsFixedSalary": o.get("fixed") == "yes",
            "UpdatedOn": o["updated"], "Status": {"CodeValue": o.get("status", "FAAA")},
            "Valid": flr_period(o.get("valid", "2010-01-01")), "Municipality": {"CodeValue": o.get("in", "0301")}}


def period(number, o):
    percent = o.get("percent")
    return {"Id": number, "GPContractId": int(o["on"]), "HprNumber": int(o["doctor"]), "UpdatedOn": o["updated"],
            "Valid": flr_period(o.get("valid", "2012-01-01")), "Relationship": {"CodeValue": o.get("kind", "LPFL")},
            "WorkingPercentage": None if percent is None else int(percent)}


def count(number, o):
    return {"contractId": number, "patientCount": int(o["patients"]), "countedAt": o["updated"]}


TOPIC = {"person": "hpr.person", "contract": "flo.contract", "period": "flo.gp-on-contract", "count": "flo.patient-count"}
WIRE = {"person": person, "contract": contract, "period": period, "count": count}


def put(value, pointer, item):
    """Replaces what the JSON pointer names; `gone` takes it away, the index - appends."""
    *path, last = pointer.strip("/").split("/")
    for name in path:
        value = value[int(name)] if isinstance(value, list) else value[name]
    if item == "gone":
        del value[last]
    elif isinstance(value, list):
        value.append(json.loads(item)) if last == "-" else value.__setitem__(int(last), json.loads(item))
    else:
        value[last] = json.loads(item)


# --- reading -------------------------------------------------------------------------------------


def instant(text):
    """ms since the epoch of yyyy-MM-ddTHH:mm[:ss[.fff]], Oslo time unless it ends in Z."""
    moment = datetime.datetime.fromisoformat(text)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=OSLO)) - EPOCH) // datetime.timedelta(milliseconds=1)


def named(words):
    """(words without =, options of words with =)."""
    options = dict(word.split("=", 1) for word in words if "=" in word)
    return [word for word in words if "=" not in word], options


class Reader:
    """Reads the cases of one file."""

    def __init__(self, path):
        self.path, self.cases = path, []
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            self.line = f"{path.name}:{number}"
            verb, _, rest = text.strip().partition(" ")
            if verb and not verb.startswith("#"):
                getattr(self, "on_" + verb.replace("-", "_"))(rest.strip())

    @property
    def case(self):
        return self.cases[-1]

    def on_case(self, rest):
        self.cases.append(Case(rest, self.line))
        self.at = None
        self.file = ""

    def on_cites(self, rest):
        self.case.cites += rest.split()

    def on_why(self, rest):
        self.case.why.append(rest)

    def on_at(self, rest):
        self.at = rest

    def on_file(self, rest):
        self.file = rest

    def on_until(self, rest):
        self.case.options["until"] = rest

    def on_known_at(self, rest):
        self.case.options["known-at"] = instant(rest)

    def add(self, topic, key, container, options):
        record = {"topic": topic, "timestamp": instant(self.at)}
        for name in ("partition", "offset", "timestamp"):
            if name in options:
                record[name] = int(options[name])
        if key is not None:
            record["key"] = str(key)
        self.case.files.setdefault(self.file, []).append(json.dumps({**record, **container}, ensure_ascii=False))

    def wire_record(self, kind, words):
        (number,), options = named(words)
        wall = datetime.datetime.fromisoformat(self.at)
        wall = wall.astimezone(OSLO) if wall.tzinfo else wall
        options.setdefault("updated", wall.strftime("%Y-%m-%dT%H:%M:%S"))
        value = WIRE[kind](int(number), options)
        for name, item in options.items():
            if name.startswith("/"):
                put(value, name, item)
        self.add(TOPIC[kind], options.get("key", options.get("on", number)), {"value": value}, options)

    def on_person(self, rest):
        self.wire_record("person", shlex.split(rest))

    def on_contract(self, rest):
        self.wire_record("contract", shlex.split(rest))

    def on_period(self, rest):
        self.wire_record("period", shlex.split(rest))

    def on_count(self, rest):
        self.wire_record("count", shlex.split(rest))

    def on_list(self, rest):
        """A whole list N: contract 9000+N with doctor 1000+N by doctor period 7000+N and a patient count."""
        (number,), o = named(shlex.split(rest))
        chosen = lambda *names: "".join(f" {name}={shlex.quote(o[name])}" for name in names if name in o)
        if o.get("doctor") is None:
            self.on_person(f"1{number:0>3}" + chosen("born", "sex", "specialist"))
        if o.get("doctor") != "none":
            valid = f" valid={o['since']}" if "since" in o else ""
            self.on_period(f"7{number:0>3} on=9{number:0>3} doctor=1{o.get('doctor', number):0>3}" + valid)
        self.on_contract(f"9{number:0>3}" + chosen("in", "cap", "fixed", "valid"))
        if o.get("patients") != "unknown":
            self.on_count(f"9{number:0>3} patients={o.get('patients', 1000)}")

    def on_delete(self, rest):
        (kind, number), options = named(shlex.split(rest))
        container = {"value": None}
        if kind == "period":
            container["headers"] = {"id": number}
        self.add(TOPIC[kind], options.get("key", number), container, options)

    def on_event(self, rest):
        (name,), options = named(shlex.split(rest))
        place = {key: options.pop(key) for key in ("partition", "offset", "key") if key in options}
        value = {"properties": {"eventName": name, **options}}
        self.add("hpr.event", place.pop("key", options.get("hprNummer")), {"value": value}, place)

    def on_value(self, rest):
        """TOPIC KEY JSON: a value as it stands, e.g. a text of XML or a batch."""
        topic, key, value = rest.split(" ", 2)
        self.add(topic, key, {"value": json.loads(value)}, {})

    def on_raw(self, rest):
        self.case.files.setdefault(self.file, []).append(rest)

    def on_ask(self, rest):
        self.case.questions.append(Question(named(rest.split())[1], []))

    def on_answer(self, rest):
        words = rest.split()
        question = self.case.questions[-1]
        question.rows.append(self.row(question.options["date"], None, words))

    def on_expect(self, rest):
        words = rest.split()
        date, _, edition = words[0].partition(".")
        self.case.rows.append(self.row(date, edition or "1", words[1:]))

    def on_absent(self, rest):
        """DATE[.EDITION] AREA MEASURE BREAKDOWN: there is no such row."""
        place, *words = rest.split()
        date, _, edition = place.partition(".")
        self.case.rows.append(Row(date, edition or "1", *words, None, None, None, None, self.line))

    def on_absent_answer(self, rest):
        question = self.case.questions[-1]
        question.rows.append(Row(question.options["date"], None, *rest.split(), None, None, None, None, self.line))

    def on_name(self, rest):
        self.case.names.append(rest.split(" ", 2))

    def row(self, date, edition, words):
        """AREA MEASURE BREAKDOWN NUMERATOR[/DENOMINATOR] [VALUE] [FLAGS]; - is empty, a lone number a count."""
        area, measure, breakdown, figure, *rest = words
        numerator, slash, denominator = figure.partition("/")
        value = rest[0] if rest else numerator
        flags = rest[1] if len(rest) > 1 else ""
        if not slash:
            denominator = ""
        clear = lambda text: "" if text == "-" else text
        return Row(date, edition, area, measure, breakdown, clear(numerator), clear(denominator), clear(value), flags,
                   self.line)

    def on_editions(self, rest):
        self.case.editions = {word if "." in word else word + ".1" for word in rest.split()}

    def on_deviation(self, rest):
        words, options = named(shlex.split(rest))
        status = words[2] if len(words) > 2 else "open"
        self.no_more_deviations().add(Deviation(words[0], words[1], options.get("count", "1"), status))

    def on_no(self, rest):
        assert rest == "deviations", self.line
        self.no_more_deviations()

    def no_more_deviations(self):
        if self.case.deviations is None:
            self.case.deviations = set()
        return self.case.deviations


def read_all():
    """Every case of the folder; names are unique."""
    found = [case for path in sorted(FOLDER.glob("*.case")) for case in Reader(path).cases]
    assert len({case.name for case in found}) == len(found), "two cases have one name"
    return found


# --- writing the input, checking the output ------------------------------------------------------


def write_input(case, folder):
    """The input of a case as replay files: one, unless it names several."""
    os.makedirs(folder, exist_ok=True)
    for name, lines in case.files.items():
        with open(os.path.join(folder, name or "all.ndjson"), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)


def rows_by_name(lines):
    """{(area, measure, breakdown): row} of CSV lines in the export's columns."""
    return {(row["area_code"], row["measure"], row["breakdown"]): row for row in csv.DictReader(lines)}


def differences(expected, found):
    """One sentence for each expected row that is not as it should be."""
    for row in expected:
        got = found.get((row.area, row.measure, row.breakdown))
        want = None if row.numerator is None else [row.numerator, row.denominator, row.value, row.flags]
        have = got and [got[name] for name in ("numerator", "denominator", "value", "flags")]
        if have != want:
            yield f"{row.line}: {row.date} {row.area} {row.measure} {row.breakdown}: expected {want}, not {have}"


def check_export(case, folder):
    """Everything that an export directory gets wrong of a case."""
    names = {name[:-4] for name in os.listdir(folder) if name.endswith(".csv") and name != "deviations.csv"}
    if case.editions is not None and names != case.editions:
        yield f"{case.place}: expected editions {sorted(case.editions)}, not {sorted(names)}"
    for edition in sorted({f"{row.date}.{row.edition}" for row in case.rows}):
        expected = [row for row in case.rows if f"{row.date}.{row.edition}" == edition]
        if edition not in names:
            yield f"{expected[0].line}: there is no {edition}.csv, only {sorted(names)}"
            continue
        with open(os.path.join(folder, edition + ".csv"), encoding="utf-8", newline="") as file:
            yield from differences(expected, rows_by_name(file))
    for date, area, name in case.names:
        with open(os.path.join(folder, date + ".1.csv"), encoding="utf-8", newline="") as file:
            found = {row["area_name"] for row in csv.DictReader(file) if row["area_code"] == area}
        if found != {name}:
            yield f"{case.place}: {area} is called {sorted(found)} on {date}, not {name}"
    if case.deviations is not None:
        with open(os.path.join(folder, "deviations.csv"), encoding="utf-8", newline="") as file:
            found = {Deviation(row["code"], row["entity"], row["count"], row["status"]) for row in csv.DictReader(file)}
        for deviation in sorted(case.deviations - found):
            yield f"{case.place}: missing {' '.join(deviation)}"
        for deviation in sorted(found - case.deviations):
            yield f"{case.place}: unexpected {' '.join(deviation)}"
