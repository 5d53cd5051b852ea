#include "connectors/synthetic/wire_codes.h"

#include <array>
#include <utility>

namespace flosync::synthetic {
namespace {

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
constexpr std::array<std::string_view, 47> kNumbers = {
    "0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",  "10", "11", "12", "13", "14", "15",
    "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
    "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46"};

constexpr Code kDoctor = {"LE", "Lege"};

Code CategoryOf(const Person& person, std::uint64_t key) {
  return person.kind != PersonKind::kOtherPersonnel ? kDoctor : kOtherPersonnel[key % kOtherPersonnel.size()];
}

Code OtherSpeciality(std::uint16_t number) {
  if (number == 152) return {"152", "Ortopedisk kirurgi"};
  return {kNumbers[number % kNumbers.size()], kOtherSpecialityName};
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

// General practice is approved for five years at a time, so earlier approvals stand in the history.
void AddGpSpeciality(std::vector<HeldSpeciality>& out, const Person& person) {
  Day from = person.gp_speciality_from;
  if (person.gp_speciality_to != kOpenEnd && person.speciality_end_status == 0) {
    for (int years = 10; years > 0; years -= 5) {
      const Day renewed = AddYears(person.gp_speciality_to, -years);
      if (renewed <= from) continue;
      out.push_back({kGeneralPractice, from, renewed, 0});
      from = renewed;
    }
  }
  out.push_back({kGeneralPractice, from, person.gp_speciality_to, person.speciality_end_status});
}

}  // namespace

Code SexOf(const Person& person, std::uint64_t key) {
  if (person.sex_unknown) return key % 2 == 0 ? Code{"0", "Ikke kjent"} : Code{"9", "Ikke spesifisert"};
  return person.sex == Sex::kMale ? Code{"1", "Mann"} : Code{"2", "Kvinne"};
}

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

std::string NinOf(const Person& person, std::uint64_t key) {
  std::string nin = SyntheticNin(person.birth, person.sex, key);
  if (person.bad_nin) nin.back() = nin.back() == '9' ? '0' : static_cast<char>(nin.back() + 1);
  return nin;
}

std::vector<HeldApproval> ApprovalsOf(const Person& person, std::uint64_t key) {
  std::vector<HeldApproval> approvals;
  if (person.second_category) {
    approvals.push_back({.category = kOtherPersonnel[0],
                         .type = {"1", "Autorisasjon"},
                         .from = person.approval_from - 3000,
                         .to = kOpenEnd,
                         .end_status = 0,
                         .is_main = false,
                         .specialities = {}});
  }
  if (person.licence_from != kNever && person.licence_from < person.approval_from) {
    const bool new_name = YearOf(person.licence_from) >= 2013;  // turnus licence until then
    approvals.push_back({.category = kDoctor,
                         .type = new_name ? Code{"18", "LIS1-Lisens"} : Code{"2", "Turnuslisens"},
                         .from = person.licence_from,
                         .to = person.approval_from,
                         .end_status = 0,
                         .is_main = false,
                         .specialities = {}});
  }
  HeldApproval main{.category = CategoryOf(person, key),
                    .type = ApprovalType(person.kind),
                    .from = person.approval_from,
                    .to = person.approval_to,
                    .end_status = person.approval_end_status,
                    .is_main = true,
                    .specialities = {}};
  if (person.gp_speciality_from != kNever) AddGpSpeciality(main.specialities, person);
  if (person.other_speciality_from != kNever) {
    main.specialities.push_back({OtherSpeciality(person.other_speciality), person.other_speciality_from, kOpenEnd, 0});
  }
  approvals.push_back(std::move(main));
  if (person.uncounted_approval != 0) {
    approvals.push_back(
        {.category = kDoctor,
         .type = person.uncounted_approval == 3 ? Code{"3", "Studentlisens"} : Code{"99", "Ingen autorisasjon"},
         .from = person.approval_from,
         .to = kOpenEnd,
         .end_status = 0,
         .is_main = false,
         .specialities = {{kGeneralPractice, person.approval_from, kOpenEnd, 0}}});
  }
  return approvals;
}

bool HasReactionAt(const Person& person, ReactionAt place) {
  return person.reaction_from != kNever && person.reaction_at == place;
}

}  // namespace flosync::synthetic
