// The keys of the store: big-endian, so that their byte order is the order of what they name (state/FORMAT.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/day.h"
#include "domain/decoded_record.h"
#include "domain/oslo.h"
#include "domain/position.h"
#include "domain/register_change.h"

namespace flosync {

// Where the store says in which format it is written, and the one a new store has.
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kFormat = "4";
// The same with shrunk versions of persons in it, which programs that know only the other cannot read.
inline constexpr std::string_view kFormatWithShrunk = "5";
[[nodiscard]] inline bool IsFormatRead(std::string_view format) {
  return format == kFormat || format == kFormatWithShrunk;
}
// The name of the store, which resume tokens carry, and the number of the last commit.
inline constexpr std::string_view kEpochKey = "epoch";
inline constexpr std::string_view kRevisionKey = "revision";
// The vintage of the tables, and the ids of the definitions, that the cells are counted by.
inline constexpr std::string_view kTablesKey = "tables";
inline constexpr std::string_view kDefinitionsKey = "definitions";
// There from the first shrunk version on until the bytes that it replaced are gone from the files.
inline constexpr std::string_view kOverwrittenKey = "overwritten";

// Builds a key from its parts.
class KeyBuilder {
 public:
  KeyBuilder& Byte(uint8_t value) {
    key_.push_back(static_cast<char>(value));
    return *this;
  }
  // Signed numbers with the sign bit turned, so that negative ones sort first.
  KeyBuilder& Number32(int32_t value) { return BigEndian(static_cast<uint32_t>(value) ^ 0x80000000U, 4); }
  KeyBuilder& Number64(int64_t value) { return BigEndian(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63U), 8); }
  // A text that holds no zero byte, closed by one.
  KeyBuilder& Text(std::string_view text) {
    key_ += text;
    key_.push_back('\0');
    return *this;
  }
  KeyBuilder& Raw(std::string_view text) {
    key_ += text;
    return *this;
  }
  [[nodiscard]] std::string Take() { return std::move(key_); }

 private:
  KeyBuilder& BigEndian(uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      key_.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
    return *this;
  }
  std::string key_;
};

// Takes a key apart in the order it was built; the caller knows its shape.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : key_(key) {}
  uint8_t Byte() { return static_cast<uint8_t>(BigEndian(1)); }
  int32_t Number32() { return static_cast<int32_t>(static_cast<uint32_t>(BigEndian(4)) ^ 0x80000000U); }
  int64_t Number64() { return static_cast<int64_t>(BigEndian(8) ^ (uint64_t{1} << 63U)); }
  std::string Text() {
    const size_t end = key_.find('\0');
    std::string text(key_.substr(0, end));
    key_.remove_prefix(end == std::string_view::npos ? key_.size() : end + 1);
    return text;
  }

 private:
  uint64_t BigEndian(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes && !key_.empty(); ++i) {
      value = value << 8U | static_cast<uint8_t>(key_.front());
      key_.remove_prefix(1);
    }
    return value;
  }
  std::string_view key_;
};

[[nodiscard]] inline std::string EntityKey(const EntityId& entity) {
  return KeyBuilder().Byte(static_cast<uint8_t>(entity.kind)).Number64(entity.id).Take();
}

[[nodiscard]] inline std::string HistoryKey(const EntityId& entity, const Position& p) {
  return KeyBuilder()
      .Byte(static_cast<uint8_t>(entity.kind))
      .Number64(entity.id)
      .Number64(p.known_from.ms)
      .Byte(static_cast<uint8_t>(p.topic))
      .Number32(p.partition)
      .Number64(p.offset)
      .Number32(p.index)
      .Take();
}

struct HistoryKeyParts {
  EntityId entity;
  Position position;
};

[[nodiscard]] inline HistoryKeyParts ReadHistoryKey(std::string_view key) {
  KeyReader reader(key);
  HistoryKeyParts parts;
  parts.entity.kind = static_cast<EntityKind>(reader.Byte());
  parts.entity.id = reader.Number64();
  parts.position.known_from.ms = reader.Number64();
  parts.position.topic = static_cast<Topic>(reader.Byte());
  parts.position.partition = reader.Number32();
  parts.position.offset = reader.Number64();
  parts.position.index = reader.Number32();
  return parts;
}

[[nodiscard]] inline EntityId ReadEntityKey(std::string_view key) {
  KeyReader reader(key);
  const auto kind = static_cast<EntityKind>(reader.Byte());
  return {kind, reader.Number64()};
}

// Index entries: who refers to whom, where good records and deviations are found, which records were refused and which
// of these taken later. kOtherKeys has what of an entity's history came under another key. kPeriodsOfContract follows
// the newest state; kPeriodsOfNumber and kAliasesOnto have every number that a record has ever named, so that a
// question about the past finds it (R6).
enum class IndexKind : uint8_t {
  kPeriodsOfContract = 1,
  kPeriodsOfNumber = 2,
  kAliasesOnto = 3,
  kGoodRecords = 4,
  kDeviationIds = 5,
  kRefused = 6,
  kLate = 7,
  kOtherKeys = 8,
};
[[nodiscard]] inline std::string IndexPrefix(IndexKind kind, int64_t of) {
  return KeyBuilder().Byte(static_cast<uint8_t>(kind)).Number64(of).Take();
}
[[nodiscard]] inline std::string IndexKey(IndexKind kind, int64_t of, int64_t id) {
  return KeyBuilder().Byte(static_cast<uint8_t>(kind)).Number64(of).Number64(id).Take();
}

[[nodiscard]] inline std::string TimerKey(Instant due, int64_t contract_id) {
  return KeyBuilder().Number64(due.ms).Number64(contract_id).Take();
}

// Index 0 holds the revision itself, updates follow from 1.
[[nodiscard]] inline std::string FeedKey(int64_t revision, int32_t index) {
  return KeyBuilder().Number64(revision).Number32(index).Take();
}

// Changes of alerts stand before all changes of figures, so that a reader of one never meets the other. Indexes from 1.
inline constexpr std::string_view kAlertFeedPrefix = "\x01";
[[nodiscard]] inline std::string AlertFeedKey(int64_t revision, int32_t index) {
  return KeyBuilder().Raw(kAlertFeedPrefix).Number64(revision).Number32(index).Take();
}

// Alerts by number, open and resolved; deviations of state that hold, by code and entity; what was told of doctors.
inline constexpr std::string_view kAlertPrefix = "a";
inline constexpr std::string_view kStateDeviationPrefix = "d";
[[nodiscard]] inline std::string AlertKey(int64_t id) { return KeyBuilder().Raw(kAlertPrefix).Number64(id).Take(); }
[[nodiscard]] inline std::string StateDeviationKey(uint8_t code, std::string_view entity) {
  return KeyBuilder().Raw(kStateDeviationPrefix).Byte(code).Text(entity).Take();
}

inline constexpr std::string_view kDoctorStatusPrefix = "s";
[[nodiscard]] inline std::string DoctorStatusKey(int32_t hpr_number) {
  return KeyBuilder().Raw(kDoctorStatusPrefix).Number32(hpr_number).Take();
}

[[nodiscard]] inline std::string CellKey(uint8_t level, std::string_view area, std::string_view measure,
                                         std::string_view breakdown, std::string_view definition) {
  return KeyBuilder().Byte(level).Text(area).Text(measure).Text(breakdown).Text(definition).Take();
}

// The definition that a cell belongs to.
[[nodiscard]] inline std::string DefinitionOfCell(std::string_view key) {
  KeyReader reader(key);
  reader.Byte();
  for (int before = 0; before < 3; ++before) (void)reader.Text();
  return reader.Text();
}

[[nodiscard]] inline std::string DeviationKey(std::string_view code, std::string_view entity) {
  return KeyBuilder().Text(code).Text(entity).Take();
}

// Under topic and key, by partition: the last record of which everything was taken, where no history tells.
[[nodiscard]] inline std::string GoodRecordsPrefix(const RecordKey& key) {
  return KeyBuilder()
      .Byte(static_cast<uint8_t>(IndexKind::kGoodRecords))
      .Byte(static_cast<uint8_t>(key.topic))
      .Raw({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()})
      .Take();
}
[[nodiscard]] inline std::string GoodRecordKey(const RecordKey& key, int32_t partition) {
  return KeyBuilder().Raw(GoodRecordsPrefix(key)).Number32(partition).Take();
}
[[nodiscard]] inline std::string DeviationIdKey(int64_t id) {
  return KeyBuilder().Byte(static_cast<uint8_t>(IndexKind::kDeviationIds)).Number64(id).Take();
}

// A record of which something was refused, by where it was read.
[[nodiscard]] inline std::string RefusedKey(Topic topic, int32_t partition, int64_t offset) {
  return KeyBuilder()
      .Byte(static_cast<uint8_t>(IndexKind::kRefused))
      .Byte(static_cast<uint8_t>(topic))
      .Number32(partition)
      .Number64(offset)
      .Take();
}
// A record that was taken when it was read again, by its key in the history or the beginning of one.
[[nodiscard]] inline std::string LateKey(std::string_view history_key) {
  return KeyBuilder().Byte(static_cast<uint8_t>(IndexKind::kLate)).Raw(history_key).Take();
}

// A record of a topic that is KeyedByEntity, which came without its entity's key: by its key in the history or the
// beginning of one.
[[nodiscard]] inline std::string OtherKeyKey(std::string_view history_key) {
  return KeyBuilder().Byte(static_cast<uint8_t>(IndexKind::kOtherKeys)).Raw(history_key).Take();
}

[[nodiscard]] inline std::string SnapshotHeaderKey(Day d, int32_t edition) {
  return KeyBuilder().Raw("h").Number32(d.epoch_days()).Number32(edition).Take();
}
[[nodiscard]] inline std::string SnapshotRowsKey(Day d, int32_t edition, int32_t chunk) {
  return KeyBuilder().Raw("r").Number32(d.epoch_days()).Number32(edition).Number32(chunk).Take();
}

[[nodiscard]] inline std::string PartitionKey(std::string_view topic, int32_t partition) {
  return KeyBuilder().Raw("partition/").Text(topic).Number32(partition).Take();
}
[[nodiscard]] inline std::string CutPrefix(std::string_view topic, int32_t partition) {
  return KeyBuilder().Raw("cut/").Text(topic).Number32(partition).Take();
}
[[nodiscard]] inline std::string MarkKey(std::string_view name) { return KeyBuilder().Raw("mark/").Raw(name).Take(); }

}  // namespace flosync
