// Which partition of which topic, and how its place is kept among the source's marks.
//
//   MarkName({"hpr.person", 0});                       // "kafka/hpr.person/0"
//   ReadMarks({{"kafka/hpr.person/0", "17"}}).value();  // {{"hpr.person", 0}: 17}
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "connectors/record.h"

namespace flosync {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

[[nodiscard]] std::string MarkName(const TopicPartition& where);

// The next offset to read of every partition that has a mark. Marks of other sources are passed over; one of Kafka that
// cannot be read is DATA_LOSS, because going on from the beginning instead would be a silent reset.
[[nodiscard]] absl::StatusOr<std::map<TopicPartition, int64_t>> ReadMarks(const SourceMarks& marks);

}  // namespace flosync
