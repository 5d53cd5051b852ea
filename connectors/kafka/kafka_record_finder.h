// Fetches single records from Kafka by topic, partition and offset.
#pragma once

#include <atomic>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "connectors/kafka/kafka_source.h"
#include "connectors/record.h"

namespace flosync {

// Operation: every call has a consumer of its own, which joins no group, holds one partition after the other and is
// gone with the call. Offsets that lie close together are read on to, others are gone to. Only records of committed
// transactions are seen. Gone is what was deleted or compacted away, a topic or partition that is not there, and a
// place that is a line of a file.
//
// Concurrency: one call at a time; beside a KafkaSource of the same options.
//
//   KafkaRecordFinder finder({.brokers = "127.0.0.1:9092", .topics = {"hpr.person"}});
//   finder.Find({{"hpr.person", 0, 17, ""}}, stop, [](size_t place, const RawRecord& record) { … });
class KafkaRecordFinder final : public RecordFinder {
 public:
  // Those of the source.
  explicit KafkaRecordFinder(KafkaSourceOptions options) : options_(std::move(options)) {}

  [[nodiscard]] absl::Status Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop,
                                  const Take& take) override;

 private:
  const KafkaSourceOptions options_;
};

}  // namespace flosync
