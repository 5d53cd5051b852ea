#include "state/core/pause.h"

#include <utility>

#include "domain/text.h"
#include "state/store/codec.h"

namespace flosync {
namespace {

constexpr std::string_view kPauseKey = "paused";

}  // namespace

absl::StatusOr<std::optional<Pause>> ReadPause(const View& view) {
  const auto bytes = view.Get(Family::kMeta, kPauseKey);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Pause>();
  const auto stored = ParseStored<store::v1::StoredPause>(**bytes);
  if (!stored.ok()) return stored.status();
  return std::optional(Pause{{stored->since_ms()}, stored->by(), stored->reason()});
}

absl::Status PauseSync(const View& view, const Pause& pause, Batch& batch) {
  const auto paused = ReadPause(view);
  if (!paused.ok()) return paused.status();
  if (paused->has_value()) {
    return absl::FailedPreconditionError(Join("syncing is paused since ", FormatUtc((*paused)->since),
                                              " already; `flosync status` says by whom and why"));
  }
  store::v1::StoredPause stored;
  stored.set_since_ms(pause.since.ms);
  stored.set_by(pause.by);
  stored.set_reason(pause.reason);
  batch.Put(Family::kMeta, kPauseKey, stored.SerializeAsString());
  return absl::OkStatus();
}

absl::StatusOr<Pause> ResumeSync(const View& view, Batch& batch) {
  auto paused = ReadPause(view);
  if (!paused.ok()) return paused.status();
  if (!paused->has_value()) return absl::FailedPreconditionError("syncing is not paused; there is nothing to resume");
  batch.Delete(Family::kMeta, kPauseKey);
  return **std::move(paused);
}

}  // namespace flosync
