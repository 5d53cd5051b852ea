#include "domain/register_change.h"

#include "domain/text.h"

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

std::string_view KindName(EntityKind kind) {
  switch (kind) {
    case EntityKind::kPerson:
      return "person";
    case EntityKind::kContract:
      return "contract";
    case EntityKind::kDoctorPeriod:
      return "doctor_period";
    case EntityKind::kPatientCount:
      return "patient_count";
  }
  return "";
}

}  // namespace

std::string FormatEntity(const EntityId& entity) {
  return std::string(KindName(entity.kind)) + ":" + std::to_string(entity.id);
}

std::optional<EntityId> ParseEntity(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto id = ParseNumber<int64_t>(text.substr(colon + 1));
  for (const EntityKind kind :
       {EntityKind::kPerson, EntityKind::kContract, EntityKind::kDoctorPeriod, EntityKind::kPatientCount}) {
    if (id && KindName(kind) == text.substr(0, colon)) return EntityId{kind, *id};
  }
  return std::nullopt;
}

EntityId EntityOf(const RegisterChange& change) { return std::visit(EntityVisitor{}, change); }

}  // namespace flosync
