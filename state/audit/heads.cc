#include "state/audit/heads.h"

#include <map>

#include "state/audit/plain_person.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// What a comparison finds: nothing, or which part differs.
using Found = std::optional<std::string>;

Found DifferentAbsences(const EntityHistory& history, const Presence& presence) {
  const std::vector<Gone> gone = Absences(history);
  bool same = gone.size() == presence.absences.size();
  for (size_t i = 0; same && i < gone.size(); ++i) {
    const Absence& kept = presence.absences[i];
    same = kept.after == gone[i].after && kept.until == gone[i].until.value_or(Instant::Max());
  }
  return same ? std::nullopt : Found("deletions");
}

// Every version once, the later position winning (E4).
template <typename State>
std::map<WallTime, const State*> TimelineOf(const EntityHistory& history) {
  std::map<WallTime, const State*> timeline;
  for (const KnownRecord& record : history) {
    if (const auto* state = std::get_if<State>(&record.change)) timeline[VersionOf(*state)] = state;
  }
  return timeline;
}

// A head may leave out the versions before the one in force at the wall time, and no others.
template <typename State, typename Version, typename TimeOf, typename Same>
Found DifferentVersions(const EntityHistory& history, const std::vector<Version>& kept, WallTime wall, TimeOf time_of,
                        Same same) {
  const auto timeline = TimelineOf<State>(history);
  auto from = timeline.begin();
  if (kept.size() < timeline.size()) {
    if (kept.empty() || time_of(kept.front()) >= wall) return "a version is missing";
    from = timeline.find(time_of(kept.front()));
  }
  for (const Version& version : kept) {
    if (from == timeline.end() || from->first != time_of(version) || !same(*from->second, version)) {
      return "a version";
    }
    ++from;
  }
  return from == timeline.end() ? std::nullopt : Found("a version is missing");
}

// One entity's records against what is kept of it.
class HeadCheck {
 public:
  HeadCheck(const EntityHistory& history, Day d, Instant t) : history_(history), d_(d), wall_(ToOslo(t)) {}

  Found operator()(const PersonState& head) const {
    if (head.last != history_.back().position) return "last position";
    const auto* person = LatestState<Person>(history_);
    if (head.known != (person != nullptr)) return "known";
    if (head.merged_into != MergedInto()) return "merged into";
    if (Found absences = DifferentAbsences(history_, head.presence)) return absences;
    if (!person) return std::nullopt;
    if (head.version != person->updated) return "version";
    if (head.replaced_by != person->replaced_by) return "replaced by";
    if (head.facts.birth_year != person->birth_year) return "birth year";
    if (head.facts.death != person->death) return "day of death";
    if (head.facts.sex != person->sex) return "sex";
    bool specialist = false;
    for (const Period& p : head.facts.specialist) specialist = specialist || (p.from <= d_ && d_ < p.to);
    return specialist == IsSpecialist(*person, d_) ? std::nullopt : Found("specialist");
  }

  Found operator()(const ContractState& head) const {
    if (head.last != history_.back().position) return "last position";
    if (Found absences = DifferentAbsences(history_, head.presence)) return absences;
    return DifferentVersions<Contract>(
        history_, head.versions, wall_, [](const ContractVersion& v) { return v.updated; },
        [](const Contract& c, const ContractVersion& v) {
          return c.period == v.period && c.municipality == v.municipality && c.fixed_salary == v.fixed_salary &&
                 c.list_cap == v.list_cap && c.status == v.status;
        });
  }

  Found operator()(const DoctorPeriodState& head) const {
    if (head.last != history_.back().position) return "last position";
    const auto* period = LatestState<DoctorPeriod>(history_);
    if (head.known != (period != nullptr)) return "known";
    if (head.withdrawn != Withdrawn(history_)) return "withdrawn";
    return !period || head.latest == *period ? std::nullopt : Found("version");
  }

  Found operator()(const PatientCountState& head) const {
    if (head.last != history_.back().position) return "last position";
    if (Found absences = DifferentAbsences(history_, head.presence)) return absences;
    return DifferentVersions<PatientCount>(
        history_, head.versions, wall_, [](const CountVersion& v) { return v.counted; },
        [](const PatientCount& c, const CountVersion& v) { return c.patients == v.patients; });
  }

 private:
  [[nodiscard]] int32_t MergedInto() const {
    int32_t merged_into = 0;
    for (const KnownRecord& record : history_) {
      if (const auto* merge = std::get_if<Merge>(&record.change)) merged_into = merge->surviving_number;
    }
    return merged_into;
  }

  const EntityHistory& history_;
  const Day d_;
  const WallTime wall_;
};

Found Compare(const EntityId& entity, const EntityHistory& history, const std::optional<std::string>& stored, Day d,
              Instant t) {
  if (!stored) return "is not there";
  const auto head = DecodeHead(*stored);
  // The alternatives stand in the order of the kinds, from 1.
  if (!head.ok() || head->index() + 1 != static_cast<size_t>(entity.kind)) return "cannot be read";
  return std::visit(HeadCheck(history, d, t), *head);
}

}  // namespace

absl::Status CompareHeads(const View& view, const HistorySource& source, AuditReport& report) {
  for (const EntityKind kind :
       {EntityKind::kPerson, EntityKind::kContract, EntityKind::kDoctorPeriod, EntityKind::kPatientCount}) {
    const absl::Status walked = source.Each(kind, [&](int64_t id, const EntityHistory& history) {
      const EntityId entity{kind, id};
      const auto stored = view.Get(Family::kHeads, EntityKey(entity));
      if (!stored.ok()) return stored.status();
      ++report.heads_compared;
      const Found different = Compare(entity, history, *stored, report.reference_day, report.instant);
      if (!different) return absl::OkStatus();
      ++report.difference_count;
      if (report.heads.size() < kMaxDifferences) report.heads.push_back({entity, *different});
      return absl::OkStatus();
    });
    if (!walked.ok()) return walked;
  }
  return absl::OkStatus();
}

}  // namespace flosync
