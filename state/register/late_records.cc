#include "state/register/late_records.h"

#include <algorithm>

#include "state/store/keys.h"

namespace flosync {

absl::StatusOr<LateRecords> LateRecords::Load(const View& view, std::string_view history_prefix) {
  LateRecords late;
  const absl::Status walked =
      view.Each(Family::kIndex, LateKey(history_prefix), [&late](std::string_view key, std::string_view value) {
        late.learnt_.emplace(key.substr(1), Instant{KeyReader(value).Number64()});
        return true;
      });
  if (!walked.ok()) return walked;
  return late;
}

std::optional<Instant> LateRecords::LearntAt(const EntityId& entity, const Position& position) const {
  if (learnt_.empty()) return std::nullopt;
  const auto found = learnt_.find(HistoryKey(entity, position));
  return found == learnt_.end() ? std::nullopt : std::optional(found->second);
}

Instant LateRecords::KnownFrom(const EntityId& entity, const Position& position) const {
  return std::max(position.known_from, LearntAt(entity, position).value_or(Instant::Min()));
}

}  // namespace flosync
