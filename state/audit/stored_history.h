// The histories of a store, as the audit reads them.
#pragma once

#include <functional>

#include "state/audit/plain_history.h"
#include "state/store/store.h"

namespace flosync {

class StoredHistory final : public HistorySource {
 public:
  // `go_on` is asked at every entity; false ends a walk with CANCELLED. The view must outlive this.
  StoredHistory(const View& view, std::function<bool()> go_on) : view_(view), go_on_(std::move(go_on)) {}
  [[nodiscard]] absl::Status Each(EntityKind kind, const Visit& visit) const override;
  [[nodiscard]] absl::StatusOr<EntityHistory> Of(const EntityId& entity) const override;

 private:
  [[nodiscard]] absl::Status Walk(const std::string& prefix, EntityKind kind, const Visit& visit) const;

  const View& view_;
  const std::function<bool()> go_on_;
};

}  // namespace flosync
