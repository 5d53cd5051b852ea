// Between the types of the state and the bytes of the store (proto/flosync/store/v1/stored.proto). Pure; any thread.
//
// Decode fails with DATA_LOSS for bytes that are no such message: the store is damaged.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "domain/position.h"
#include "domain/register_change.h"
#include "state/register/entity_state.h"

#include "flosync/store/v1/stored.pb.h"

namespace flosync {

[[nodiscard]] std::string EncodeChange(const HistoryChange& change);
// The entity is that of the key, which a deletion does not repeat.
[[nodiscard]] absl::StatusOr<HistoryChange> DecodeChange(const EntityId& entity, std::string_view bytes);

[[nodiscard]] std::string EncodeHead(const EntityState& state);
[[nodiscard]] absl::StatusOr<EntityState> DecodeHead(std::string_view bytes);

void Write(const Period& period, store::v1::StoredPeriod* out);
[[nodiscard]] Period Read(const store::v1::StoredPeriod& in);
void Write(const Position& position, store::v1::StoredPosition* out);
[[nodiscard]] Position Read(const store::v1::StoredPosition& in);

// Parses any stored message.
template <typename Message>
[[nodiscard]] absl::StatusOr<Message> ParseStored(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("store: a value cannot be read; restore a backup or rebuild the state from the sources");
  }
  return message;
}

}  // namespace flosync
