#include <utility>

#include "connectors/decode/readers.h"

namespace flosync {
namespace {

constexpr std::string_view kDoctor = "LE";

enum PersonMember : size_t { kIdentity, kHprNumber, kReplacedBy, kUpdated, kApprovals, kPersonReactions };
constexpr std::array<MemberName, 6> kPersonNames = {{{"person", ""},
                                                     {"hprNummer", "HPRNummer"},
                                                     {"erstattetAvHprNummer", "ErstattetAvHprNummer"},
                                                     {"sistOppdatert", "SistOppdatert"},
                                                     {"godkjenninger", "Godkjenninger"},
                                                     {"administrativeReaksjoner", "AdministrativeReaksjoner"}}};

// In JSON these are below `person`, in XML members of the person itself.
enum IdentityMember : size_t { kBirth, kDeath, kNin, kSex };

enum ApprovalMember : size_t { kCategory, kType, kPeriod, kEndedStatus, kReactions, kSuspensions, kSpecialities };
constexpr std::array<MemberName, 7> kApprovalNames = {{{"helsepersonellkategori", "Helsepersonellkategori"},
                                                       {"autorisasjon", "Autorisasjon"},
                                                       {"periode", "Gyldig"},
                                                       {"avsluttetStatus", "AvsluttetStatus"},
                                                       {"administrativeReaksjoner", "AdministrativeReaksjoner"},
                                                       {"", "Suspensjonsperioder"},
                                                       {"spesialistgodkjenninger", "Spesialiteter"}}};
// A speciality has the approval's members at the same places, but its code is called Type and it has nothing below it.
constexpr std::array<MemberName, 6> kSpecialityNames = {{{"", ""},
                                                         {"type", "Type"},
                                                         {"periode", "Gyldig"},
                                                         {"avsluttetStatus", "AvsluttetStatus"},
                                                         {"administrativeReaksjoner", "AdministrativeReaksjoner"},
                                                         {"", "Suspensjonsperioder"}}};

enum ReactionMember : size_t { kReactionType, kReactionPeriod };
constexpr std::array<MemberName, 2> kReactionNames = {{{"type", "Type"}, {"periode", "Periode"}}};
constexpr std::array<MemberName, 1> kSuspensionNames = {{{"", "Periode"}}};

enum CodeMember : size_t { kCodeValue, kCodeSystem };
constexpr std::array<MemberName, 2> kCodeNames = {{{"verdi", "Verdi"}, {"kodeverk", "OID"}}};
constexpr std::array<MemberName, 1> kCodeSystemNames = {{{"id", ""}}};

struct Code {
  std::string value;
  std::string system;
};

// A Kode, verbatim (R8); absent = empty. The code system is an object with an id in JSON, a bare number in XML.
Code ReadCode(const Field& field, Findings& findings) {
  if (!CheckObject(field, findings)) return {};
  const Fields members(field, kCodeNames);
  Code code;
  code.value = ReadText(members[kCodeValue], findings);
  const Field system = members[kCodeSystem];
  if (system.value.is_xml()) {
    code.system = ReadText(system, findings);
  } else if (CheckObject(system, findings)) {
    code.system = ReadText(Fields(system, kCodeSystemNames)[0], findings);
  }
  return code;
}

// A code of which only the value is needed.
std::string ReadCodeValue(const Field& field, Findings& findings) {
  if (!CheckObject(field, findings)) return {};
  return ReadText(Fields(field, std::array{kCodeNames[kCodeValue]})[kCodeValue], findings);
}

// D3: a Kode or its bare value; whatever is neither male nor female is unknown, and no deviation.
Sex ReadSex(const Field& field) {
  Findings ignored;
  const std::string code = field.value.IsObject() ? ReadCodeValue(field, ignored) : ReadText(field, ignored);
  if (code == "1" || code == "M") return Sex::kMale;
  if (code == "2" || code == "K") return Sex::kFemale;
  return Sex::kUnknown;
}

void ReadIdentity(const Field& field, const DecoderConfig& config, Person& person, Findings& findings) {
  const std::array<MemberName, 4> names = {
      {{"fødselsdato", "Fødselsdato"}, {"dødsdato", "Dødsdato"}, {"nin", "NIN"}, {config.sex_field, "Kjønn"}}};
  const Fields members(field, names);
  if (const auto birth = ReadDay(members[kBirth], findings)) person.birth_year = static_cast<int16_t>(birth->year());
  person.death = ReadDay(members[kDeath], findings);
  CheckNin(members[kNin], findings);
  person.sex = ReadSex(members[kSex]);
}

std::vector<Reaction> ReadReactions(const Field& list, Findings& findings) {
  std::vector<Reaction> reactions;
  ForEachItem(list, findings, [&](const Field& item) {
    const Fields members(item, kReactionNames);
    reactions.push_back(
        {ReadCodeValue(members[kReactionType], findings), ReadHprPeriod(members[kReactionPeriod], findings)});
  });
  return reactions;
}

std::vector<Period> ReadSuspensions(const Field& list, Findings& findings) {
  std::vector<Period> suspensions;
  ForEachItem(list, findings, [&](const Field& item) {
    suspensions.push_back(ReadHprPeriod(Fields(item, kSuspensionNames)[0], findings));
  });
  return suspensions;
}

Speciality ReadSpeciality(const Field& field, Findings& findings) {
  const Fields members(field, kSpecialityNames);
  Code code = ReadCode(members[kType], findings);
  Speciality speciality;
  speciality.code = std::move(code.value);
  speciality.code_system = std::move(code.system);
  speciality.period = ReadHprPeriod(members[kPeriod], findings);
  speciality.ended_status = ReadCodeValue(members[kEndedStatus], findings);
  speciality.reactions = ReadReactions(members[kReactions], findings);
  speciality.suspensions = ReadSuspensions(members[kSuspensions], findings);
  return speciality;
}

// Reads every approval, since an invalid period of any refuses the person (F2), and keeps those of doctors (R24).
void ReadApproval(const Field& field, Person& person, Findings& findings) {
  const Fields members(field, kApprovalNames);
  Approval approval;
  approval.type = ReadCodeValue(members[kType], findings);
  approval.period = ReadHprPeriod(members[kPeriod], findings);
  approval.ended_status = ReadCodeValue(members[kEndedStatus], findings);
  approval.reactions = ReadReactions(members[kReactions], findings);
  approval.suspensions = ReadSuspensions(members[kSuspensions], findings);
  ForEachItem(members[kSpecialities], findings,
              [&](const Field& item) { approval.specialities.push_back(ReadSpeciality(item, findings)); });
  if (ReadCodeValue(members[kCategory], findings) == kDoctor) person.approvals.push_back(std::move(approval));
}

}  // namespace

bool LooksLikePerson(const Value& object) {
  const Field field{object, {}};
  const Fields members(field, kPersonNames);
  return members.has(kHprNumber) || members.has(kUpdated);
}

Person ReadPerson(const Field& root, const DecoderConfig& config, Findings& findings) {
  const Fields members(root, kPersonNames);
  Person person;
  person.hpr_number = ReadHprNumber(members[kHprNumber], findings);
  person.replaced_by = ReadOptionalHprNumber(members[kReplacedBy], findings);
  person.updated = ReadVersion(members[kUpdated], findings);
  const Field identity = root.value.is_xml() ? root : members[kIdentity];
  if (CheckObject(identity, findings)) ReadIdentity(identity, config, person, findings);
  ForEachItem(members[kApprovals], findings, [&](const Field& item) { ReadApproval(item, person, findings); });
  person.reactions = ReadReactions(members[kPersonReactions], findings);
  if (person.approvals.empty()) person.reactions.clear();
  return person;
}

}  // namespace flosync
