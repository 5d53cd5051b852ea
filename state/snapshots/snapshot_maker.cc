#include "state/snapshots/snapshot_maker.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "domain/text.h"
#include "state/geography/stored_tables.h"
#include "state/register/known_register.h"
#include "state/snapshots/counted_date.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_feed.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// The day of the last run that was done.
constexpr std::string_view kLastRunKey = "last_run";

absl::StatusOr<std::optional<Day>> LastRun(const View& view) {
  const auto bytes = view.Get(Family::kMeta, kLastRunKey);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Day>();
  return std::optional(Day::FromEpochDays(KeyReader(**bytes).Number32()));
}

// One run after another over the history in memory.
class Runs {
 public:
  Runs(Core& core, KnownRegister known, std::optional<Day> last, size_t most_counted_dates)
      : core_(core),
        derivation_(core.definitions().derivation()),
        most_counted_dates_(most_counted_dates),
        known_(std::move(known)) {
    if (last) known_.AdvanceTo(CutoffOf(*last));
    known_before_ = known_;
  }

  // A run is a revision of its own.
  absl::StatusOr<std::vector<MadeEdition>> Run(Day m) {
    std::vector<MadeEdition> made;
    absl::Status failed;
    const auto run = [&](Core& /*core*/, const View& view, Batch& batch) { return Write(view, m, batch, made); };
    if (absl::Status committed = core_.CommitChange(run, failed); !committed.ok()) return committed;
    if (!failed.ok()) return failed;
    return made;
  }

 private:
  absl::Status Write(const View& view, Day m, Batch& batch, std::vector<MadeEdition>& made) {
    const KnownRegister::Reach reach = known_.AdvanceTo(CutoffOf(m));
    if (FirstOfMonth(m)) {
      if (absl::Status first = MakeFirst(view, m, batch, made); !first.ok()) return first;
    }
    if (absl::Status corrected = CorrectEarlier(view, m, reach, batch, made); !corrected.ok()) return corrected;
    known_before_.AdvanceTo(CutoffOf(m));
    core_.RaiseFloor(CutoffOf(m), batch);
    batch.Put(Family::kMeta, kLastRunKey, KeyBuilder().Number32(m.epoch_days()).Take());
    return absl::OkStatus();
  }

  [[nodiscard]] Instant CutoffOf(Day d) const { return ReferenceInstant(d, derivation_.cutoff_delay); }

  // The figures of d as known at the run under way, in the structure of d, or the last one that the tables know.
  absl::StatusOr<std::unique_ptr<CountedDate>> Count(const Geography& geography,
                                                     std::vector<const Definition*> definitions, Day d) const {
    auto frame = geography.Frame(geography.StructureDateOf(d), d.year());
    if (!frame.ok()) return frame.status();
    auto counted = std::make_unique<CountedDate>(d, *std::move(frame), std::move(definitions), derivation_);
    counted->CountAll(known_.reg());
    return counted;
  }

  // The latest dates are kept: corrections mostly reach back to them. The one given lasts until the next is.
  CountedDate* Keep(Day d, std::unique_ptr<CountedDate> counted) {
    CountedDate* const one = counted.get();
    counted_[d] = std::move(counted);
    passing_.reset();
    if (counted_.size() <= most_counted_dates_) return one;
    passing_ = std::move(counted_.begin()->second);
    counted_.erase(counted_.begin());
    return one;
  }

  // The definitions a snapshot was made with: one that is published since is not a correction.
  absl::StatusOr<std::vector<const Definition*>> DefinitionsOf(const SnapshotHeader& header) const {
    std::vector<const Definition*> definitions;
    for (const std::string& id : header.definitions) {
      definitions.push_back(core_.definitions().Find(id));
      if (definitions.back()) continue;
      return absl::FailedPreconditionError(Join("snapshot ", header.reference_date.ToString(), " holds the definition ",
                                                id,
                                                ", which is not there any more; it is needed to correct the snapshot: "
                                                "give its directory with --definitions"));
    }
    return definitions;
  }

  // The tables a snapshot was made by: new ones are not a correction (B8).
  absl::StatusOr<const Geography*> VintageOf(const View& view, const SnapshotHeader& header) {
    if (header.reference_tables_hash == core_.geography().tables_hash()) return &core_.geography();
    auto& known = vintages_[header.reference_tables_hash];
    if (!known) {
      auto loaded = LoadVintage(view, header.reference_tables_hash);
      if (!loaded.ok()) return loaded.status();
      known = *std::move(loaded);
    }
    return known.get();
  }

  absl::Status MakeFirst(const View& view, Day m, Batch& batch, std::vector<MadeEdition>& made) {
    auto counted = Count(core_.geography(), core_.definitions().published(), m);
    if (!counted.ok()) return counted.status();
    const std::vector<IndicatorRow> rows = (*counted)->Rows();
    SnapshotHeader header;
    header.reference_date = m;
    header.edition = 1;
    header.row_count = static_cast<int64_t>(rows.size());
    header.reference_instant = CutoffOf(m);
    header.structure_date = core_.geography().StructureDateOf(m);
    header.population_year = core_.geography().PopulationYear(m.year());
    header.reference_tables_hash = core_.geography().tables_hash();
    for (const Definition* definition : core_.definitions().published()) header.definitions.push_back(definition->id);
    if (absl::Status completed = Complete(view, m, **counted, header); !completed.ok()) return completed;
    WriteFirstEdition(header, rows, batch);
    Tell(header, batch, made);
    Keep(m, *std::move(counted));
    return absl::OkStatus();
  }

  absl::Status CorrectEarlier(const View& view, Day m, const KnownRegister::Reach& reach, Batch& batch,
                              std::vector<MadeEdition>& made) {
    if (reach.empty()) return absl::OkStatus();
    const auto latest = LatestEditions(view);
    if (!latest.ok()) return latest.status();
    for (const SnapshotHeader& header : *latest) {
      const auto counted = CountAgain(view, header, reach);
      if (!counted.ok()) return counted.status();
      if (*counted == nullptr) continue;
      const std::vector<Correction> corrections = (*counted)->TakeCorrections();
      if (corrections.empty()) continue;
      SnapshotHeader next = header;
      ++next.edition;
      next.withdrawal.reset();
      next.changed_rows = static_cast<int32_t>(corrections.size());
      if (absl::Status completed = Complete(view, m, **counted, next); !completed.ok()) return completed;
      WriteLaterEdition(next, corrections, batch);
      Tell(next, batch, made);
    }
    return absl::OkStatus();
  }

  // The figures as known now, told as in the edition; nullptr where no list that has become known otherwise counts at
  // d, for rows depend on nothing else (B4).
  absl::StatusOr<CountedDate*> CountAgain(const View& view, const SnapshotHeader& header,
                                          const KnownRegister::Reach& reach) {
    const Day d = header.reference_date;
    if (const auto kept = counted_.find(d); kept != counted_.end()) {
      for (const auto& [contract_id, first] : reach) {
        if (first <= d) kept->second->CountList(known_.reg(), contract_id);
      }
      return kept->second.get();
    }
    if (!MayDiffer(d, reach)) return nullptr;
    const auto tables = VintageOf(view, header);
    if (!tables.ok()) return tables.status();
    auto definitions = DefinitionsOf(header);
    if (!definitions.ok()) return definitions.status();
    auto counted = Count(**tables, *std::move(definitions), d);
    if (!counted.ok()) return counted.status();
    const auto rows = SnapshotRows(view, header);
    if (!rows.ok()) return rows.status();
    if (absl::Status told = (*counted)->SetTold(*rows); !told.ok()) return told;
    return Keep(d, *std::move(counted));
  }

  // Whether what has become known since the last run describes a list otherwise at d.
  [[nodiscard]] bool MayDiffer(Day d, const KnownRegister::Reach& reach) const {
    const Perspective from = Perspective::AtDate(d, derivation_);
    return std::ranges::any_of(reach, [&](const auto& reached) {
      const auto& [contract_id, first] = reached;
      return first <= d &&
             DescribeList(known_.reg(), contract_id, from) != DescribeList(known_before_.reg(), contract_id, from);
    });
  }

  // What an edition has of the run that makes it: known at t(m), source positions, hash.
  absl::Status Complete(const View& view, Day m, const CountedDate& counted, SnapshotHeader& header) const {
    header.known_at = CutoffOf(m);
    header.positions.clear();
    for (const auto& [key, partition] : core_.partitions().all()) {
      const auto offset = FirstOffsetNotIncluded(view, key, partition, header.known_at);
      if (!offset.ok()) return offset.status();
      // A partition that had nothing to say is not named: it need not have been known yet.
      if (*offset) header.positions.push_back({key.first, key.second, **offset});
    }
    header.content_hash = counted.HashCsv(header.edition);
    return absl::OkStatus();
  }

  void Tell(const SnapshotHeader& header, Batch& batch, std::vector<MadeEdition>& made) const {
    made.push_back({header.reference_date, header.edition});
    TellSnapshot(header, core_.revision() + 1, static_cast<int32_t>(made.size()), batch);
  }

  Core& core_;
  const Derivation derivation_;
  const size_t most_counted_dates_;
  KnownRegister known_;         // as of the run under way
  KnownRegister known_before_;  // as of the run before
  std::map<std::string, std::unique_ptr<const Geography>> vintages_;
  std::map<Day, std::unique_ptr<CountedDate>> counted_;
  std::unique_ptr<CountedDate> passing_;  // the one dropped last
};

}  // namespace

absl::StatusOr<std::vector<MadeEdition>> MakeDueSnapshots(Core& core, Instant end, bool input_ended,
                                                          const SnapshotRunLimits& limits) {
  std::vector<MadeEdition> made;
  size_t runs_left = limits.most_runs;
  const auto first = core.partitions().first();
  if (!first) return made;
  const Derivation& derivation = core.definitions().derivation();
  std::optional<Runs> runs;
  const View view(core.store());
  const auto last = LastRun(view);
  if (!last.ok()) return last.status();
  for (const Day m : DueRuns(*first, end, derivation, core.geography())) {
    if (*last && m <= **last) continue;
    const bool read_past = core.partitions().ReadPast(ReferenceInstant(m, derivation.cutoff_delay));
    if (runs_left-- == 0 || (!input_ended && !read_past)) break;
    if (!runs) {
      auto known = KnownRegister::Load(view);
      if (!known.ok()) return known.status();
      runs.emplace(core, *std::move(known), *last, limits.most_counted_dates);
    }
    const auto editions = runs->Run(m);
    if (!editions.ok()) return editions.status();
    made.insert(made.end(), editions->begin(), editions->end());
  }
  return made;
}

}  // namespace flosync
