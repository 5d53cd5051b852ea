// The HPR numbers in messages of the API: finds them, and takes them out. One table of fields says where they can
// stand; a test walks the API and fails when a field that looks like one is missing from it. Pure; any thread.
//
//   Alert{subject: "person:999000011", hpr_numbers: [999000011]}  ->  {999000011}
//   the same after LeaveOutDoctors                                 ->  Alert{subject: "person:"}
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace flosync {

// How a field can name a doctor.
enum class DoctorField : uint8_t {
  kNone = 0,
  kNumber = 1,  // an HPR number, or several; 0 = none
  kEntity = 2,  // "person:999000011", or another entity
  kChange = 3,  // a value of FieldChange, where its field is an HPR number
};
[[nodiscard]] DoctorField DoctorFieldOf(const google::protobuf::FieldDescriptor& field);

// Whether messages of this type can name doctors.
[[nodiscard]] bool CanNameDoctors(const google::protobuf::Descriptor& type);

[[nodiscard]] std::set<int64_t> DoctorsIn(const google::protobuf::Message& message);
void LeaveOutDoctors(google::protobuf::Message& message);

}  // namespace flosync
