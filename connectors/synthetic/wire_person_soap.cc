// HPR2's SOAP service: a person with history as XML.
#include <vector>

#include "connectors/synthetic/wire.h"
#include "connectors/synthetic/wire_codes.h"

namespace flosync::synthetic {
namespace {

void AppendElement(std::string& out, std::string_view name, std::string_view text) {
  out += '<';
  out += name;
  out += '>';
  out += text;
  out += "</";
  out += name;
  out += '>';
}

void AppendNil(std::string& out, std::string_view name) {
  out += '<';
  out += name;
  out += R"( i:nil="true"/>)";
}

// A missing `oid` is that of a code system never published.
void AppendCode(std::string& out, std::string_view name, Code code, std::string_view oid) {
  out += '<';
  out += name;
  out += "><c:Aktiv>true</c:Aktiv>";
  AppendElement(out, "c:Beskrivelse", code.name);
  if (!oid.empty()) AppendElement(out, "c:OID", oid);
  AppendElement(out, "c:Verdi", code.value);
  out += "</";
  out += name;
  out += '>';
}

// "No end" is nil or one of two days that never come (F4).
void AppendPeriod(std::string& out, std::string_view name, Day from, Day to) {
  out += '<';
  out += name;
  out += "><c:Fra>";
  AppendMidnight(out, from);
  out += "</c:Fra>";
  if (to == kOpenEnd) {
    out += from % 3 == 0   ? R"(<c:Til i:nil="true"/>)"
           : from % 3 == 1 ? "<c:Til>9999-12-31T00:00:00</c:Til>"
                           : "<c:Til>9999-12-31T23:59:59.997</c:Til>";
  } else {
    out += "<c:Til>";
    AppendMidnight(out, to - 1);
    out += "</c:Til>";
  }
  out += "</";
  out += name;
  out += '>';
}

void AppendReactions(std::string& out, const Person& person, bool here) {
  if (!here) {
    out += "<AdministrativeReaksjoner/>";
    return;
  }
  out += "<AdministrativeReaksjoner><AdministrativReaksjon>";
  AppendPeriod(out, "Periode", person.reaction_from, person.reaction_to);
  const std::string value = std::to_string(person.reaction_type);
  AppendCode(out, "Type", {value, "(navn ikke offentlig)"}, "");
  out += "</AdministrativReaksjon></AdministrativeReaksjoner>";
}

void AppendSuspensions(std::string& out, const Person& person, bool here) {
  if (!here) {
    out += "<Suspensjonsperioder/>";
    return;
  }
  out += "<Suspensjonsperioder><Suspensjonsperiode>";
  AppendPeriod(out, "Periode", person.reaction_from, person.reaction_to);
  out += "</Suspensjonsperiode></Suspensjonsperioder>";
}

void AppendEndStatus(std::string& out, std::uint8_t status) {
  if (status == 0) {
    AppendNil(out, "AvsluttetStatus");
  } else {
    AppendCode(out, "AvsluttetStatus", EndStatus(status), "");
  }
}

void AppendSpecialities(std::string& out, const Person& person, const HeldApproval& approval) {
  out += "<Spesialiteter>";
  for (const HeldSpeciality& held : approval.specialities) {
    const bool general_practice = approval.is_main && held.code.value == kGeneralPractice.value;
    out += "<Spesialitet>";
    AppendReactions(out, person, general_practice && HasReactionAt(person, ReactionAt::kSpeciality));
    AppendEndStatus(out, held.end_status);
    AppendPeriod(out, "Gyldig", held.from, held.to);
    AppendSuspensions(out, person, general_practice && HasReactionAt(person, ReactionAt::kSpecialitySuspension));
    AppendCode(out, "Type", held.code, "7426");
    out += "</Spesialitet>";
  }
  out += "</Spesialiteter>";
}

void AppendApproval(std::string& out, const Person& person, const HeldApproval& approval) {
  out += "<Godkjenning>";
  AppendReactions(out, person, approval.is_main && HasReactionAt(person, ReactionAt::kApproval));
  AppendCode(out, "Autorisasjon", approval.type, "7704");
  AppendEndStatus(out, approval.end_status);
  AppendPeriod(out, "Gyldig", approval.from, approval.to);
  AppendCode(out, "Helsepersonellkategori", approval.category, "9060");
  out += "<Rekvisisjonsretter/>";
  AppendSpecialities(out, person, approval);
  AppendSuspensions(out, person, approval.is_main && HasReactionAt(person, ReactionAt::kApprovalSuspension));
  out += "<Tilleggskompetanser/><Utdannelser/><Vilkår/></Godkjenning>";
}

void AppendDay(std::string& out, std::string_view name, bool known, Day day) {
  if (!known) return AppendNil(out, name);
  std::string text;
  AppendMidnight(text, day);
  AppendElement(out, name, text);
}

void AppendPerson(std::string& out, const Person& person, std::uint64_t key) {
  const Name name = SyntheticName(person.sex, key);
  out += R"(<Person xmlns="http://schemas.nhn.no/reg/HPRv2" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" )"
         R"(xmlns:c="http://schemas.nhn.no/reg/Common/no">)";
  AppendReactions(out, person, HasReactionAt(person, ReactionAt::kPerson));
  AppendDay(out, "Dødsdato", person.death != kNever, person.death);
  if (person.replaced_by == 0) {
    AppendNil(out, "ErstattetAvHprNummer");
  } else {
    AppendElement(out, "ErstattetAvHprNummer", std::to_string(person.replaced_by));
  }
  AppendElement(out, "Etternavn", name.last);
  AppendElement(out, "Fornavn", name.first);
  AppendDay(out, "Fødselsdato", !person.birth_unknown, person.birth);
  out += "<Godkjenninger>";
  for (const HeldApproval& approval : ApprovalsOf(person, key)) AppendApproval(out, person, approval);
  out += "</Godkjenninger>";
  AppendElement(out, "HPRNummer", std::to_string(person.hpr_number));
  AppendCode(out, "Kjønn", SexOf(person, key), "3101");
  AppendElement(out, "ManglerNIN", person.without_nin ? "true" : "false");
  if (person.without_nin) {
    AppendNil(out, "NIN");
  } else {
    AppendElement(out, "NIN", NinOf(person, key));
  }
  std::string updated;
  AppendDateTime(updated, person.updated);
  AppendElement(out, "SistOppdatert", updated);
  out += "<Utdannelser/></Person>";
}

}  // namespace

void AppendPersonSoap(std::string& out, const Person& person, std::uint64_t seed) {
  const std::uint64_t key = Mix(seed, static_cast<std::uint64_t>(person.hpr_number));
  const bool in_envelope = key % 2 == 0;
  if (in_envelope) {
    // What the declaration says of the encoding is not true: the bytes are UTF-8 all the same.
    out += R"(<?xml version="1.0" encoding="ISO-8859-1"?>)"
           R"(<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><HentPersonResponse>)"
           "<HentPersonResult>";
  }
  AppendPerson(out, person, key);
  if (in_envelope) out += "</HentPersonResult></HentPersonResponse></s:Body></s:Envelope>";
}

}  // namespace flosync::synthetic
