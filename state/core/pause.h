// That no record is to take effect: kept in the store, so that a restart does not end it.
//
// PauseSync and ResumeSync are changes of Core::CommitChange; the daemon reads the pause and keeps it. Reading: any
// thread.
#pragma once

#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "state/store/store.h"

namespace flosync {

struct Pause {
  Instant since;
  std::string by;
  std::string reason;
};

// Nothing = records take effect.
[[nodiscard]] absl::StatusOr<std::optional<Pause>> ReadPause(const View& view);
// FAILED_PRECONDITION if there is a pause already.
[[nodiscard]] absl::Status PauseSync(const View& view, const Pause& pause, Batch& batch);
// The pause that ends; FAILED_PRECONDITION if there is none.
[[nodiscard]] absl::StatusOr<Pause> ResumeSync(const View& view, Batch& batch);

}  // namespace flosync
