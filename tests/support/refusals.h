// Records as a decoder had them that was not mended yet: it refuses what the mended one takes.
//
//   DecodedRecord refused = AsRefused(record);
//   h.Commit({refused});
//   h.Commit({}, now, {record});  // read again
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/plain_model.h"
#include "tests/support/random_history.h"

namespace flosync {

// The whole record is refused; the deviation is of its first entity, or of the record if that cannot be read.
[[nodiscard]] inline DecodedRecord AsRefused(DecodedRecord record, bool names_entity = true) {
  const std::string entity = names_entity ? FormatEntity(EntityOf(record.changes.at(0).change)) : std::string();
  record.outcome = RecordOutcome::kRefused;
  record.refused = 1;
  record.changes.clear();
  record.notes = {{DeviationCode::kMalformedRecord, entity, "", "is not understood yet"}};
  return record;
}

// One element of the batch is refused, with the entity it is about.
[[nodiscard]] inline DecodedRecord WithRefused(DecodedRecord batch, int32_t index) {
  const auto element = std::ranges::find(batch.changes, index, &DecodedChange::index);
  batch.notes.push_back(
      {DeviationCode::kMalformedRecord, FormatEntity(EntityOf(element->change)), "", "is not understood yet", index});
  batch.changes.erase(element);
  ++batch.refused;
  return batch;
}

class OldDecoder {
 public:
  OldDecoder(Dice* dice, int64_t refuses_one_in) : dice_(dice), refuses_one_in_(refuses_one_in) {}

  [[nodiscard]] DecodedRecord Read(const DecodedRecord& record) {
    if (!dice_->OneIn(refuses_one_in_)) return record;
    refused_.push_back(record);
    learnt_[PlaceOf(record)] = Instant::Max();
    return AsRefused(record, dice_->OneIn(2));
  }
  // Up to `most` of those that it has refused, as the mended decoder reads them, in any order.
  [[nodiscard]] std::vector<DecodedRecord> SomeRefused(size_t most) {
    std::vector<DecodedRecord> some;
    while (!refused_.empty() && some.size() < most) {
      const auto at = refused_.begin() + dice_->Between(0, std::ssize(refused_) - 1);
      some.push_back(std::move(*at));
      refused_.erase(at);
    }
    return some;
  }
  void Learnt(const std::vector<DecodedRecord>& again, Instant at) {
    for (const DecodedRecord& record : again) learnt_[PlaceOf(record)] = at;
  }
  [[nodiscard]] const LearntInstants& learnt() const { return learnt_; }

 private:
  Dice* dice_;
  int64_t refuses_one_in_;
  std::vector<DecodedRecord> refused_;
  LearntInstants learnt_;
};

}  // namespace flosync
