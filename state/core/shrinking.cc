#include "state/core/shrinking.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "state/register/late_records.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerDay = 24 * 3600 * 1000;

using Entries = std::vector<std::pair<std::string, std::string>>;

// The records of one person known before the limit, in the order of position; takes out those to be shrunk.
class PersonVersions {
 public:
  PersonVersions(Instant limit, const LateRecords* late) : limit_(limit), late_(late) {}

  absl::Status Add(const HistoryKeyParts& parts, std::string_view value) {
    if (late_->KnownFrom(parts.entity, parts.position) >= limit_) return absl::OkStatus();
    auto change = DecodeChange(parts.entity, value);
    if (!change.ok()) return change.status();
    records_.push_back({parts.position, *std::move(change)});
    return absl::OkStatus();
  }

  void TakeShrunk(const EntityId& entity, Entries& shrunk) {
    EntityState state = EmptyState(entity.kind);
    for (const PositionedChange& record : records_) (void)FoldNext(state, record);
    const auto& person = std::get<PersonState>(state);
    const VersionedContent in_force{person.version, person.content};
    for (const PositionedChange& record : records_) {
      const auto* version = std::get_if<Person>(&record.change);
      if (!version || !HoldsVerbatim(*version) || ReadVersionedContent(record.change) == in_force) continue;
      shrunk.emplace_back(HistoryKey(entity, record.position), EncodeChange(Shrink(*version)));
    }
    records_.clear();
  }

 private:
  const Instant limit_;
  const LateRecords* const late_;
  std::vector<PositionedChange> records_;
};

}  // namespace

std::optional<Instant> SupersededBefore(const Core& core, int32_t retention_days) {
  const auto greatest = core.partitions().greatest();
  if (!greatest || core.clock() == Instant::Min()) return std::nullopt;
  return Instant{std::min(core.clock(), *greatest).ms - retention_days * kMillisPerDay};
}

absl::StatusOr<Shrinking::Step> Shrinking::Next(Core& core) {
  const View view(core.store());
  const std::string persons(1, static_cast<char>(EntityKind::kPerson));
  const auto late = LateRecords::Load(view, persons);
  if (!late.ok()) return late.status();
  PersonVersions versions(superseded_before_, &*late);
  EntityId current{EntityKind::kPerson, next_number_};
  Entries shrunk;
  size_t read = 0;
  bool more = false;
  absl::Status failed;
  const auto take = [&](std::string_view key, std::string_view value) {
    const HistoryKeyParts parts = ReadHistoryKey(key);
    if (parts.entity != current) {
      versions.TakeShrunk(current, shrunk);
      current = parts.entity;
      more = read >= records_per_step_;
      if (more) return false;
    }
    ++read;
    failed = versions.Add(parts, value);
    return failed.ok();
  };
  const absl::Status walked = view.Each(Family::kHistory, persons, take, EntityKey(current));
  if (!walked.ok() || !failed.ok()) return walked.ok() ? failed : walked;
  if (!more) versions.TakeShrunk(current, shrunk);
  next_number_ = current.id;
  const Step step{static_cast<int64_t>(shrunk.size()), !more};
  if (shrunk.empty()) return step;
  absl::Status refused;
  const auto write = [&shrunk](Core& /*core*/, const View& /*view*/, Batch& batch) {
    for (const auto& [key, value] : shrunk) batch.Put(Family::kHistory, key, value);
    batch.Put(Family::kMeta, kFormatKey, kFormatWithShrunk);
    batch.Put(Family::kMeta, kOverwrittenKey, "");
    return absl::OkStatus();
  };
  if (absl::Status committed = core.CommitChange(write, refused); !committed.ok()) return committed;
  return step;
}

}  // namespace flosync
