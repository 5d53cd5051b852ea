#include "daemon/services/doctor_message.h"

#include "daemon/services/convert.h"

namespace flosync {

v1::SpecialistReason Convert(SpecialistReason in) {
  switch (in) {
    case SpecialistReason::kDeceased:
      return v1::SPECIALIST_REASON_DECEASED;
    case SpecialistReason::kNoLeApproval:
      return v1::SPECIALIST_REASON_NO_LE_APPROVAL;
    case SpecialistReason::kApprovalNotValid:
      return v1::SPECIALIST_REASON_APPROVAL_NOT_VALID;
    case SpecialistReason::kNoSpeciality:
      return v1::SPECIALIST_REASON_NO_SPECIALITY;
    case SpecialistReason::kSpecialityNotBegun:
      return v1::SPECIALIST_REASON_SPECIALITY_NOT_BEGUN;
    case SpecialistReason::kSpecialityEnded:
      return v1::SPECIALIST_REASON_SPECIALITY_ENDED;
    case SpecialistReason::kEndedStatus:
      return v1::SPECIALIST_REASON_ENDED_STATUS;
    case SpecialistReason::kSuspended:
      return v1::SPECIALIST_REASON_SUSPENDED;
    case SpecialistReason::kSpecialist:
      return v1::SPECIALIST_REASON_SPECIALIST;
  }
  return v1::SPECIALIST_REASON_UNSPECIFIED;
}

void Describe(const DoctorPeriod& period, Day d, v1::DoctorOnContract* out) {
  out->set_doctor_period_id(period.id);
  out->set_contract_id(period.contract_id);
  out->set_relationship(period.relationship);
  Convert(period.period, out->mutable_period());
  out->set_hpr_number(period.hpr_number);
  out->set_substitute_for_hpr_number(period.substitute_for);
  if (period.percentage) out->set_percentage(*period.percentage);
  out->set_current(period.period.Contains(d));
}

}  // namespace flosync
