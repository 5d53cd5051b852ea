#include "tests/support/plain_model.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace flosync {
namespace {

struct KnownChange {
  Position position;
  const RegisterChange* change = nullptr;  // of the records read, which outlive the answer
};
using EntityHistory = std::vector<KnownChange>;  // in the order of position
using Histories = std::map<EntityId, EntityHistory>;

// Every change that was known before K, by entity, in the order of position (B9, E3, E4, R6).
Histories Gather(const std::vector<DecodedRecord>& read, Instant known_at) {
  struct Partition {
    int64_t last_offset = -1;
    Instant effective = Instant::Min();
  };
  std::map<std::pair<Topic, int32_t>, Partition> partitions;
  Histories histories;
  for (const DecodedRecord& record : read) {
    if (!record.topic) continue;
    Partition& partition = partitions[{*record.topic, record.partition}];
    if (record.offset <= partition.last_offset) continue;
    partition.last_offset = record.offset;
    partition.effective = std::max(partition.effective, record.timestamp);
    if (partition.effective >= known_at) continue;
    for (const DecodedChange& c : record.changes) {
      const Position position{partition.effective, *record.topic, record.partition, record.offset, c.index};
      histories[EntityOf(c.change)].push_back({position, &c.change});
    }
  }
  for (auto& [entity, history] : histories) {
    std::sort(history.begin(), history.end(),
              [](const KnownChange& a, const KnownChange& b) { return a.position < b.position; });
  }
  return histories;
}

struct VersionOf {
  std::optional<WallTime> operator()(const Person& p) const { return p.updated; }
  std::optional<WallTime> operator()(const Contract& c) const { return c.updated; }
  std::optional<WallTime> operator()(const DoctorPeriod& p) const { return p.updated; }
  std::optional<WallTime> operator()(const PatientCount& c) const { return c.counted; }
  std::optional<WallTime> operator()(const Deletion& /*d*/) const { return std::nullopt; }
  std::optional<WallTime> operator()(const Merge& /*m*/) const { return std::nullopt; }
};

// Deleted at `after`, back with the state of `until` (E1, E2).
struct Gone {
  Instant after;
  std::optional<Instant> until;
};

std::vector<Gone> Absences(const EntityHistory& history) {
  std::vector<Gone> gone;
  std::optional<WallTime> newest;
  for (const KnownChange& known : history) {
    const bool away = !gone.empty() && !gone.back().until;
    if (std::holds_alternative<Deletion>(*known.change)) {
      if (!away) gone.push_back({known.position.known_from, std::nullopt});
      continue;
    }
    const auto version = std::visit(VersionOf{}, *known.change);
    if (!version || (newest && *version < *newest)) continue;
    newest = version;
    if (away) gone.back().until = known.position.known_from;
  }
  return gone;
}

bool AbsentAt(const EntityHistory& history, Instant t) {
  for (const Gone& g : Absences(history)) {
    if (g.after < t && (!g.until || t <= *g.until)) return true;
  }
  return false;
}

// The state with the greatest (version, position); nothing if there is none.
template <typename State>
const State* Latest(const EntityHistory& history) {
  const State* latest = nullptr;
  for (const KnownChange& known : history) {
    const auto* state = std::get_if<State>(known.change);
    if (state && (!latest || VersionOf{}(*state) >= VersionOf{}(*latest))) latest = state;
  }
  return latest;
}

// The state with the greatest version before `wall`; nothing if there is none (R7).
template <typename State>
const State* Before(const EntityHistory& history, WallTime wall) {
  const State* best = nullptr;
  for (const KnownChange& known : history) {
    const auto* state = std::get_if<State>(known.change);
    if (state && VersionOf{}(*state) < wall && (!best || VersionOf{}(*state) >= VersionOf{}(*best))) best = state;
  }
  return best;
}

const Contract* Earliest(const EntityHistory& history) {
  const Contract* best = nullptr;
  for (const KnownChange& known : history) {
    const auto* state = std::get_if<Contract>(known.change);
    if (state && (!best || state->updated <= best->updated)) best = state;
  }
  return best;
}

bool SuspendedBy(const std::vector<Reaction>& reactions, Day d) {
  return std::any_of(reactions.begin(), reactions.end(), [d](const Reaction& r) {
    return (r.type == "1" || r.type == "5" || r.type == "8") && r.period.Contains(d);
  });
}

bool InOneOf(const std::vector<Period>& periods, Day d) {
  return std::any_of(periods.begin(), periods.end(), [d](const Period& p) { return p.Contains(d); });
}

// D18: whether an ended status takes an item away for every day.
bool EndedAway(const std::string& status, const Period& period, Day version_day) {
  if (status == "2") return true;
  if (status != "1" && status != "3") return false;
  if (period.to == Day::Max()) return true;
  const Day last_day = period.to.Plus(-1);
  return !(last_day <= version_day);
}

// R11.
bool IsSpecialist(const Person& person, Day d) {
  if (person.death && *person.death <= d) return false;
  if (SuspendedBy(person.reactions, d)) return false;
  const Day version_day = person.updated.day();
  for (const Approval& a : person.approvals) {
    if (a.type == "3" || a.type == "99") continue;
    if (!a.period.Contains(d) || EndedAway(a.ended_status, a.period, version_day)) continue;
    if (SuspendedBy(a.reactions, d) || InOneOf(a.suspensions, d)) continue;
    for (const Speciality& s : a.specialities) {
      if (s.code != "1" || (s.code_system != "7426" && !s.code_system.empty())) continue;
      if (!s.period.Contains(d) || EndedAway(s.ended_status, s.period, version_day)) continue;
      if (SuspendedBy(s.reactions, d) || InOneOf(s.suspensions, d)) continue;
      return true;
    }
  }
  return false;
}

// R16: one year later, 28 February for 29 February.
Day OneYearAfter(Day day) {
  const bool leap_day = day.month() == 2 && day.day_of_month() == 29;
  return {day.year() + 1, day.month(), leap_day ? 28 : day.day_of_month()};
}

struct PlainDoctor {
  bool specialist = false;
  Sex sex = Sex::kUnknown;
  std::optional<int> age;
};

struct PlainList {
  std::string municipality;
  int64_t patients = 0;
  bool over_1y = false;
  std::set<int32_t> doctors;
};

class Answer {
 public:
  Answer(const std::vector<DecodedRecord>& read, const AreaFrame& frame, const PlainQuestion& question)
      : frame_(frame),
        d_(question.d),
        t_(question.t),
        wall_(ToOslo(question.t)),
        histories_(Gather(read, question.known_at)) {
    for (const auto& [entity, history] : histories_) {
      if (entity.kind != EntityKind::kDoctorPeriod) continue;
      const auto* period = Latest<DoctorPeriod>(history);
      const std::vector<Gone> gone = Absences(history);
      const bool withdrawn = !gone.empty() && !gone.back().until;
      if (period && !withdrawn && period->relationship == "LPFL") regular_.push_back(period);
    }
  }

  PlainCells Count() {
    for (const auto& [entity, history] : histories_) {
      if (entity.kind != EntityKind::kContract) continue;
      if (const auto list = ListOf(entity.id, history)) CountList(*list);
    }
    for (const auto& [area, doctors] : doctors_in_area_) {
      for (const int32_t doctor : doctors) CountDoctor(area, Describe(doctor));
    }
    std::erase_if(cells_, [](const auto& entry) { return entry.second == PlainCell{}; });
    return std::move(cells_);
  }

 private:
  [[nodiscard]] const EntityHistory& HistoryOf(EntityKind kind, int64_t id) const {
    static const EntityHistory none;
    const auto it = histories_.find({kind, id});
    return it == histories_.end() ? none : it->second;
  }

  // The number that `number` is an alias of at t, 0 if none (R5, E7, E10).
  [[nodiscard]] int32_t AliasOf(int32_t number) const {
    const EntityHistory& history = HistoryOf(EntityKind::kPerson, number);
    if (AbsentAt(history, t_)) return 0;
    const auto* person = Latest<Person>(history);
    if (person && person->replaced_by != 0) return person->replaced_by;
    for (auto it = history.rbegin(); it != history.rend(); ++it) {
      if (const auto* merge = std::get_if<Merge>(it->change)) return merge->surviving_number;
    }
    return 0;
  }
  [[nodiscard]] bool OnCycle(int32_t number) const {
    std::set<int32_t> seen;
    for (int32_t next = AliasOf(number); next != 0 && seen.insert(next).second; next = AliasOf(next)) {
      if (next == number) return true;
    }
    return false;
  }
  // E8: aliases on a cycle are ignored, one that leads into a cycle stands.
  [[nodiscard]] int32_t SurvivorOf(int32_t number) const {
    while (AliasOf(number) != 0 && !OnCycle(number)) number = AliasOf(number);
    return number;
  }

  // E9, D16.
  [[nodiscard]] PlainDoctor Describe(int32_t number) const {
    const EntityHistory& history = HistoryOf(EntityKind::kPerson, number);
    const auto* person = Latest<Person>(history);
    if (!person || AbsentAt(history, t_)) return {};
    PlainDoctor doctor{IsSpecialist(*person, d_), person->sex, std::nullopt};
    if (person->birth_year) doctor.age = d_.year() - *person->birth_year;
    return doctor;
  }

  // D1, R7, R10, R16; nothing if the list is not active.
  [[nodiscard]] std::optional<PlainList> ListOf(int64_t id, const EntityHistory& history) const {
    const auto* newest = Latest<Contract>(history);
    if (!newest || !newest->period.Contains(d_) || AbsentAt(history, t_)) return std::nullopt;
    const auto* in_force = Before<Contract>(history, wall_);
    PlainList list;
    list.municipality = (in_force ? in_force : Earliest(history))->municipality;
    const EntityHistory& counts = HistoryOf(EntityKind::kPatientCount, id);
    const auto* count = AbsentAt(counts, t_) ? nullptr : Before<PatientCount>(counts, wall_);
    if (count) list.patients = count->patients;
    Day unstaffed_since = newest->period.from;
    for (const DoctorPeriod* period : regular_) {
      if (period->contract_id != id) continue;
      if (period->period.Contains(d_)) list.doctors.insert(SurvivorOf(period->hpr_number));
      if (period->period.to <= d_) unstaffed_since = std::max(unstaffed_since, period->period.to);
    }
    list.over_1y = list.doctors.empty() && d_ > OneYearAfter(unstaffed_since);
    return list;
  }

  // R15: the nation always; county, group and municipality where the number leads to one.
  [[nodiscard]] std::vector<std::string> AreasOf(const std::string& municipality) const {
    const Placement placement = frame_.Place(municipality);
    std::vector<std::string> areas = {"NO"};
    for (const int32_t index : {placement.county, placement.group, placement.municipality}) {
      if (index >= 0) areas.push_back(frame_.areas()[static_cast<size_t>(index)].code);
    }
    return areas;
  }

  void Add(const std::string& area, const std::string& measure, const std::string& breakdown, int64_t numerator,
           int64_t denominator) {
    PlainCell& cell = cells_[area + " " + measure + " " + breakdown];
    cell.numerator += numerator;
    cell.denominator += denominator;
  }

  void CountList(const PlainList& list) {
    const bool unstaffed = list.doctors.empty();
    for (const std::string& area : AreasOf(list.municipality)) {
      Add(area, "list_count", "all", 1, 0);
      Add(area, "list_count", unstaffed ? "unstaffed" : "staffed", 1, 0);
      if (list.over_1y) Add(area, "list_count", "unstaffed_over_1y", 1, 0);
      Add(area, "list_unstaffed_share", "all", unstaffed ? 1 : 0, 1);
      Add(area, "persons_listed", "all", list.patients, 0);
      if (unstaffed) Add(area, "persons_listed", "on_unstaffed", list.patients, 0);
      if (list.over_1y) Add(area, "persons_listed", "on_unstaffed_over_1y", list.patients, 0);
      Add(area, "gps_per_10000_listed", "all", 0, list.patients);
      for (const int32_t number : list.doctors) {
        CountAgreement(area, Describe(number));
        doctors_in_area_[area].insert(number);
      }
    }
  }

  // R14: the share counts agreements.
  void CountAgreement(const std::string& area, const PlainDoctor& doctor) {
    const int64_t specialist = doctor.specialist ? 1 : 0;
    Add(area, "gp_specialist_share", "all", specialist, 1);
    if (!doctor.age) return;
    const char* band = *doctor.age < 40 ? "lt40" : *doctor.age <= 60 ? "40_60" : "gt60";
    Add(area, "gp_specialist_share", band, specialist, 1);
  }

  // R14: the other two count unique doctors in the area.
  void CountDoctor(const std::string& area, const PlainDoctor& doctor) {
    Add(area, "gps_per_10000_listed", "all", 1, 0);
    std::vector<std::string> sexes = {"all"};
    if (doctor.sex == Sex::kMale) sexes.emplace_back("male");
    if (doctor.sex == Sex::kFemale) sexes.emplace_back("female");
    std::vector<std::string> ages = {"all"};
    if (doctor.age) {
      ages.emplace_back(*doctor.age < 40 ? "lt40" : *doctor.age <= 60 ? "40_60" : "gt60");
      if (*doctor.age >= 67) ages.emplace_back("ge67");
    }
    for (const std::string& sex : sexes) {
      for (const std::string& age : ages) Add(area, "gp_count", sex + "." + age, 1, 0);
    }
  }

  const AreaFrame& frame_;
  const Day d_;
  const Instant t_;
  const WallTime wall_;
  const Histories histories_;
  std::vector<const DoctorPeriod*> regular_;  // LPFL periods that are not withdrawn, for every day (E1, E5)
  std::map<std::string, std::set<int32_t>> doctors_in_area_;
  PlainCells cells_;
};

}  // namespace

PlainCells CountPlainly(const std::vector<DecodedRecord>& in_read_order, const AreaFrame& frame,
                        const PlainQuestion& question) {
  return Answer(in_read_order, frame, question).Count();
}

}  // namespace flosync
