#include "state/audit/stored_history.h"

#include <string>
#include <string_view>

#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {

absl::Status StoredHistory::Walk(const std::string& prefix, EntityKind kind, const Visit& visit) const {
  EntityId current{kind, 0};
  EntityHistory history;
  absl::Status failed;
  const auto flush = [&] {
    if (history.empty() || !failed.ok()) return;
    failed = go_on_() ? visit(current.id, history) : absl::CancelledError("the audit was stopped");
    history.clear();
  };
  const absl::Status walked = view_.Each(Family::kHistory, prefix, [&](std::string_view key, std::string_view value) {
    const HistoryKeyParts parts = ReadHistoryKey(key);
    if (parts.entity != current) {
      flush();
      current = parts.entity;
    }
    auto change = DecodeChange(parts.entity, value);
    if (!change.ok()) failed.Update(change.status());
    if (!failed.ok()) return false;
    history.push_back({parts.position, *std::move(change)});
    return true;
  });
  if (!walked.ok()) return walked;
  flush();
  return failed;
}

absl::Status StoredHistory::Each(EntityKind kind, const Visit& visit) const {
  return Walk(std::string(1, static_cast<char>(kind)), kind, visit);
}

absl::StatusOr<EntityHistory> StoredHistory::Of(const EntityId& entity) const {
  EntityHistory all;
  const absl::Status walked = Walk(EntityKey(entity), entity.kind, [&](int64_t, const EntityHistory& history) {
    all = history;
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return all;
}

}  // namespace flosync
