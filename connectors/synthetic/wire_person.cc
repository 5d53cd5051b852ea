// HPR's public API: the person with all approvals, ended ones included.
#include <algorithm>
#include <array>
#include <iterator>

#include "connectors/synthetic/wire.h"

namespace flosync::synthetic {
namespace {

struct Code {
  std::string_view value;
  std::string_view name;
};

constexpr std::array<Code, 8> kOtherPersonnel = {{{"SP", "Sykepleier"},
                                                  {"HF", "Helsefagarbeider"},
                                                  {"FT", "Fysioterapeut"},
                                                  {"VP", "Vernepleier"},
                                                  {"TL", "Tannlege"},
                                                  {"PS", "Psykolog"},
                                                  {"BI", "Bioingeniør"},
                                                  {"ET", "Ergoterapeut"}}};

// Only codes 1 and 152 of code system 7426 are public. The others stand for specialities that must not count.
constexpr std::string_view kOtherSpecialityName = "Annen spesialitet (syntetisk)";

Code EndStatus(std::uint8_t status) {
  switch (status) {
    case 1:
      return {"1", "Tilbakekalt"};
    case 2:
      return {"2", "Vedtak ugyldiggjort"};
    case 3:
      return {"3", "Frivillig avkalt"};
    default:
      return {"99", "Avsluttet (historisk)"};
  }
}

// `system` is the last arc of the code system's OID; "null" where it has never been published.
void AppendCode(std::string& out, Code code, std::string_view system, std::string_view system_name) {
  out += R"({"verdi":")";
  out += code.value;
  out += R"(","navn":")";
  out += code.name;
  out += R"(","kodeverk":{"id":)";
  out += system;
  out += R"(,"navn":")";
  out += system_name;
  out += R"("}})";
}

// HPR's last day is inside the period, ours is outside (R2).
void AppendPeriod(std::string& out, Day from, Day to) {
  out += R"("periode":{"fra":")";
  AppendDate(out, from);
  if (to == kOpenEnd) {
    out += R"(","til":null})";
    return;
  }
  out += R"(","til":")";
  AppendDate(out, to - 1);
  out += "\"}";
}

void AppendEndStatus(std::string& out, std::uint8_t status) {
  out += R"("avsluttetStatus":)";
  if (status == 0) {
    out += "null";
  } else {
    AppendCode(out, EndStatus(status), "null", "Avsluttet status");
  }
}

void AppendRequisitionRight(std::string& out, Day from, Day to) {
  out += R"("rekvisisjonsretter":[{"type":)";
  AppendCode(out, {"1", "Full rekvisisjonsrett"}, "7701", "Rekvisisjonsrett");
  out += ',';
  AppendPeriod(out, from, to);
  out += R"(,"avsluttetStatus":null,"administrativeReaksjoner":[]}])";
}

void AppendSpeciality(std::string& out, Code code, Day from, Day to, std::uint8_t end_status) {
  out += R"({"type":)";
  AppendCode(out, code, "7426", "Spesialitet");
  out += ',';
  AppendPeriod(out, from, to);
  out += ',';
  AppendEndStatus(out, end_status);
  out += R"(,"administrativeReaksjoner":[]})";
}

// General practice is approved for five years at a time, so earlier approvals stand in the history.
void AppendGpSpeciality(std::string& out, const Person& person) {
  constexpr Code kGeneralPractice = {"1", "Allmennmedisin"};
  if (person.gp_speciality_to == kOpenEnd || person.speciality_end_status != 0) {
    AppendSpeciality(out, kGeneralPractice, person.gp_speciality_from, person.gp_speciality_to,
                     person.speciality_end_status);
    return;
  }
  Day from = person.gp_speciality_from;
  for (int years = 10; years > 0; years -= 5) {
    const Day renewed = AddYears(person.gp_speciality_to, -years);
    if (renewed <= from) continue;
    AppendSpeciality(out, kGeneralPractice, from, renewed, 0);
    out += ',';
    from = renewed;
  }
  AppendSpeciality(out, kGeneralPractice, from, person.gp_speciality_to, 0);
}

void AppendSpecialities(std::string& out, const Person& person) {
  out += R"("spesialistgodkjenninger":[)";
  if (person.gp_speciality_from != kNever) AppendGpSpeciality(out, person);
  if (person.other_speciality_from != kNever) {
    if (person.gp_speciality_from != kNever) out += ',';
    const std::string value = std::to_string(person.other_speciality);
    const Code code = {value, person.other_speciality == 152 ? "Ortopedisk kirurgi" : kOtherSpecialityName};
    AppendSpeciality(out, code, person.other_speciality_from, kOpenEnd, 0);
  }
  out += ']';
}

void AppendExtraCompetence(std::string& out, const Person& person) {
  out += R"("tilleggskompetanser":[)";
  if (person.gp_speciality_from != kNever) {
    out += R"({"type":)";
    AppendCode(out, {"3", "Allmennlege med trygderefusjon"}, "7702", "Tilleggskompetanse");
    out += ',';
    AppendPeriod(out, person.gp_speciality_from, kOpenEnd);
    out += R"(,"avsluttetStatus":null})";
  }
  out += ']';
}

void AppendReactions(std::string& out, const Person& person) {
  out += R"("administrativeReaksjoner":[)";
  if (person.reaction_from != kNever) {
    const std::string value = std::to_string(person.reaction_type);
    out += R"({"type":)";
    AppendCode(out, {value, "(navn ikke offentlig)"}, "null", "Administrativ reaksjon");
    out += ',';
    AppendPeriod(out, person.reaction_from, person.reaction_to);
    out += '}';
  }
  out += ']';
}

Code ApprovalType(PersonKind kind) {
  switch (kind) {
    case PersonKind::kInternship:
      return {"18", "LIS1-Lisens"};
    case PersonKind::kStudent:
      return {"3", "Studentlisens"};
    case PersonKind::kVisiting:
      return {"14", "Midlertidig tjenesteyting"};
    default:
      return {"1", "Autorisasjon"};
  }
}

void AppendApprovalHead(std::string& out, Code category, Code type, Day from, Day to) {
  out += R"({"helsepersonellkategori":)";
  AppendCode(out, category, "9060", "Kategori helsepersonell");
  out += R"(,"autorisasjon":)";
  AppendCode(out, type, "7704", "Autorisasjon");
  out += ',';
  AppendPeriod(out, from, to);
}

// The internship licence that came before the authorisation.
void AppendEndedLicence(std::string& out, const Person& person) {
  const bool new_name = YearOf(person.licence_from) >= 2013;  // turnus licence until then
  AppendApprovalHead(out, {"LE", "Lege"}, new_name ? Code{"18", "LIS1-Lisens"} : Code{"2", "Turnuslisens"},
                     person.licence_from, person.approval_from);
  out += R"(,"godkjentTurnusDato":null,"rekvisisjonsretter":[],"spesialistgodkjenninger":[],"tilleggskompetanser":[],)"
         R"("vilkår":[],"avsluttetStatus":null,"administrativeReaksjoner":[]},)";
}

void AppendApprovals(std::string& out, const Person& person, std::uint64_t key) {
  const bool doctor = person.kind != PersonKind::kOtherPersonnel;
  const Code category = doctor ? Code{"LE", "Lege"} : kOtherPersonnel[key % kOtherPersonnel.size()];
  out += R"("godkjenninger":[)";
  if (person.licence_from != kNever && person.licence_from < person.approval_from) AppendEndedLicence(out, person);
  AppendApprovalHead(out, category, ApprovalType(person.kind), person.approval_from, person.approval_to);
  out += R"(,"godkjentTurnusDato":)";
  if (person.kind == PersonKind::kDoctor && key % 4 != 0) {
    out += '"';
    AppendDate(out, person.approval_from - static_cast<Day>(key % 20));
    out += '"';
  } else {
    out += "null";
  }
  out += ',';
  if (doctor) {
    AppendRequisitionRight(out, person.approval_from, person.approval_to);
  } else {
    out += R"("rekvisisjonsretter":[])";
  }
  out += ',';
  AppendSpecialities(out, person);
  out += ',';
  AppendExtraCompetence(out, person);
  out += R"(,"vilkår":[],"avsluttetStatus":null,)";
  AppendReactions(out, person);
  out += "}]";
}

void AppendIdentity(std::string& out, const Person& person, std::uint64_t key) {
  const Name name = SyntheticName(person.sex, key);
  out += R"({"person":{"fornavn":")";
  out += name.first;
  out += R"(","mellomnavn":)";
  if (name.middle.empty()) {
    out += "null";
  } else {
    AppendJsonString(out, name.middle);
  }
  out += R"(,"etternavn":")";
  out += name.last;
  out += R"(","fødselsdato":")";
  AppendDate(out, person.birth);
  out += R"(","dødsdato":)";
  if (person.death == kNever) {
    out += "null";
  } else {
    out += '"';
    AppendDate(out, person.death);
    out += '"';
  }
  out += person.without_nin ? R"(,"manglerNin":true,"nin":null)" : R"(,"manglerNin":false,"nin":")";
  if (!person.without_nin) {
    out += SyntheticNin(person.birth, person.sex, key);
    out += '"';
  }
  // The public API shows no sex; the name is assumed, as ruling D3 says.
  out += R"(,"kjønn":)";
  AppendCode(out, person.sex == Sex::kMale ? Code{"1", "Mann"} : Code{"2", "Kvinne"}, "3101", "Kjønn");
  out += "},";
}

}  // namespace

void AppendPersonJson(std::string& out, const Person& person, std::uint64_t seed) {
  const std::uint64_t key = Mix(seed, static_cast<std::uint64_t>(person.hpr_number));
  AppendIdentity(out, person, key);
  out += R"("hprNummer":)";
  out += std::to_string(person.hpr_number);
  out += R"(,"erstattetAvHprNummer":)";
  out += person.replaced_by == 0 ? std::string("null") : std::to_string(person.replaced_by);
  out += ',';
  AppendApprovals(out, person, key);
  out += R"(,"administrativeReaksjoner":[],"sistOppdatert":")";
  AppendDateTime(out, person.updated);
  out += R"(","gjelderForDato":")";
  AppendDate(out, DayOf(person.updated));
  out += "\"}";
}

}  // namespace flosync::synthetic
