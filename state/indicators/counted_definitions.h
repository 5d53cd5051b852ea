// Which definitions the stored live figures are counted by, and the figures of those that are published no more.
//
// Load compares what the store says with what is published now; Write, part of the next commit, deletes the figures of
// definitions that have gone and notes the others. A figure of a definition that was never noted is left where it is,
// for the audit to name. The core's thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "state/indicators/definition.h"
#include "state/store/store.h"

namespace flosync {

// The ids noted in the store; in one that was written before they were noted, those that have a figure.
[[nodiscard]] absl::StatusOr<std::set<std::string>> ReadCountedDefinitions(const View& view);

class CountedDefinitions {
 public:
  explicit CountedDefinitions(const Definitions* definitions);
  [[nodiscard]] absl::Status Load(const View& view);
  // There is something to write.
  [[nodiscard]] bool Changed() const { return counted_ != published_; }
  void Write(Batch& batch);
  // Of each definition that Load found published no more, how many figures the next commit deletes, or has deleted.
  [[nodiscard]] const std::map<std::string, int64_t>& dropped() const { return dropped_; }

 private:
  std::set<std::string> published_;
  std::set<std::string> counted_;
  std::vector<std::string> orphans_;  // keys of figures
  std::map<std::string, int64_t> dropped_;
};

}  // namespace flosync
