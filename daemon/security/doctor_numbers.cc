#include "daemon/security/doctor_numbers.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <spdlog/spdlog.h>

#include "domain/text.h"

namespace flosync {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kPerson = "person:";

constexpr auto kFields = std::to_array<std::pair<std::string_view, DoctorField>>({
    {"flosync.v1.Alert.hpr_numbers", DoctorField::kNumber},
    {"flosync.v1.Alert.subject", DoctorField::kEntity},
    {"flosync.v1.AlertFilter.subject", DoctorField::kEntity},
    {"flosync.v1.Contributor.subject", DoctorField::kEntity},
    {"flosync.v1.Deviation.entity", DoctorField::kEntity},
    {"flosync.v1.Doctor.hpr_number", DoctorField::kNumber},
    {"flosync.v1.Doctor.surviving_hpr_number", DoctorField::kNumber},
    {"flosync.v1.DoctorFacts.alias_of", DoctorField::kNumber},
    {"flosync.v1.DoctorFilter.hpr_numbers", DoctorField::kNumber},
    {"flosync.v1.DoctorOnContract.hpr_number", DoctorField::kNumber},
    {"flosync.v1.DoctorOnContract.substitute_for_hpr_number", DoctorField::kNumber},
    {"flosync.v1.DoctorRecord.hpr_number", DoctorField::kNumber},
    {"flosync.v1.DoctorStatus.hpr_number", DoctorField::kNumber},
    {"flosync.v1.DoctorStatus.surviving_hpr_number", DoctorField::kNumber},
    {"flosync.v1.ExplainingRecord.entity", DoctorField::kEntity},
    {"flosync.v1.FieldChange.new_value", DoctorField::kChange},
    {"flosync.v1.FieldChange.old_value", DoctorField::kChange},
    {"flosync.v1.GetDoctorHistoryRequest.hpr_number", DoctorField::kNumber},
    {"flosync.v1.GetDoctorRequest.hpr_number", DoctorField::kNumber},
    {"flosync.v1.ListDeviationsRequest.entity_prefix", DoctorField::kEntity},
    {"flosync.v1.ListedDoctor.hpr_number", DoctorField::kNumber},
    {"flosync.v1.ListedDoctor.surviving_hpr_number", DoctorField::kNumber},
    {"flosync.v1.PatientList.regular_gps", DoctorField::kNumber},
    {"flosync.v1.PatientList.substitutes", DoctorField::kNumber},
    {"flosync.v1.StateDifference.entity", DoctorField::kEntity},
});

// Each field of `message` and of those in it, that is set.
void EachField(const Message& message, const std::function<void(const Message&, const FieldDescriptor&)>& visit) {
  std::vector<const FieldDescriptor*> fields;
  const Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    visit(message, *field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      EachField(reflection.GetMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      EachField(reflection.GetRepeatedMessage(message, field, i), visit);
    }
  }
}

void AddNumbers(const Message& message, const FieldDescriptor& field, std::set<int64_t>& out) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    out.insert(reflection.GetInt32(message, &field));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    out.insert(reflection.GetRepeatedInt32(message, &field, i));
  }
}

std::string TextOf(const Message& message, const FieldDescriptor& field) {
  return message.GetReflection()->GetString(message, &field);
}

// The change of a number, such as "hpr_number" or "alias_of".
bool ChangesNumber(const Message& change) {
  const FieldDescriptor* name = change.GetDescriptor()->FindFieldByName("field");
  const std::string text = TextOf(change, *name);
  return text.find("hpr_number") != std::string::npos || text == "alias_of";
}

// By field, so that no name has to be compared for each of an answer's.
absl::flat_hash_map<const FieldDescriptor*, DoctorField> FindFields() {
  absl::flat_hash_map<const FieldDescriptor*, DoctorField> fields;
  for (const auto& [name, kind] : kFields) {
    const FieldDescriptor* field = DescriptorPool::generated_pool()->FindFieldByName(std::string(name));
    if (field == nullptr) {
      spdlog::critical("{} is no field of the API, so nobody would know that it names doctors", name);
      std::abort();
    }
    fields.emplace(field, kind);
  }
  return fields;
}

bool Search(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (DoctorFieldOf(field) != DoctorField::kNone) return true;
    if (field.message_type() != nullptr && Search(*field.message_type(), seen)) return true;
  }
  return false;
}

}  // namespace

DoctorField DoctorFieldOf(const FieldDescriptor& field) {
  static const auto* const kKinds = new auto(FindFields());
  const auto found = kKinds->find(&field);
  return found == kKinds->end() ? DoctorField::kNone : found->second;
}

bool CanNameDoctors(const Descriptor& type) {
  // As many as the API has messages.
  thread_local absl::flat_hash_map<const Descriptor*, bool> found;
  const auto [it, is_new] = found.try_emplace(&type, false);
  if (is_new) {
    std::set<const Descriptor*> seen;
    it->second = Search(type, seen);
  }
  return it->second;
}

std::set<int64_t> DoctorsIn(const Message& message) {
  std::set<int64_t> doctors;
  EachField(message, [&doctors](const Message& in, const FieldDescriptor& field) {
    const DoctorField kind = DoctorFieldOf(field);
    if (kind == DoctorField::kNumber) return AddNumbers(in, field, doctors);
    if (kind == DoctorField::kNone || (kind == DoctorField::kChange && !ChangesNumber(in))) return;
    std::string text = TextOf(in, field);
    if (kind == DoctorField::kEntity) text = text.starts_with(kPerson) ? text.substr(kPerson.size()) : "";
    if (const auto number = ParseNumber<int64_t>(text)) doctors.insert(*number);
  });
  doctors.erase(0);
  return doctors;
}

void LeaveOutDoctors(Message& message) {
  std::vector<std::pair<Message*, const FieldDescriptor*>> found;
  EachField(message, [&found](const Message& in, const FieldDescriptor& field) {
    // The whole is the caller's to change, and so are its parts.
    if (DoctorFieldOf(field) != DoctorField::kNone) found.emplace_back(const_cast<Message*>(&in), &field);
  });
  for (const auto& [in, field] : found) {
    const bool entity = DoctorFieldOf(*field) == DoctorField::kEntity;
    if (!entity) {
      in->GetReflection()->ClearField(in, field);
    } else if (TextOf(*in, *field).starts_with(kPerson)) {
      in->GetReflection()->SetString(in, field, std::string(kPerson));
    }
  }
}

}  // namespace flosync
