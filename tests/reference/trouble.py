"""Records that must be refused, and lines that are no records: every kind of section F.

refused(rng, kind, valid) takes a valid value of that kind, far newer than anything else, and breaks it. Whatever
a reader wrongly accepts of it stands out in the figures.
"""
import base64
import copy
import json
import re

import wire

FAR = "2040-01-01T00:00:00"
LONG_AGO = {"From": "1990-01-01T00:00:00", "To": "1990-01-03T00:00:00"}
BAD_TIMES = ["2020-13-01", "2020-02-30", "20200101", "2020-01-01 10:00:00", "2020-01-01T10:00", "i dag", "", 7,
             "2020-01-01T25:00:00", "2020-01-01T10:00:00+0100", "2021-02-29T00:00:00"]
BAD_IDS = [0, -5, "0", "12A4567", None, "", 2**63, "1 2", True]
BAD_VALUES = ["", "tekst", "<Person><HPRNummer>96</HPRNummer>", "<Noe/>", "{\"hprNummer\":", "[1,", 7, [], {}, True,
              "<a/><b/>"]


def put(value, *path_and_item):
    """A copy of `value` with one member, given by its path, replaced; ... removes it."""
    *path, item = path_and_item
    result = copy.deepcopy(value)
    node = result
    for name in path[:-1]:
        node = node[name]
    if item is ...:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = item
    return result


def no_record(rng):
    """A line that is no JSON object, or lacks topic or timestamp; or blank ones (F13)."""
    return rng.choice(["ikke json", "[1,2]", "7", '{"topic":"hpr.person","partition":0,"offset":99999999',
                       '{"topic":"hpr.person","key":"1"}', '{"timestamp":1500000000000,"value":null}',
                       "", "   ", "\ufeff", "null", '"hpr.person"',
                       '{"topic":"flo.contract","partition":0,"offset":99999999,"value":{"Id":1}}'])


def broken_value(rng):
    """A value that no decoder can read, with its headers."""
    kind = rng.randrange(4)
    if kind == 0:
        raw = rng.choice([b"\xff\xfe\x00rot", b"{\"hprNummer\": 96, \xff}", b"<Person>\xe6</Person>"])
        return {"value_base64": base64.b64encode(raw).decode("ascii")}
    if kind == 1:
        return {"value_base64": rng.choice(["%%%", "QQ", "not base64!"])}
    if kind == 2:
        header, value = rng.choice([("application/xml", {"hprNummer": 96}), ("application/json", "<Person/>"),
                                    ("application/xml", '{"hprNummer": 96}'), ("text/xml", [1])])
        return {"value": value, "headers": {"content-type": header}}
    return {"value": rng.choice(BAD_VALUES)}


def bad_person(rng, value):
    """A JSON person that is refused (F1, F2, F5, F6, F9, D18)."""
    value = put(put(value, "sistOppdatert", FAR), "person", "fødselsdato", "1900-01-01")
    period = {"fra": "2019-01-01", "til": "2018-12-30"}
    approval = {"helsepersonellkategori": {"verdi": rng.choice(["LE", "SP"])}, "autorisasjon": {"verdi": "1"},
                "periode": {"fra": "2001-01-01", "til": None}, "spesialistgodkjenninger": []}
    suspending = [{"type": {"verdi": "5"}, "periode": period}]
    return rng.choice([
        put(value, "sistOppdatert", rng.choice(BAD_TIMES)), put(value, "sistOppdatert", ...),
        put(value, "hprNummer", rng.choice(BAD_IDS + [2**31])), put(value, "erstattetAvHprNummer", "x1"),
        put(value, "person", "fødselsdato", rng.choice(BAD_TIMES)),
        put(value, "person", "dødsdato", rng.choice(BAD_TIMES)),
        put(value, "godkjenninger", "x"),
        put(value, "godkjenninger", (value["godkjenninger"] or []) + [dict(approval, periode=period)]),
        put(value, "godkjenninger", [dict(approval, periode={"fra": rng.choice(BAD_TIMES)})]),
        put(value, "godkjenninger", [dict(approval, administrativeReaksjoner=suspending)]),
        put(value, "godkjenninger", [dict(approval, spesialistgodkjenninger=[
            {"type": {"verdi": "1"}, "periode": period}])]),
        put(value, "godkjenninger", [dict(approval, spesialistgodkjenninger=[
            {"type": {"verdi": "1"}, "periode": None, "administrativeReaksjoner": suspending}])]),
        put(value, "administrativeReaksjoner", suspending), [value, value]])


def bad_soap(rng, text):
    """SOAP that is refused: two persons (F20), a bad suspension period (F2), no version, a fault."""
    suspension = ("<Suspensjonsperioder><Suspensjonsperiode><Periode><c:Fra>2019-01-02T00:00:00</c:Fra>"
                  "<c:Til>2019-01-01T00:00:00</c:Til></Periode></Suspensjonsperiode></Suspensjonsperioder>")
    bare = text[text.index("<Person "):text.rindex("</Person>") + len("</Person>")]
    bare = re.sub("(<SistOppdatert>)[^<]*", rf"\g<1>{FAR}", re.sub("(<Fødselsdato>)[^<]*", r"\g<1>1900-01-01", bare))
    return rng.choice([
        f"<Personer>{bare}{bare}</Personer>",
        bare.replace("</Godkjenninger>", f"<Godkjenning>{suspension}</Godkjenning></Godkjenninger>"),
        bare.replace("SistOppdatert>", "SistLest>"), bare[:-9],
        "<s:Envelope xmlns:s='x'><s:Body><s:Fault/></s:Body></s:Envelope>"])


def bad_contract(rng, value):
    """A contract that is refused (F3, F5, F6, F11)."""
    value = put(put(value, "UpdatedOn", FAR), "Valid", dict(LONG_AGO))
    return rng.choice([
        put(value, "UpdatedOn", ...), put(value, "UpdatedOn", rng.choice(BAD_TIMES)),
        put(value, "Id", rng.choice(BAD_IDS)),
        put(value, "Valid", ...), put(value, "Valid", None), put(value, "Valid", {"To": None}),
        put(value, "Valid", {"From": "2019-01-01", "To": "2019-01-01"}),
        put(value, "Valid", "From", rng.choice(BAD_TIMES)),
        put(value, "Valid", {"From": "2019-01-02T00:00:00", "To": "2018-12-31T23:59:59"}),
        put(value, "MaxPatients", -1), put(value, "MaxPatients", "mange"), put(value, "PatientsOnWaitingList", -3),
        put(value, "IsFixedSalary", "kanskje"), [value],
        {"id": value["Id"], "period": {"from": "2001-01-01", "to": None}, "maxNumberOfPatients": 900,
         "municipality": {"value": "301", "name": "OSLO"}, "doctorCycles": []}])


def bad_period(rng, value):
    """A doctor period that is refused."""
    value = put(put(value, "UpdatedOn", FAR), "Valid", dict(LONG_AGO))
    return rng.choice([
        put(value, "UpdatedOn", ...), put(value, "UpdatedOn", rng.choice(BAD_TIMES)),
        put(value, "Id", rng.choice(BAD_IDS)),
        put(value, "GPContractId", rng.choice(BAD_IDS)), put(value, "HprNumber", rng.choice(BAD_IDS + [2**31])),
        put(value, "WorkingPercentage", -1), put(value, "WorkingPercentage", "halv"),
        put(value, "Valid", ...), put(value, "Valid", {"From": None, "To": None}),
        put(value, "Valid", {"From": "2019-01-01", "To": "2018-01-01"}),
        put(value, "Valid", "To", rng.choice(BAD_TIMES))])


def bad_count(rng, value):
    """A patient count, or an element of a batch, that is refused."""
    value = put(value, "countedAt", "2017-01-01T00:00:00")
    return rng.choice([
        put(value, "patientCount", -1), put(value, "patientCount", "x"), put(value, "patientCount", None),
        put(value, "countedAt", ...), put(value, "countedAt", rng.choice(BAD_TIMES)),
        put(value, "contractId", rng.choice(BAD_IDS)), "x", 7, None])


def too_large(rng, value):
    """A contract of more than 4 MiB (F16)."""
    filled = dict(value, UpdatedOn=FAR, Valid=dict(LONG_AGO), fyll="x" * (4 * 1024 * 1024))
    return {"value": filled if wire.chance(rng, 0.5) else json.dumps(filled)}
