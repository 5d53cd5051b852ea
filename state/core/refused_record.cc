#include "state/core/refused_record.h"

#include <set>
#include <string_view>
#include <utility>

#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

absl::StatusOr<RefusedRecord> Decode(std::string_view key, std::string_view value) {
  const auto in = ParseStored<store::v1::StoredRefused>(value);
  if (!in.ok()) return in.status();
  KeyReader reader(key.substr(1));
  RefusedRecord record;
  record.position.known_from.ms = in->known_from_ms();
  record.position.topic = static_cast<Topic>(reader.Byte());
  record.position.partition = reader.Number32();
  record.position.offset = reader.Number64();
  record.line = in->line();
  record.counted_as = static_cast<CountedAs>(in->counted_as());
  for (const auto& raised : in->raised()) {
    record.raised.push_back({static_cast<DeviationCode>(raised.code()), raised.entity(), raised.index()});
  }
  return record;
}

}  // namespace

bool HasRefusals(const DecodedRecord& record) {
  return record.refused > 0 || record.outcome == RecordOutcome::kRefused;
}

std::vector<RaisedDeviation> RaisedByRefusals(const DecodedRecord& record) {
  std::set<int32_t> taken;
  for (const DecodedChange& change : record.changes) taken.insert(change.index);
  std::vector<RaisedDeviation> raised;
  for (const DeviationNote& note : record.notes) {
    if (!taken.contains(note.index)) raised.push_back({note.code, note.entity, note.index});
  }
  return raised;
}

std::string KeyOf(const RefusedRecord& record) {
  return RefusedKey(record.position.topic, record.position.partition, record.position.offset);
}

std::string EncodeRefused(const RefusedRecord& record) {
  store::v1::StoredRefused out;
  out.set_known_from_ms(record.position.known_from.ms);
  out.set_line(record.line);
  out.set_counted_as(static_cast<uint32_t>(record.counted_as));
  for (const RaisedDeviation& raised : record.raised) {
    auto* stored = out.add_raised();
    stored->set_code(static_cast<uint32_t>(raised.code));
    stored->set_entity(raised.entity);
    stored->set_index(raised.index);
  }
  return out.SerializeAsString();
}

absl::StatusOr<std::optional<RefusedRecord>> FindRefused(const View& view, Topic topic, int32_t partition,
                                                         int64_t offset) {
  const std::string key = RefusedKey(topic, partition, offset);
  const auto value = view.Get(Family::kIndex, key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) return std::optional<RefusedRecord>();
  auto record = Decode(key, **value);
  if (!record.ok()) return record.status();
  return std::optional(*std::move(record));
}

absl::StatusOr<std::vector<RefusedRecord>> ReadRefused(const View& view, const std::optional<Position>& after,
                                                       size_t most) {
  std::vector<RefusedRecord> records;
  absl::Status failed;
  const std::string start = after ? RefusedKey(after->topic, after->partition, after->offset) : std::string();
  const std::string prefix(1, static_cast<char>(IndexKind::kRefused));
  const absl::Status walked = view.Each(
      Family::kIndex, prefix,
      [&](std::string_view key, std::string_view value) {
        if (key == start) return true;
        if (records.size() == most) return false;
        auto record = Decode(key, value);
        failed = record.status();
        if (!record.ok()) return false;
        records.push_back(*std::move(record));
        return true;
      },
      start);
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return records;
}

}  // namespace flosync
