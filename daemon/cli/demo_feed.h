// Where the demo puts its records: replay files the daemon follows, or the topics of a Kafka broker.
#pragma once

#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/config.h"

namespace flosync {

class DemoFeed {
 public:
  virtual ~DemoFeed() = default;
  // Sets the daemon's source to this feed.
  virtual void Configure(SourceConfig& source) const = 0;
  // Puts every record of the register in `directory` there.
  [[nodiscard]] virtual absl::Status Load(const std::string& directory) = 0;
  // Adds one replay line.
  [[nodiscard]] virtual absl::Status Append(const std::string& line) = 0;
};

// Appends to `directory`/9999-demo.ndjson.
[[nodiscard]] std::unique_ptr<DemoFeed> FileFeed(std::string directory);
// Produces to the default topics, which must exist.
[[nodiscard]] absl::StatusOr<std::unique_ptr<DemoFeed>> KafkaFeed(const std::string& brokers, std::string directory);

}  // namespace flosync
