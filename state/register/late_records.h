// Records that were taken when they were read again, after a decoder was mended.
//
// They stand in the history at the position at which they were first read, so that it is the history of a register that
// had always been read so. They are known from the instant they were learnt, where that is later: what was told of the
// past before stays what was known then (R6, R19). Values; reading: any thread.
//
//   auto late = LateRecords::Load(view, EntityKey(entity));
//   late->KnownFrom(entity, position) < known_at;  // takes part in what is asked as known at K
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "domain/position.h"
#include "domain/register_change.h"
#include "state/store/store.h"

namespace flosync {

class LateRecords {
 public:
  // Those whose keys in the history begin with `history_prefix`; mostly there are none. Errors are those of the store.
  [[nodiscard]] static absl::StatusOr<LateRecords> Load(const View& view, std::string_view history_prefix);

  // When the record was learnt; nothing for one that was taken when it was first read.
  [[nodiscard]] std::optional<Instant> LearntAt(const EntityId& entity, const Position& position) const;
  // The record takes part in what is known at every later instant.
  [[nodiscard]] Instant KnownFrom(const EntityId& entity, const Position& position) const;

 private:
  std::map<std::string, Instant, std::less<>> learnt_;  // by key of the history
};

}  // namespace flosync
