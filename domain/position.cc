#include "domain/position.h"

namespace flosync {

std::string_view TopicName(Topic topic) {
  switch (topic) {
    case Topic::kContract:
      return "flo.contract";
    case Topic::kDoctorPeriod:
      return "flo.gp-on-contract";
    case Topic::kPatientCount:
      return "flo.patient-count";
    case Topic::kEvent:
      return "hpr.event";
    case Topic::kPerson:
      return "hpr.person";
  }
  return "";
}

std::string FormatPosition(const Position& position) {
  return std::string(TopicName(position.topic)) + "/" + std::to_string(position.partition) + "/" +
         std::to_string(position.offset);
}

}  // namespace flosync
