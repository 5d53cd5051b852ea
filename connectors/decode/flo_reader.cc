#include "connectors/decode/identifiers.h"
#include "connectors/decode/readers.h"

namespace flosync {
namespace {

enum ContractMember : size_t {
  kId,
  kUpdatedOn,
  kValid,
  kMunicipality,
  kIsFixedSalary,
  kMaxPatients,
  kStatus,
  kWaitingList,
  kOrganisationNumber,
  kPatientList
};
constexpr std::array<MemberName, 10> kContractNames = {{{"Id", "Id"},
                                                        {"UpdatedOn", "UpdatedOn"},
                                                        {"Valid", "Valid"},
                                                        {"Municipality", "Municipality"},
                                                        {"IsFixedSalary", "IsFixedSalary"},
                                                        {"MaxPatients", "MaxPatients"},
                                                        {"Status", "Status"},
                                                        {"PatientsOnWaitingList", "PatientsOnWaitingList"},
                                                        {"GPOfficeOrganizationNumber", "GPOfficeOrganizationNumber"},
                                                        {"PatientList", "PatientList"}}};
constexpr std::array<MemberName, 1> kPatientNames = {{{"PatientNIN", "PatientNIN"}}};

enum DoctorPeriodMember : size_t {
  kPeriodId,
  kContractId,
  kHprNumber,
  kSubstituteFor,
  kPeriodUpdatedOn,
  kPeriodValid,
  kRelationship,
  kPercentage
};
constexpr std::array<MemberName, 8> kDoctorPeriodNames = {{{"Id", "Id"},
                                                           {"GPContractId", "GPContractId"},
                                                           {"HprNumber", "HprNumber"},
                                                           {"SubstituteForHprNumber", "SubstituteForHprNumber"},
                                                           {"UpdatedOn", "UpdatedOn"},
                                                           {"Valid", "Valid"},
                                                           {"Relationship", "Relationship"},
                                                           {"WorkingPercentage", "WorkingPercentage"}}};

enum PatientCountMember : size_t { kCountContract, kCountPatients, kCountedAt };
constexpr std::array<MemberName, 3> kPatientCountNames = {
    {{"contractId", ""}, {"patientCount", ""}, {"countedAt", ""}}};

constexpr std::array<MemberName, 1> kCodeNames = {{{"CodeValue", "CodeValue"}}};

enum OpenContractMember : size_t { kOwnValid, kOwnVersion, kOpenCap, kOpenVacant, kOpenOffice, kOpenPeriod };
constexpr std::array<MemberName, 6> kOpenContractNames = {{{"Valid", ""},
                                                           {"UpdatedOn", ""},
                                                           {"maxNumberOfPatients", ""},
                                                           {"numberOfVacantSpots", ""},
                                                           {"office", ""},
                                                           {"period", ""}}};

// The value of a Code, verbatim; absent = empty.
std::string ReadCodeValue(const Field& field, Findings& findings) {
  if (!CheckObject(field, findings)) return {};
  return ReadText(Fields(field, kCodeNames)[0], findings);
}

// Patients' identity numbers must never come here; of a list that has them all the same nothing is kept (R24).
void CheckPatientList(const Field& list, Findings& findings) {
  for (const Value& patient : list.value.Items()) {
    const Field item{patient, {}};
    const Value nin = Fields(item, kPatientNames)[0].value;
    if (!IsValidNin(nin.Text().value_or(""))) continue;
    findings.Doubt(DeviationCode::kPersonalDataReceived, list.path, "holds national identity numbers of patients");
    return;
  }
}

}  // namespace

Contract ReadContract(const Field& root, Findings& findings) {
  const Fields members(root, kContractNames);
  Contract contract;
  contract.id = ReadId(members[kId], findings);
  contract.updated = ReadVersion(members[kUpdatedOn], findings);
  contract.period = ReadFlrPeriod(members[kValid], findings);
  contract.municipality = PadMunicipality(ReadCodeValue(members[kMunicipality], findings));
  contract.fixed_salary = ReadFlag(members[kIsFixedSalary], findings);
  contract.list_cap = ReadCount(members[kMaxPatients], findings);
  contract.status = ReadCodeValue(members[kStatus], findings);
  // Not kept, but a negative number refuses the record (F5).
  (void)ReadCount(members[kWaitingList], findings);
  CheckOrganisationNumber(members[kOrganisationNumber], findings);
  CheckPatientList(members[kPatientList], findings);
  return contract;
}

DoctorPeriod ReadDoctorPeriod(const Field& root, Findings& findings) {
  const Fields members(root, kDoctorPeriodNames);
  DoctorPeriod period;
  period.id = ReadId(members[kPeriodId], findings);
  period.contract_id = ReadId(members[kContractId], findings);
  period.hpr_number = ReadHprNumber(members[kHprNumber], findings);
  period.substitute_for = ReadOptionalHprNumber(members[kSubstituteFor], findings);
  period.updated = ReadVersion(members[kPeriodUpdatedOn], findings);
  period.period = ReadFlrPeriod(members[kPeriodValid], findings);
  period.relationship = ReadCodeValue(members[kRelationship], findings);
  period.percentage = ReadCount(members[kPercentage], findings);
  return period;
}

PatientCount ReadPatientCount(const Field& root, Findings& findings) {
  const Fields members(root, kPatientCountNames);
  PatientCount count;
  count.contract_id = ReadId(members[kCountContract], findings);
  if (!members.has(kCountPatients)) {
    findings.Refuse(DeviationCode::kMalformedRecord, members[kCountPatients].path, "is missing");
  }
  count.patients = ReadCount(members[kCountPatients], findings).value_or(0);
  count.counted = ReadVersion(members[kCountedAt], findings);
  return count;
}

bool IsFlrOpenContract(const Value& object) {
  const Field field{object, {}};
  const Fields members(field, kOpenContractNames);
  return !members.has(kOwnValid) && !members.has(kOwnVersion) &&
         (members.has(kOpenCap) || members.has(kOpenVacant) || members.has(kOpenOffice) || members.has(kOpenPeriod));
}

}  // namespace flosync
