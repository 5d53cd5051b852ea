#include "domain/decoded_record.h"

#include <algorithm>

namespace flosync {
namespace {

constexpr int kBitsPerByte = 8;
constexpr size_t kNumberBytes = sizeof(int64_t);

}  // namespace

RecordKey RecordKey::OfNumber(Topic topic, int64_t number) {
  RecordKey key{topic, {}};
  for (size_t i = key.bytes.size(); number > 0; number >>= kBitsPerByte)
    key.bytes.at(--i) = static_cast<uint8_t>(number);
  return key;
}

std::optional<int64_t> RecordKey::number() const {
  const auto* const begin = bytes.end() - kNumberBytes;
  if (std::any_of(bytes.begin(), begin, [](uint8_t byte) { return byte != 0; })) return std::nullopt;
  int64_t number = 0;
  for (const auto* at = begin; at != bytes.end(); ++at) number = number << kBitsPerByte | *at;
  return number;
}

bool HasOwnKey(const DecodedRecord& record) {
  if (!record.topic || !KeyedByEntity(*record.topic) || !record.key || record.changes.size() != 1) return false;
  return record.key->number() == EntityOf(record.changes.front().change).id;
}

}  // namespace flosync
