#include "state/audit/plain_list.h"

#include <algorithm>
#include <map>
#include <set>

namespace flosync {
namespace {

using PeriodsOfContract = std::map<int64_t, std::vector<DoctorPeriod>>;

// Every doctor period that holds, by the contract it names (E1, E5).
absl::StatusOr<PeriodsOfContract> ReadPeriods(const HistorySource& source) {
  PeriodsOfContract periods;
  const absl::Status walked = source.Each(EntityKind::kDoctorPeriod, [&](int64_t, const EntityHistory& history) {
    const auto* period = LatestState<DoctorPeriod>(history);
    if (period && !Withdrawn(history)) periods[period->contract_id].push_back(*period);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return periods;
}

bool Among(const std::vector<std::string>& relationships, const DoctorPeriod& period) {
  return std::ranges::find(relationships, period.relationship) != relationships.end();
}

// R16, D9: the same day `years` later, 28 February for 29 February.
Day YearsAfter(Day day, int years) {
  const bool leap_day = day.month() == 2 && day.day_of_month() == 29;
  return {day.year() + years, day.month(), leap_day ? 28 : day.day_of_month()};
}

// What one list is asked with: its doctor periods under surviving numbers.
class ListReader {
 public:
  ListReader(const PlainQuestion& question, const PlainPersons& persons, const std::vector<DoctorPeriod>& periods)
      : question_(question), persons_(persons) {
    for (DoctorPeriod period : periods) {
      period.hpr_number = persons.SurvivorOf(period.hpr_number);
      periods_.push_back(std::move(period));
    }
  }

  // Who has a valid period of one of the relationships, by number (R10).
  [[nodiscard]] std::vector<PlainGp> Gps(const std::vector<std::string>& relationships) const {
    std::map<int32_t, PlainGp> gps;
    for (const DoctorPeriod& period : periods_) {
      if (!Among(relationships, period) || !Valid(period.period)) continue;
      gps[period.hpr_number] = {period.hpr_number, Began(period, relationships), persons_.Find(period.hpr_number)};
    }
    std::vector<PlainGp> out;
    for (const auto& [number, gp] : gps) out.push_back(gp);
    return out;
  }

  // R16: the later of the contract's start and the last end of an LPFL period.
  [[nodiscard]] Day UnstaffedSince(const Period& contract) const {
    Day since = contract.from;
    for (const DoctorPeriod& period : periods_) {
      if (period.relationship == "LPFL" && period.period.to <= question_.d) since = std::max(since, period.period.to);
    }
    return since;
  }

 private:
  [[nodiscard]] bool Valid(const Period& p) const { return p.from <= question_.d && question_.d < p.to; }

  // D6: as far back as the doctor's periods reach without a gap.
  [[nodiscard]] Day Began(const DoctorPeriod& present, const std::vector<std::string>& relationships) const {
    Day began = present.period.from;
    for (bool further = true; further;) {
      further = false;
      for (const DoctorPeriod& other : periods_) {
        if (other.hpr_number != present.hpr_number || !Among(relationships, other)) continue;
        if (other.period.from >= began || other.period.to < began) continue;
        began = other.period.from;
        further = true;
      }
    }
    return began;
  }

  const PlainQuestion& question_;
  const PlainPersons& persons_;
  std::vector<DoctorPeriod> periods_;
};

// Patients at t; nothing = unknown (R7, E6, E11).
absl::StatusOr<std::optional<int32_t>> ReadPatients(const HistorySource& source, int64_t contract_id, Instant t) {
  const auto history = source.Of({EntityKind::kPatientCount, contract_id});
  if (!history.ok()) return history.status();
  const auto* count = AbsentAt(*history, t) ? nullptr : StateBefore<PatientCount>(*history, ToOslo(t));
  return count ? std::optional(count->patients) : std::nullopt;
}

void DescribeStaffing(const ListReader& reader, const PlainQuestion& question, const Period& contract,
                      PlainList& list) {
  const std::vector<PlainGp> regular = reader.Gps({"LPFL"});
  list.staffed = !regular.empty();
  list.unstaffed_over_1y = !list.staffed && question.d > YearsAfter(reader.UnstaffedSince(contract), 1);
  list.young_agreement =
      std::ranges::any_of(regular, [&](const PlainGp& gp) { return question.d < YearsAfter(gp.began, 2); });
  list.gps = reader.Gps(question.counted_relationships);
}

}  // namespace

absl::StatusOr<std::vector<PlainList>> ReadLists(const HistorySource& source, const PlainQuestion& question) {
  auto periods = ReadPeriods(source);
  if (!periods.ok()) return periods.status();
  std::set<int32_t> numbers;
  for (const auto& [contract_id, of_contract] : *periods) {
    for (const DoctorPeriod& period : of_contract) numbers.insert(period.hpr_number);
  }
  const auto persons = PlainPersons::Read(source, numbers, question.d, question.t);
  if (!persons.ok()) return persons.status();
  std::vector<PlainList> lists;
  const absl::Status walked = source.Each(EntityKind::kContract, [&](int64_t id, const EntityHistory& history) {
    const auto* newest = LatestState<Contract>(history);
    if (!newest || newest->period.from > question.d || newest->period.to <= question.d) return absl::OkStatus();
    if (AbsentAt(history, question.t)) return absl::OkStatus();
    const auto* before = StateBefore<Contract>(history, ToOslo(question.t));
    const Contract& in_force = before ? *before : *EarliestContract(history);
    const auto patients = ReadPatients(source, id, question.t);
    if (!patients.ok()) return patients.status();
    PlainList list;
    list.contract_id = id;
    list.municipality = in_force.municipality;
    list.fixed_salary = in_force.fixed_salary;
    list.list_cap = in_force.list_cap;
    list.patients = *patients;
    const ListReader reader(question, *persons, (*periods)[id]);
    DescribeStaffing(reader, question, newest->period, list);
    lists.push_back(std::move(list));
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return lists;
}

}  // namespace flosync
