#include "state/audit/plain_history.h"

#include <algorithm>

namespace flosync {
std::optional<WallTime> VersionOf(const KnownRecord& record) {
  const auto read = [](const auto& change) -> std::optional<WallTime> {
    if constexpr (requires { VersionOf(change); }) {
      return VersionOf(change);
    } else {
      return std::nullopt;
    }
  };
  return std::visit(read, record.change);
}

std::vector<Gone> Absences(const EntityHistory& history) {
  std::vector<Gone> gone;
  std::optional<WallTime> newest;
  for (const KnownRecord& record : history) {
    const bool away = !gone.empty() && !gone.back().until;
    if (std::holds_alternative<Deletion>(record.change)) {
      if (!away) gone.push_back({record.position.known_from, std::nullopt});
      continue;
    }
    const auto version = VersionOf(record);
    if (!version || (newest && *version < *newest)) continue;
    newest = version;
    if (away) gone.back().until = record.position.known_from;
  }
  return gone;
}

bool AbsentAt(const EntityHistory& history, Instant t) {
  return std::ranges::any_of(Absences(history),
                             [t](const Gone& g) { return g.after < t && (!g.until || t <= *g.until); });
}

bool Withdrawn(const EntityHistory& history) {
  const std::vector<Gone> gone = Absences(history);
  return !gone.empty() && !gone.back().until;
}

const Contract* EarliestContract(const EntityHistory& history) {
  const Contract* earliest = nullptr;
  for (const KnownRecord& record : history) {
    const auto* contract = std::get_if<Contract>(&record.change);
    if (contract && (!earliest || contract->updated <= earliest->updated)) earliest = contract;
  }
  return earliest;
}

}  // namespace flosync
