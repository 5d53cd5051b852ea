// When the clock alone is a reason to look at a unit again: one instant each (R9). In the order of instants, then
// units. Not thread-safe.
#pragma once

#include <optional>
#include <utility>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "domain/oslo.h"

namespace flosync {

template <typename Unit>
class Timers {
 public:
  // In the place of the one it had; Instant::Max() = none any more.
  void Set(const Unit& unit, Instant due) {
    if (const auto was = due_of_.find(unit); was != due_of_.end()) {
      due_.erase({was->second, unit});
      due_of_.erase(was);
    }
    if (due == Instant::Max()) return;
    due_.insert({due, unit});
    due_of_[unit] = due;
  }
  void Clear() {
    due_.clear();
    due_of_.clear();
  }
  template <typename Visit>
  void EachDue(Instant t, const Visit& visit) const {
    for (auto it = due_.begin(); it != due_.end() && it->first <= t; ++it) visit(it->second);
  }
  [[nodiscard]] std::optional<Instant> Next() const {
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
  }

 private:
  absl::btree_set<std::pair<Instant, Unit>> due_;
  absl::btree_map<Unit, Instant> due_of_;
};

}  // namespace flosync
