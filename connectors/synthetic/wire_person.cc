// HPR's public API: the person with all approvals, ended ones included.
#include <vector>

#include "connectors/synthetic/wire.h"
#include "connectors/synthetic/wire_codes.h"

namespace flosync::synthetic {
namespace {

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

void AppendReactions(std::string& out, const Person& person, bool here) {
  out += R"("administrativeReaksjoner":[)";
  if (here) {
    const std::string value = std::to_string(person.reaction_type);
    out += R"({"type":)";
    AppendCode(out, {value, "(navn ikke offentlig)"}, "null", "Administrativ reaksjon");
    out += ',';
    AppendPeriod(out, person.reaction_from, person.reaction_to);
    out += '}';
  }
  out += ']';
}

void AppendSpecialities(std::string& out, const Person& person, const HeldApproval& approval) {
  out += R"("spesialistgodkjenninger":[)";
  for (const HeldSpeciality& held : approval.specialities) {
    if (&held != &approval.specialities.front()) out += ',';
    out += R"({"type":)";
    AppendCode(out, held.code, "7426", "Spesialitet");
    out += ',';
    AppendPeriod(out, held.from, held.to);
    out += ',';
    AppendEndStatus(out, held.end_status);
    out += ',';
    const bool general_practice = approval.is_main && held.code.value == kGeneralPractice.value;
    AppendReactions(out, person, general_practice && HasReactionAt(person, ReactionAt::kSpeciality));
    out += '}';
  }
  out += ']';
}

void AppendExtraCompetence(std::string& out, const Person& person, const HeldApproval& approval) {
  out += R"("tilleggskompetanser":[)";
  if (approval.is_main && person.gp_speciality_from != kNever) {
    out += R"({"type":)";
    AppendCode(out, {"3", "Allmennlege med trygderefusjon"}, "7702", "Tilleggskompetanse");
    out += ',';
    AppendPeriod(out, person.gp_speciality_from, kOpenEnd);
    out += R"(,"avsluttetStatus":null})";
  }
  out += ']';
}

void AppendTraining(std::string& out, const Person& person, const HeldApproval& approval, std::uint64_t key) {
  out += R"("godkjentTurnusDato":)";
  if (approval.is_main && person.kind == PersonKind::kDoctor && key % 4 != 0) {
    out += '"';
    AppendDate(out, person.approval_from - static_cast<Day>(key % 20));
    out += '"';
  } else {
    out += "null";
  }
}

void AppendApproval(std::string& out, const Person& person, const HeldApproval& approval, std::uint64_t key) {
  out += R"({"helsepersonellkategori":)";
  AppendCode(out, approval.category, "9060", "Kategori helsepersonell");
  out += R"(,"autorisasjon":)";
  AppendCode(out, approval.type, "7704", "Autorisasjon");
  out += ',';
  AppendPeriod(out, approval.from, approval.to);
  out += ',';
  AppendTraining(out, person, approval, key);
  out += ',';
  if (approval.is_main && person.kind != PersonKind::kOtherPersonnel) {
    AppendRequisitionRight(out, approval.from, approval.to);
  } else {
    out += R"("rekvisisjonsretter":[])";
  }
  out += ',';
  AppendSpecialities(out, person, approval);
  out += ',';
  AppendExtraCompetence(out, person, approval);
  out += R"(,"vilkår":[],)";
  AppendEndStatus(out, approval.end_status);
  out += ',';
  AppendReactions(out, person, approval.is_main && HasReactionAt(person, ReactionAt::kApproval));
  out += '}';
}

void AppendDayOrNull(std::string& out, bool known, Day day) {
  if (!known) {
    out += "null";
    return;
  }
  out += '"';
  AppendDate(out, day);
  out += '"';
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
  out += R"(","fødselsdato":)";
  AppendDayOrNull(out, !person.birth_unknown, person.birth);
  out += R"(,"dødsdato":)";
  AppendDayOrNull(out, person.death != kNever, person.death);
  out += person.without_nin ? R"(,"manglerNin":true,"nin":null)" : R"(,"manglerNin":false,"nin":")";
  if (!person.without_nin) {
    out += NinOf(person, key);
    out += '"';
  }
  // The public API shows no sex; the name is assumed, as ruling D3 says.
  out += R"(,"kjønn":)";
  AppendCode(out, SexOf(person, key), "3101", "Kjønn");
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
  out += R"("godkjenninger":[)";
  const std::vector<HeldApproval> approvals = ApprovalsOf(person, key);
  for (const HeldApproval& approval : approvals) {
    if (&approval != &approvals.front()) out += ',';
    AppendApproval(out, person, approval, key);
  }
  out += "],";
  AppendReactions(out, person, HasReactionAt(person, ReactionAt::kPerson));
  out += R"(,"sistOppdatert":")";
  AppendDateTime(out, person.updated);
  out += R"(","gjelderForDato":")";
  AppendDate(out, DayOf(person.updated));
  out += "\"}";
}

}  // namespace flosync::synthetic
