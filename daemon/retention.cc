#include "daemon/retention.h"

#include <string>

#include <spdlog/spdlog.h>

#include "state/store/keys.h"

namespace flosync {

Retention::~Retention() {
  stopping_ = true;
  if (rewriting_.joinable()) rewriting_.join();
}

absl::StatusOr<bool> Retention::Step() {
  if (rewriting_.joinable()) return rewritten_ ? EndRewriting() : absl::StatusOr<bool>(false);
  if (pass_) return Shrink();
  if (core_->clock() == Instant::Min()) return false;
  const Day today = OsloDay(core_->clock());
  if (begun_on_ == today) return false;
  begun_on_ = today;
  shrunk_ = 0;
  const auto limit = SupersededBefore(*core_, retention_days_);
  if (retention_days_ > 0 && limit) {
    pass_.emplace(*limit);
    return Shrink();
  }
  if (absl::Status begun = BeginRewriting(); !begun.ok()) return begun;
  return false;
}

absl::StatusOr<bool> Retention::Shrink() {
  const auto step = pass_->Next(*core_);
  if (!step.ok()) return step.status();
  shrunk_ += step->shrunk;
  if (step->done) {
    if (shrunk_ > 0) {
      spdlog::info("retention: {} versions of persons superseded before {} shrunk to doctor facts", shrunk_,
                   FormatUtc(pass_->superseded_before()));
    }
    pass_.reset();
    if (absl::Status begun = BeginRewriting(); !begun.ok()) return begun;
  }
  return step->shrunk > 0;
}

absl::Status Retention::BeginRewriting() {
  const auto due = View(core_->store()).Get(Family::kMeta, kOverwrittenKey);
  if (!due.ok()) return due.status();
  if (!due->has_value()) return absl::OkStatus();
  rewritten_ = false;
  rewriting_ = std::thread([this] {
    const std::string persons(1, static_cast<char>(EntityKind::kPerson));
    outcome_ = core_->store().DropOverwritten(Family::kHistory, persons, stopping_);
    rewritten_ = true;
  });
  return absl::OkStatus();
}

absl::StatusOr<bool> Retention::EndRewriting() {
  rewriting_.join();
  if (!outcome_.ok()) {
    spdlog::warn("retention: what was shrunk is still in the files, tried again tomorrow: {}",
                 std::string(outcome_.message()));
    return false;
  }
  absl::Status refused;
  const auto note = [](Core& /*core*/, const View& /*view*/, Batch& batch) {
    batch.Delete(Family::kMeta, kOverwrittenKey);
    return absl::OkStatus();
  };
  if (absl::Status committed = core_->CommitChange(note, refused); !committed.ok()) return committed;
  spdlog::info("retention: nothing is left in the files of what was shrunk");
  return true;
}

}  // namespace flosync
