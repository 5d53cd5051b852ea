// Where a record stands in the sources, and the total order of records (E3).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/oslo.h"

namespace flosync {

// What a topic carries. The order is that of the default topic names, which decides between records of equal timestamp.
enum class Topic : uint8_t { kContract = 0, kDoctorPeriod = 1, kPatientCount = 2, kEvent = 3, kPerson = 4 };
inline constexpr int kTopicCount = 5;

// The default name: "flo.contract", "flo.gp-on-contract", "flo.patient-count", "hpr.event", "hpr.person".
[[nodiscard]] std::string_view TopicName(Topic topic);

// (timestamp, topic, partition, offset, index in batch). `known_from` is the effective timestamp of B9: the greatest
// broker timestamp read so far in the partition, the record's own included. `index` counts the elements of a batch from
// 0.
struct Position {
  Instant known_from;
  Topic topic = Topic::kContract;
  int32_t partition = 0;
  int64_t offset = 0;
  int32_t index = 0;
  constexpr auto operator<=>(const Position&) const = default;
};

// "hpr.person/0/17": topic, partition and offset as reports name them.
[[nodiscard]] std::string FormatPosition(const Position& position);

}  // namespace flosync
