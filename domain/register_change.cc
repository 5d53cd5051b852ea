#include "domain/register_change.h"

namespace flosync {
namespace {

struct EntityVisitor {
  EntityId operator()(const Person& p) const { return {EntityKind::kPerson, p.hpr_number}; }
  EntityId operator()(const Contract& c) const { return {EntityKind::kContract, c.id}; }
  EntityId operator()(const DoctorPeriod& p) const { return {EntityKind::kDoctorPeriod, p.id}; }
  EntityId operator()(const PatientCount& c) const { return {EntityKind::kPatientCount, c.contract_id}; }
  EntityId operator()(const Deletion& d) const { return d.entity; }
  EntityId operator()(const Merge& m) const { return {EntityKind::kPerson, m.old_number}; }
};

}  // namespace

std::string FormatEntity(const EntityId& entity) {
  const char* kind = "person:";
  switch (entity.kind) {
    case EntityKind::kPerson:
      break;
    case EntityKind::kContract:
      kind = "contract:";
      break;
    case EntityKind::kDoctorPeriod:
      kind = "doctor_period:";
      break;
    case EntityKind::kPatientCount:
      kind = "patient_count:";
      break;
  }
  return kind + std::to_string(entity.id);
}

EntityId EntityOf(const RegisterChange& change) { return std::visit(EntityVisitor{}, change); }

}  // namespace flosync
