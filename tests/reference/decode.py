"""From a record's value to what it says: persons, contracts, doctor periods, counts, deletions, merges.

decode(envelope) gives a list of Effect. An effect either says something of an entity (kind, id, version,
content; version None = deletion) or is refused (kind None); `problems` are the deviation codes it raises.
"""
import base64
import binascii
import collections
import json
import xml.etree.ElementTree as ElementTree

import calendar_oslo as cal
import fields as f
import geography

PERSON, CONTRACT, PERIOD, COUNT, MERGE = "person", "contract", "doctor_period", "patient_count", "merge"
TOPICS = {"hpr.person": PERSON, "hpr.event": MERGE, "flo.contract": CONTRACT,
          "flo.gp-on-contract": PERIOD, "flo.patient-count": COUNT}
VALUE_LIMIT_BYTES = 4 * 1024 * 1024

Effect = collections.namedtuple("Effect", "kind id version content problems index entity")
Reaction = collections.namedtuple("Reaction", "type period")
Speciality = collections.namedtuple("Speciality", "code oid period ended reactions suspensions")
Approval = collections.namedtuple("Approval", "type period ended reactions suspensions specialities")
Person = collections.namedtuple("Person", "alias birth_year death_day sex approvals reactions")
Contract = collections.namedtuple("Contract", "period municipality fixed_salary cap status")
# For whom somebody substitutes is read, but no rule asks for it: it is no content (E4, R24).
DoctorPeriod = collections.namedtuple("DoctorPeriod", "contract number relationship period percentage")


class Refused(Exception):
    """The whole record is refused with this code (F1)."""


def not_json(_):
    raise ValueError("no JSON number")


JSON = json.JSONDecoder(parse_constant=not_json)


# --- the value -----------------------------------------------------------------------------------

def payload(envelope):
    """None for a tombstone, else a JSON value or an XML element (F14, F16, F17)."""
    value = envelope.get("value")
    wanted = header_format(envelope)
    if value is None:
        if "value" in envelope or envelope.get("value_base64") is None:
            return None
        value = text_of_bytes(envelope["value_base64"])
    elif not isinstance(value, str):
        if wanted == "xml":
            raise Refused(f.MALFORMED)
        return value
    elif len(value.encode("utf-8", "surrogatepass")) > VALUE_LIMIT_BYTES:
        raise Refused(f.MALFORMED)
    return parse_text(value.lstrip("\ufeff"), wanted)


def text_of_bytes(encoded):
    """Raw bytes are UTF-8, whatever an XML declaration claims; a Confluent prefix is skipped."""
    try:
        raw = base64.b64decode(encoded, validate=True)
        if len(raw) > VALUE_LIMIT_BYTES:
            raise Refused(f.MALFORMED)
        return (raw[5:] if raw[:1] == b"\0" else raw).decode("utf-8")
    except (binascii.Error, ValueError, TypeError):
        raise Refused(f.MALFORMED) from None


def header_format(envelope):
    """json, xml or None, by the header content-type."""
    headers = envelope.get("headers")
    content_type = f.member(headers, "content-type") if isinstance(headers, dict) else None
    kind = content_type.split(";")[0].strip().lower() if isinstance(content_type, str) else ""
    return next((form for form in ("json", "xml") if kind.endswith(("/" + form, "+" + form))), None)


def parse_text(text, wanted):
    text = text.strip(" \t\r\n")
    if wanted is None:
        wanted = "json" if text[:1] in ("{", "[") else "xml"
    try:
        return JSON.decode(text) if wanted == "json" else ElementTree.fromstring(text)
    except (ValueError, ElementTree.ParseError, RecursionError):
        raise Refused(f.MALFORMED) from None


# --- XML -----------------------------------------------------------------------------------------

def local_name(element):
    """The name without its namespace; legacy namespaces occur (B.2.3)."""
    return element.tag.rpartition("}")[2]


def xml_child(element, name):
    found = None if element is None else next((e for e in element if local_name(e) == name), None)
    if found is None or any(key.rpartition("}")[2] == "nil" and value in ("true", "1")
                            for key, value in found.attrib.items()):
        return None
    return found


def xml_text(element, name):
    found = xml_child(element, name)
    return (found.text or None) if found is not None else None


def xml_items(element, name, item):
    found = xml_child(element, name)
    return [] if found is None else [e for e in found if local_name(e) == item]


def xml_object(element):
    """A DataContract element as a JSON object would be; of repeated children the first."""
    result = {}
    for part in element:
        name = local_name(part)
        if name not in result:
            below = xml_child(element, name)
            result[name] = None if below is None else xml_object(below) if len(below) else (below.text or None)
    return result


SUSPENSIONS = "suspensjonsperioder (SOAP)"     # no member of the JSON person has this name


def soap_code(element, name):
    code = xml_child(element, name)
    return None if code is None else {"verdi": xml_text(code, "Verdi"), "kodeverk": {"id": xml_text(code, "OID")}}


def soap_period(element, name):
    period = xml_child(element, name)
    return None if period is None else {"fra": xml_text(period, "Fra"), "til": xml_text(period, "Til")}


def soap_reactions(element):
    return [{"type": soap_code(e, "Type"), "periode": soap_period(e, "Periode")}
            for e in xml_items(element, "AdministrativeReaksjoner", "AdministrativReaksjon")]


def soap_approval_part(element):
    """What approvals and specialities have in common."""
    return {"periode": soap_period(element, "Gyldig"), "avsluttetStatus": soap_code(element, "AvsluttetStatus"),
            "administrativeReaksjoner": soap_reactions(element),
            SUSPENSIONS: [{"periode": soap_period(e, "Periode")}
                          for e in xml_items(element, "Suspensjonsperioder", "Suspensjonsperiode")]}


def soap_person(root):
    """The one SOAP Person of a message in the shape of a JSON person (B.1B, F20)."""
    persons = [element for element in root.iter() if local_name(element) == "Person"]
    if len(persons) != 1:
        raise Refused(f.MALFORMED if persons else f.UNKNOWN_FORMAT)
    person = persons[0]
    approvals = []
    for element in xml_items(person, "Godkjenninger", "Godkjenning"):
        approval = soap_approval_part(element)
        approval["helsepersonellkategori"] = soap_code(element, "Helsepersonellkategori")
        approval["autorisasjon"] = soap_code(element, "Autorisasjon")
        approval["spesialistgodkjenninger"] = [dict(soap_approval_part(e), type=soap_code(e, "Type"))
                                               for e in xml_items(element, "Spesialiteter", "Spesialitet")]
        approvals.append(approval)
    return {"hprNummer": xml_text(person, "HPRNummer"),
            "erstattetAvHprNummer": xml_text(person, "ErstattetAvHprNummer"),
            "sistOppdatert": xml_text(person, "SistOppdatert"), "godkjenninger": approvals,
            "administrativeReaksjoner": soap_reactions(person),
            "person": {"fødselsdato": xml_text(person, "Fødselsdato"), "dødsdato": xml_text(person, "Dødsdato"),
                       "kjønn": soap_code(person, "Kjønn"), "nin": xml_text(person, "NIN")}}


# --- persons -------------------------------------------------------------------------------------

def code_value(node, name, problems):
    """`verdi` of a Kode."""
    code = f.child(node, name, problems)
    return None if code is None else f.text_of_code(f.member(code, "verdi"), problems)


def code_system(node, name):
    """`kodeverk.id` of a Kode as text; None where it is absent."""
    code = f.member(node, name)
    system = f.member(code, "kodeverk") if isinstance(code, dict) else None
    value = f.member(system, "id") if isinstance(system, dict) else None
    return None if value is None else str(value)


def sex_of(person, problems):
    """male, female or None (D3)."""
    value = f.member(person, "kjønn")
    if isinstance(value, dict):
        value = f.member(value, "verdi")
    return {"1": "male", "M": "male", "2": "female", "K": "female"}.get(str(value))


def reactions_of(node, problems):
    return tuple(Reaction(code_value(item, "type", problems),
                          f.hpr_period(f.child(item, "periode", problems), problems))
                 for item in f.children(node, "administrativeReaksjoner", problems))


def suspensions_of(node, problems):
    return tuple(f.hpr_period(item["periode"], problems) for item in node.get(SUSPENSIONS, ()))


def speciality_of(node, problems):
    return Speciality(code_value(node, "type", problems), code_system(node, "type"),
                      f.hpr_period(f.child(node, "periode", problems), problems),
                      code_value(node, "avsluttetStatus", problems),
                      reactions_of(node, problems), suspensions_of(node, problems))


def approval_of(node, problems):
    """(category, Approval)."""
    specialities = [speciality_of(item, problems) for item in f.children(node, "spesialistgodkjenninger", problems)]
    approval = Approval(code_value(node, "autorisasjon", problems),
                        f.hpr_period(f.child(node, "periode", problems), problems),
                        code_value(node, "avsluttetStatus", problems),
                        reactions_of(node, problems), suspensions_of(node, problems), tuple(specialities))
    return code_value(node, "helsepersonellkategori", problems), approval


def decode_person(value):
    """One full state of a person (B.1A, B.1B). Only doctors' approvals are kept (R24)."""
    if isinstance(value, ElementTree.Element):
        value = soap_person(value)
    if not isinstance(value, dict):
        raise Refused(f.MALFORMED if isinstance(value, list) and len(value) > 1 else f.UNKNOWN_FORMAT)
    if not f.has_member(value, "hprNummer") and not f.has_member(value, "sistOppdatert"):
        raise Refused(f.UNKNOWN_FORMAT)
    problems = set()
    number = f.identifier(f.member(value, "hprNummer"), f.MAX_HPR_NUMBER, problems)
    version = f.wall_time(f.member(value, "sistOppdatert"), problems)
    alias = f.optional_hpr_number(f.member(value, "erstattetAvHprNummer"), problems)
    person = f.child(value, "person", problems) or {}
    birth = f.date_day(f.member(person, "fødselsdato"), problems)
    death = f.date_day(f.member(person, "dødsdato"), problems)
    approvals = [approval_of(item, problems) for item in f.children(value, "godkjenninger", problems)]
    doctor = tuple(approval for category, approval in approvals if category == "LE")
    reactions = reactions_of(value, problems)
    content = Person(alias, None if birth is None else cal.year_of(birth), death, sex_of(person, problems),
                     doctor, reactions if doctor else ())
    nin = f.member(person, "nin")
    warnings = {f.BAD_IDENTIFIER} if nin not in (None, "") and not f.valid_nin(str(nin)) else set()
    return [state(PERSON, number, version, content, problems, warnings)]


# --- contracts, doctor periods, patient counts -----------------------------------------------------

def flr_code(record, name, problems):
    code = f.child(record, name, problems)
    return None if code is None else f.text_of_code(f.member(code, "CodeValue"), problems)


def flr_object(value, type_name):
    """The record as an object; UNKNOWN_FORMAT for anything that is not a `type_name`."""
    if isinstance(value, ElementTree.Element):
        if local_name(value) != type_name:
            raise Refused(f.UNKNOWN_FORMAT)
        return xml_object(value)
    if not isinstance(value, dict):
        raise Refused(f.UNKNOWN_FORMAT)
    return value


def decode_contract(value):
    """One full state of a contract (B.2.3); the shape of the FLR offentlig API is unknown here (F11)."""
    record = flr_object(value, "GPContract")
    if f.has_member(record, "period") and not f.has_member(record, "Valid") and not f.has_member(record, "UpdatedOn"):
        raise Refused(f.UNKNOWN_FORMAT)
    problems = set()
    number = f.identifier(f.member(record, "Id"), f.MAX_LONG, problems)
    version = f.wall_time(f.member(record, "UpdatedOn"), problems)
    f.amount(f.member(record, "PatientsOnWaitingList"), problems)
    content = Contract(f.flr_period(record, problems),
                       geography.pad_number(flr_code(record, "Municipality", problems)),
                       f.boolean(f.member(record, "IsFixedSalary"), problems),
                       f.amount(f.member(record, "MaxPatients"), problems),
                       flr_code(record, "Status", problems))
    office = f.member(record, "GPOfficeOrganizationNumber")
    warnings = set()
    if office is not None and not f.valid_organisation_number(f.as_integer(office)):
        warnings.add(f.BAD_IDENTIFIER)
    return [state(CONTRACT, number, version, content, problems, warnings)]


def decode_doctor_period(value):
    """One full state of a doctor period (B.2.3)."""
    record = flr_object(value, "GPOnContractAssociation")
    problems = set()
    number = f.identifier(f.member(record, "Id"), f.MAX_LONG, problems)
    version = f.wall_time(f.member(record, "UpdatedOn"), problems)
    f.optional_hpr_number(f.member(record, "SubstituteForHprNumber"), problems)
    content = DoctorPeriod(f.identifier(f.member(record, "GPContractId"), f.MAX_LONG, problems),
                           f.identifier(f.member(record, "HprNumber"), f.MAX_HPR_NUMBER, problems),
                           flr_code(record, "Relationship", problems), f.flr_period(record, problems),
                           f.amount(f.member(record, "WorkingPercentage"), problems))
    return [state(PERIOD, number, version, content, problems)]


def decode_patient_counts(value):
    """One patient count or a batch of them, refused element by element (F1)."""
    if not isinstance(value, (dict, list)):
        raise Refused(f.UNKNOWN_FORMAT)
    effects = []
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        problems = set()
        if not isinstance(item, dict):
            effects.append(Effect(None, None, None, None, {f.MALFORMED}, index, None))
            continue
        number = f.identifier(f.member(item, "contractId"), f.MAX_LONG, problems)
        count = f.amount(f.member(item, "patientCount"), problems, required=True)
        version = f.wall_time(f.member(item, "countedAt"), problems)
        effects.append(state(COUNT, number, version, count, problems, index=index))
    return effects


def state(kind, number, version, content, problems, warnings=frozenset(), index=0):
    """A full state, or a refusal if anything in it refuses."""
    entity = None if number is None else f"{kind}:{number}"
    if problems:
        return Effect(None, None, None, None, {first_problem(problems)}, index, entity)
    return Effect(kind, number, version, content, set(warnings), index, entity)


def first_problem(problems):
    return next(code for code in f.REFUSING if code in problems)


# --- deletions and events --------------------------------------------------------------------------

def deletion(kind, value, largest):
    problems = set()
    number = f.identifier(value, largest, problems)
    if problems:
        raise Refused(f.BAD_IDENTIFIER)
    return [Effect(kind, number, None, None, set(), 0, f"{kind}:{number}")]


def decode_tombstone(kind, envelope):
    """R4, F7, F12: the key names the entity, the header `id` a doctor period."""
    if kind == MERGE:
        raise Refused(f.MALFORMED)
    if kind != PERIOD:
        return deletion(kind, envelope.get("key"), f.MAX_HPR_NUMBER if kind == PERSON else f.MAX_LONG)
    headers = envelope.get("headers")
    value = f.member(headers, "id") if isinstance(headers, dict) else None
    if value is None:
        raise Refused(f.MALFORMED)
    return deletion(PERIOD, value, f.MAX_LONG)


def decode_event(envelope, value):
    """PersonDeleted and HprNumbersMerged of the source Hpr; every other event is ignored (E10)."""
    if not isinstance(value, dict):
        raise Refused(f.UNKNOWN_FORMAT)
    problems = set()
    properties = f.child(value, "properties", problems) or {}

    def find(name):
        found = f.member(properties, name)
        return f.member(value, name) if found is None else found

    if problems:
        raise Refused(f.MALFORMED)
    if find("eventSource") not in (None, "Hpr"):
        return []
    number = find("hprNummer")
    if find("eventName") == "PersonDeleted":
        return deletion(PERSON, envelope.get("key") if number is None else number, f.MAX_HPR_NUMBER)
    if find("eventName") != "HprNumbersMerged":
        return []
    survivor = f.identifier(envelope.get("key") if number is None else number, f.MAX_HPR_NUMBER, problems)
    old = f.identifier(find("hprUtgår"), f.MAX_HPR_NUMBER, problems)
    if problems:
        raise Refused(f.BAD_IDENTIFIER)
    return [Effect(MERGE, old, None, survivor, set(), 0, f"person:{old}")]


DECODERS = {PERSON: decode_person, CONTRACT: decode_contract, PERIOD: decode_doctor_period,
            COUNT: decode_patient_counts}


def decode(envelope):
    """Everything one well-formed line of a known topic says."""
    kind = TOPICS[envelope["topic"]]
    try:
        value = payload(envelope)
        if value is None:
            return decode_tombstone(kind, envelope)
        if kind == MERGE:
            return decode_event(envelope, value)
        return DECODERS[kind](value)
    except Refused as refusal:
        return [Effect(None, None, None, None, {refusal.args[0]}, 0, None)]
