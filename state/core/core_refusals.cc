// What Core does with records of which something is refused: it keeps where they stood, and takes them from there when
// they are read again.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "state/core/core.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

std::string EntityTextOf(const std::string& entity, const Position& position) {
  return entity.empty() ? "record:" + FormatPosition(position) : entity;
}

bool WhollyRefused(const RefusedRecord& kept) { return kept.counted_as == CountedAs::kRefused; }

// Leaves of the record what was refused before: the rest has taken effect, whatever is read there now.
void LeaveRefused(const RefusedRecord& kept, DecodedRecord& record) {
  if (WhollyRefused(kept)) return;
  std::set<int32_t> refused;
  for (const RaisedDeviation& raised : kept.raised) refused.insert(raised.index);
  std::erase_if(record.changes, [&](const DecodedChange& change) { return !refused.contains(change.index); });
  std::erase_if(record.notes, [&](const DeviationNote& note) { return !refused.contains(note.index); });
}

}  // namespace

int64_t& CountOf(RecordCounts& counts, CountedAs as) {
  switch (as) {
    case CountedAs::kSkipped:
      return counts.skipped;
    case CountedAs::kIgnored:
      return counts.ignored;
    case CountedAs::kRefused:
      return counts.refused;
    case CountedAs::kDuplicate:
      return counts.duplicate;
    case CountedAs::kOlder:
      return counts.older;
    case CountedAs::kConflicting:
      return counts.conflicting;
    case CountedAs::kApplied:
      break;
  }
  return counts.applied;
}

void Core::KeepRefusal(const DecodedRecord& record, const Position& position, size_t index) {
  refusals_.push_back({{position, record.line, CountedAs::kRefused, RaisedByRefusals(record)}, index});
}

// What the record raises now takes the place of what it raised before: notes what is new, settles what is over.
void Core::NoteAgain(const DecodedRecord& record, const RefusedRecord& kept, const CodesAndEntities& raised_now) {
  const std::set<RaisedDeviation> before(kept.raised.begin(), kept.raised.end());
  Position position = kept.position;
  for (const DeviationNote& note : record.notes) {
    if (before.contains({note.code, note.entity, note.index})) continue;
    position.index = note.index;
    deviations_.Note(note, EntityTextOf(note.entity, position), kept.line, position, record.key);
  }
  for (const RaisedDeviation& raised : kept.raised) {
    if (raised_now.contains({raised.code, raised.entity})) continue;
    deviations_.Mended(raised.code, EntityTextOf(raised.entity, kept.position), kept.position);
  }
}

absl::Status Core::TakeAgain(const View& view, DecodedRecord& record, Pending& pending) {
  if (!record.topic) return absl::OkStatus();
  auto found = FindRefused(view, *record.topic, record.partition, record.offset);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return absl::OkStatus();
  RefusedRecord kept = **std::move(found);
  CodesAndEntities raised_now;
  for (const DeviationNote& note : record.notes) raised_now.emplace(note.code, note.entity);
  LeaveRefused(kept, record);
  NoteAgain(record, kept, raised_now);
  const bool ignored = WhollyRefused(kept) && record.outcome == RecordOutcome::kIgnored;
  outcomes_.push_back(ignored ? CountedAs::kIgnored : kept.counted_as);
  const size_t index = outcomes_.size() - 1;
  kept.raised = RaisedByRefusals(record);
  const bool stands = WhollyRefused(kept) ? HasRefusals(record) : !kept.raised.empty();
  if (!stands && HasOwnKey(record)) {
    deviations_.AcceptedInHistory(*record.key, kept.position);
  } else if (!stands && record.key) {
    if (absl::Status taken = deviations_.AcceptedRecordAgain(view, *record.key, kept.position); !taken.ok()) {
      return taken;
    }
  }
  AddChanges(record, kept.position, index, true, pending);
  refusals_.push_back({std::move(kept), index, true, stands});
  return absl::OkStatus();
}

void Core::CountRefusals(CommitResult& result) {
  for (Refusal& refusal : refusals_) {
    const CountedAs counts_as = outcomes_[refusal.index];
    if (refusal.again) {
      --CountOf(counts_, refusal.record.counted_as);
      ++CountOf(counts_, counts_as);
      ++(refusal.stands ? result.still_refused : result.mended);
    }
    refusal.record.counted_as = counts_as;
  }
}

void Core::WriteRefusals(Batch& batch) {
  for (const Refusal& refusal : refusals_) {
    if (refusal.stands) {
      batch.Put(Family::kIndex, KeyOf(refusal.record), EncodeRefused(refusal.record));
    } else {
      batch.Delete(Family::kIndex, KeyOf(refusal.record));
    }
  }
}

}  // namespace flosync
