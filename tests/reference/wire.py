"""Rendering of random records in the real wire shapes, with all the freedom their writers take.

Everything takes a random.Random, so the same seed gives the same bytes. Days are date ordinals, versions
Oslo wall-clock nanoseconds (calendar_oslo).
"""
import base64
import datetime
import json

import calendar_oslo as cal

FLR_NAMESPACES = ("http://schemas.nhn.no/reg/flr", "http://schemas.datacontract.org/2004/07/NHN.DtoContracts.Flr.Data")
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def chance(rng, probability):
    return rng.random() < probability


# --- dates and times -------------------------------------------------------------------------------

def clock(wall):
    """yyyy-MM-ddTHH:mm:ss of a wall-clock time, without fraction."""
    seconds = wall % cal.DAY_NS // cal.SECOND_NS
    return (f"{cal.format_day(wall // cal.DAY_NS)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}")


def wall_text(rng, wall, zones=True):
    """One of the many texts of a wall-clock time (F15), sometimes with a zone (E13)."""
    digits = f"{wall % cal.SECOND_NS:09d}"
    short = digits.rstrip("0")
    fraction = rng.choice([short, short, short.ljust(3, "0"), short.ljust(7, "0"), digits, digits + "7"])
    text = clock(wall) + ("." + fraction if fraction else "")
    if wall % cal.DAY_NS == 0 and chance(rng, 0.3):
        return cal.format_day(wall // cal.DAY_NS)
    if zones and chance(rng, 0.15):
        return zoned_text(rng, wall, fraction) or text
    return text


def zoned_text(rng, wall, fraction=""):
    """The time in Z, in Oslo's offset or in another zone; None where it does not lead back to the same wall clock."""
    moment = datetime.datetime.fromisoformat(clock(wall)).replace(tzinfo=cal.OSLO, fold=rng.randrange(2))
    zone = rng.choice([cal.UTC, None, datetime.timezone(datetime.timedelta(hours=-5)),
                       datetime.timezone(datetime.timedelta(hours=5, minutes=45))])
    offset = moment.utcoffset() if zone is None else zone.utcoffset(None)
    local = (moment.astimezone(cal.UTC) + offset).replace(tzinfo=None)
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    suffix = "Z" if zone is cal.UTC else f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    text = local.isoformat() + ("." + fraction if fraction else "") + suffix
    return text if cal.parse_wall(text) == wall else None


def day_text(rng, day, late=False):
    """A day; `late`: any time of it does (HPR `til` counts to the end of the day)."""
    start = day * cal.DAY_NS
    if late and chance(rng, 0.2):
        return cal.format_day(day) + rng.choice(["T23:59:59", "T23:59:59.997", "T12:00:00"])
    if chance(rng, 0.1):
        return zoned_text(rng, start) or cal.format_day(day)
    return cal.format_day(day) + rng.choice(["", "", "T00:00:00", "T00:00:00.000"])


def no_end(rng):
    return rng.choice([None, "9999-12-31T00:00:00", "9999-12-31T23:59:59.997", "9999-12-31"])


def hpr_period(rng, period):
    """{fra, til} with `til` included; a missing bound is open."""
    start, end = period
    result = {}
    if start != cal.OPEN_FROM or chance(rng, 0.5):
        result["fra"] = None if start == cal.OPEN_FROM else day_text(rng, start)
    if end != cal.OPEN_TO or chance(rng, 0.7):
        result["til"] = no_end(rng) if end == cal.OPEN_TO else day_text(rng, end - 1, late=True)
    return result


def flr_period(rng, period):
    """{From, To}: From is cut to its day, To is rounded up to a whole day (R2, F3)."""
    start, end = period
    first = day_text(rng, start, late=True)
    if end == cal.OPEN_TO:
        return {"From": first, "To": no_end(rng)} if chance(rng, 0.8) else {"From": first}
    inside = cal.format_day(end - 1) + rng.choice(
        ["T23:59:59", "T23:59:59.9999999", "T00:00:00.0000001", "T12:00:00", "T00:00:00.000000001"])
    return {"From": first, "To": inside if chance(rng, 0.3) else day_text(rng, end)}


# --- JSON ------------------------------------------------------------------------------------------

def as_text(rng, number):
    """A number as text: sign, leading zeros and blanks around it are allowed (F5, R8)."""
    if number < 0:
        return str(number)
    return rng.choice([str(number), "0" * rng.randrange(3) + str(number), f" {number} ", f"+{number}"])


def loose_numbers(rng, value):
    """Numbers at the top of a record are texts now and then (Part A)."""
    return {key: as_text(rng, item) if type(item) is int and chance(rng, 0.1) else item for key, item in value.items()}


def odd_case(rng, name):
    """Another spelling in ASCII case; other letters stay (F19)."""
    return "".join(letter.swapcase() if letter.isascii() and chance(rng, 0.4) else letter for letter in name)


def loose_names(rng, value, probability):
    """Member names in odd case, and now and then a second spelling that must lose (F19)."""
    if isinstance(value, list):
        return [loose_names(rng, item, probability) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, item in value.items():
        spelled = odd_case(rng, name) if chance(rng, probability) else name
        if spelled == name and chance(rng, probability / 10):
            other = odd_case(rng, name)
            if other != name:
                result[other] = "taper"      # the exact spelling wins wherever it stands
        result[spelled] = loose_names(rng, item, probability)
        if spelled != name and chance(rng, 0.05):
            other = odd_case(rng, name)
            if other not in (name, spelled):
                result[other] = "taper"      # the first of several spellings wins
    return result


def json_noise(rng, value):
    """A JSON record in the liberties of its writers, with unknown members."""
    if chance(rng, 0.2):
        value = loose_names(rng, value, 0.3)
    if chance(rng, 0.2):
        value = dict(value, ukjentFelt={"a": [1, None, "x"], "UpdatedBy": "ø"})
    return value


def kode(rng, oid, verdi):
    if verdi is None:
        return None
    code = {"verdi": verdi, "navn": "x", "kodeverk": {"id": rng.choice([oid, str(oid)]), "navn": "y"}}
    if oid is None:
        code["kodeverk"] = rng.choice([None, {"id": None, "navn": "y"}])
        if chance(rng, 0.5):
            del code["kodeverk"]
    return code


def json_reactions(rng, reactions):
    if not reactions and chance(rng, 0.3):
        return None
    return [{"type": kode(rng, 1, verdi), "periode": None if period is None else hpr_period(rng, period)}
            for verdi, period in reactions]


def json_part(rng, part):
    result = {"avsluttetStatus": kode(rng, 2, part["ended"]),
              "administrativeReaksjoner": json_reactions(rng, part["reactions"])}
    if part["period"] is not None or chance(rng, 0.5):
        result["periode"] = None if part["period"] is None else hpr_period(rng, part["period"])
    return result


def json_approval(rng, approval):
    specialities = [dict(json_part(rng, s), type=kode(rng, s["oid"], s["code"])) for s in approval["specialities"]]
    return dict(json_part(rng, approval), helsepersonellkategori=kode(rng, 9060, approval["category"]),
                autorisasjon=kode(rng, 7704, approval["type"]), godkjentTurnusDato=None,
                rekvisisjonsretter=rng.choice([None, [], [{"periode": {"fra": "2020-99-99"}}]]),
                spesialistgodkjenninger=specialities, tilleggskompetanser=[], vilkår=[])


def person_value(rng, person):
    """HelsepersonUtvidet as an object (B.1A)."""
    inner = {"fornavn": "Test", "mellomnavn": None, "etternavn": "Fiktivsen",
             "fødselsdato": None if person["birth"] is None else day_text(rng, person["birth"]),
             "dødsdato": None if person["death"] is None else day_text(rng, person["death"]),
             "manglerNin": person["nin"] is None, "nin": person["nin"],
             "kjønn": json_sex(rng, person["sex"])}
    if chance(rng, 0.04):     # another letter than ASCII in another case is another name (F19)
        inner["FØDSELSDATO"] = inner.pop("fødselsdato")
    value = {"person": inner, "hprNummer": person["number"],
             "erstattetAvHprNummer": rng.choice([None, 0]) if person["alias"] is None else person["alias"],
             "godkjenninger": [json_approval(rng, a) for a in person["approvals"]] or rng.choice([None, []]),
             "administrativeReaksjoner": json_reactions(rng, person["reactions"]),
             "sistOppdatert": wall_text(rng, person["version"]), "gjelderForDato": "2018-10-01"}
    return value


def person_json(rng, person):
    return json_noise(rng, loose_numbers(rng, person_value(rng, person)))


def json_sex(rng, sex):
    bare = {"1": ["1", 1, "M"], "2": ["2", 2, "K"]}.get(sex, [sex])
    return rng.choice(bare) if chance(rng, 0.2) else kode(rng, 3101, sex)


def flr_code(oid, value):
    return {"OID": oid, "SimpleType": "x", "CodeValue": value, "CodeText": "y", "Active": True}


def contract_value(rng, contract):
    """GPContract as an object (B.2.3)."""
    value = {"Id": contract["id"], "ParticipatesOnCommonList": False, "IsFixedSalary": contract["fixed"],
             "GPOfficeOrganizationNumber": rng.choice([312345676, 310246808, 983544622, 312345677, -17]),
             "MaxPatients": contract["cap"], "Status": flr_code(7751, contract["status"]),
             "Valid": flr_period(rng, contract["period"]), "Municipality": flr_code(3402, contract["municipality"]),
             "PatientsOnWaitingList": rng.randrange(20), "DoctorCycles": [], "CoopMunicipalities": [],
             "PlacesAvailable": None, "UpdatedOn": wall_text(rng, contract["version"])}
    if contract["municipality"] is None:
        value["Municipality"] = rng.choice([None, flr_code(3402, None)])
    if not contract["fixed"] and chance(rng, 0.2):
        del value["IsFixedSalary"]
    if chance(rng, 0.1):     # doctor cycles inside a contract are ignored (F10)
        value["DoctorCycles"] = [{"Id": 1, "HprNumber": 1, "Relationship": flr_code(7750, "LPFL"),
                                  "Valid": {"From": "2000-01-01T00:00:00"}}]
    return value


def period_value(rng, period):
    """GPOnContractAssociation as an object (B.2.3)."""
    return {"Id": period["id"], "GPContractId": period["contract"], "HprNumber": period["number"],
            "SubstituteForHprNumber": rng.choice([None, 57, 0]), "Valid": flr_period(rng, period["period"]),
            "Relationship": flr_code(7750, period["relationship"]), "WorkingPercentage": period["percentage"],
            "WorkingOnDays": [], "UpdatedOn": wall_text(rng, period["version"])}


def flr_json(rng, value):
    if isinstance(value.get("IsFixedSalary"), bool) and chance(rng, 0.1):
        texts = ["true", "1"] if value["IsFixedSalary"] else ["false", "0"]
        value = dict(value, IsFixedSalary=rng.choice(texts))
    return json_noise(rng, loose_numbers(rng, value))


def count_value(rng, count):
    value = {"contractId": count["contract"], "patientCount": count["patients"],
             "countedAt": wall_text(rng, count["version"])}
    value = loose_numbers(rng, value)
    return loose_names(rng, value, 0.3) if chance(rng, 0.2) else value


# --- XML -------------------------------------------------------------------------------------------

def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(name, value, prefix=""):
    """<name>value</name>; None is i:nil; an object has child elements, a list becomes empty."""
    if value is None:
        return f'<{prefix}{name} i:nil="true"/>'
    if isinstance(value, dict):
        inner = "".join(element(key, item, prefix) for key, item in value.items())
        return f"<{prefix}{name}>{inner}</{prefix}{name}>"
    if isinstance(value, list):
        return f"<{prefix}{name}/>"
    text = str(value).lower() if isinstance(value, bool) else escape(value)
    return f"<{prefix}{name}>{text}</{prefix}{name}>"


def flr_xml(rng, value, type_name):
    """DataContract XML: elements in alphabetical order, absent ones as nil (B.2.3)."""
    parts = []
    for name in sorted(value):
        item = value[name]
        if isinstance(item, dict):
            space = "http://schemas.nhn.no/reg/Common/en" if name == "Valid" else "http://register.nhn.no/Common"
            inner = "".join(element(key, item[key], "a:") for key in sorted(item))
            parts.append(f'<{name} xmlns:a="{space}">{inner}</{name}>')
        else:
            parts.append(element(name, item))
    names = f'xmlns="{rng.choice(FLR_NAMESPACES)}" xmlns:i="{INSTANCE}"'
    return f"<{type_name} {names}>" + "".join(parts) + f"</{type_name}>"


def soap_kode(name, oid, verdi):
    if verdi is None:
        return element(name, None)
    inner = {"Aktiv": True, "OID": oid, "Verdi": verdi}
    return f"<{name}>" + "".join(element(key, item, "c:") for key, item in inner.items()) + f"</{name}>"


def soap_period(rng, name, period):
    if period is None:
        return element(name, None)
    texts = hpr_period(rng, period)
    inner = element("Fra", texts.get("fra"), "c:") if "fra" in texts else ""
    return f"<{name}>" + inner + element("Til", texts.get("til"), "c:") + f"</{name}>"


def soap_reactions(rng, reactions):
    inner = "".join("<AdministrativReaksjon><Id>3</Id>" + soap_period(rng, "Periode", period)
                    + soap_kode("Type", 1, verdi) + "</AdministrativReaksjon>" for verdi, period in reactions)
    return f"<AdministrativeReaksjoner>{inner}</AdministrativeReaksjoner>"


def soap_suspensions(rng, suspensions):
    inner = "".join("<Suspensjonsperiode><ETag>1</ETag><Id>7</Id>" + soap_period(rng, "Periode", period)
                    + "</Suspensjonsperiode>" for period in suspensions)
    return f"<Suspensjonsperioder>{inner}</Suspensjonsperioder>" if inner or chance(rng, 0.5) else ""


def soap_part(rng, part):
    return (soap_reactions(rng, part["reactions"]) + soap_kode("AvsluttetStatus", 2, part["ended"])
            + soap_period(rng, "Gyldig", part["period"]))


def soap_approval(rng, approval):
    specialities = "".join("<Spesialitet>" + soap_part(rng, s) + soap_suspensions(rng, s["suspensions"])
                           + soap_kode("Type", s["oid"], s["code"]) + "</Spesialitet>"
                           for s in approval["specialities"])
    return ("<Godkjenning>" + soap_part(rng, approval) + soap_kode("Autorisasjon", 7704, approval["type"])
            + soap_kode("Helsepersonellkategori", 9060, approval["category"]) + "<Id>4</Id>"
            + f"<Spesialiteter>{specialities}</Spesialiteter>" + soap_suspensions(rng, approval["suspensions"])
            + "</Godkjenning>")


def person_soap(rng, person):
    """HPR2 Person (B.1B), bare or in a SOAP Envelope."""
    body = soap_reactions(rng, person["reactions"])
    if person["death"] is not None or chance(rng, 0.7):
        body += element("Dødsdato", None if person["death"] is None else day_text(rng, person["death"]))
    body += element("ErstattetAvHprNummer", person["alias"]) + element("Etternavn", "Fiktivsen & Co")
    body += element("Fødselsdato", None if person["birth"] is None else day_text(rng, person["birth"]))
    body += "<Godkjenninger>" + "".join(soap_approval(rng, a) for a in person["approvals"]) + "</Godkjenninger>"
    body += element("HPRNummer", person["number"]) + soap_kode("Kjønn", 3101, person["sex"])
    body += element("NIN", person["nin"]) + element("SistOppdatert", wall_text(rng, person["version"]))
    names = (f'xmlns="http://schemas.nhn.no/reg/HPRv2" xmlns:i="{INSTANCE}"'
             ' xmlns:c="http://schemas.nhn.no/reg/Common/no"')
    text = f"<Person {names}>{body}</Person>"
    return envelope(rng, text) if chance(rng, 0.5) else text


def envelope(rng, text):
    """A SOAP answer; what its declaration says of the encoding is not always true (B.1B)."""
    encoding = rng.choice(["utf-8", "utf-8", "ISO-8859-1"])
    answer = f"<HentPersonResponse><HentPersonResult>{text}</HentPersonResult></HentPersonResponse>"
    return (f'<?xml version="1.0" encoding="{encoding}"?>\n'
            f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{answer}</s:Body></s:Envelope>')


# --- the value of a line ---------------------------------------------------------------------------

def packed(rng, value):
    """{value or value_base64, headers} of a JSON value or an XML text."""
    form = "xml" if isinstance(value, str) else "json"
    record = {}
    if form == "json" and chance(rng, 0.75):
        record["value"] = value
    else:
        text = value if form == "xml" else json.dumps(value, ensure_ascii=chance(rng, 0.5))
        if chance(rng, 0.4):
            raw = text.encode("utf-8")
            raw = rng.choice([b"", b"", b"\xef\xbb\xbf"]) + raw
            raw = b"\0\0\0\0\x07" + raw if chance(rng, 0.15) else raw
            record["value_base64"] = base64.b64encode(raw).decode("ascii")
        else:
            record["value"] = rng.choice(["", "", "\ufeff"]) + text
    if chance(rng, 0.3):
        kinds = {"json": ["application/json", "application/json; charset=utf-8"],
                 "xml": ["application/xml", "text/xml; charset=utf-8"]}
        record["headers"] = {"content-type": rng.choice(kinds[form])}
    return record
