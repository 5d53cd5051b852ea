// Doctors: who leaves a list, who dies or is suspended, who takes a list over.
#include <algorithm>
#include <cmath>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

// The share of agreements of doctors of this age that end in a month. Assumed, so that 7 % end in a year (report on the
// GP service in Northern Norway: 7.3 % nationally).
double LeavingEachMonth(int age) {
  if (age < 40) return 0.0050;
  if (age <= 60) return 0.0028;
  return age < 67 ? 0.0055 : 0.0230;
}

constexpr Quantile kNewUnder40[] = {{0.0, 29.0}, {0.4, 32.0}, {0.8, 36.0}, {1.0, 39.999}};
constexpr Quantile kNewFrom40[] = {{0.0, 40.0}, {0.8, 50.0}, {0.97, 60.0}, {1.0, 66.0}};

}  // namespace

std::vector<std::int32_t> Planner::ChooseLeavers() {
  constexpr Day kShortestAgreement = 150;
  const Census census = Count(world_, until_);
  const double oldest = census.gps > 0 ? static_cast<double>(census.aged_67) / static_cast<double>(census.gps) : 0;
  const double too_many = std::max(oldest, 0.01) / targets_.aged_67_share;
  const double retiring = too_many * too_many * too_many;
  std::int64_t spare_doubles = static_cast<std::int64_t>(census.staffed.size()) - census.gps -
                               std::llround(targets_.lists_staffed() - targets_.gps);
  std::vector<std::int32_t> leavers;
  for (const std::int32_t index : census.staffed) {
    const List& list = world_.lists[static_cast<std::size_t>(index)];
    if (world_.periods[static_cast<std::size_t>(list.gp_period)].from > after_ - kShortestAgreement) continue;
    const Person& gp = world_.persons[static_cast<std::size_t>(list.gp)];
    const int age = AgeAt(gp, until_);
    double leaving = LeavingEachMonth(age) * kGroupProfiles[world_.AreaOf(list).group].turnover_factor;
    if (age >= 67) leaving = std::min(0.5, leaving * std::clamp(retiring, 0.2, 3.0));
    if (gp.planned_lists > 1 && spare_doubles > 0 && random_.Chance(0.3)) {
      leaving = 1.0;
      --spare_doubles;
    }
    if (random_.Chance(leaving)) leavers.push_back(index);
  }
  return leavers;
}

// Deaths, suspensions and ended approvals among GPs. FLO ends the agreement afterwards.
void Planner::Strike(std::vector<std::int32_t>& leavers) {
  const Rates& rates = options_.rates;
  const std::array<double, 3> per_month = {rates.gp_deaths_per_month, rates.gp_suspensions_per_month,
                                           rates.gp_ended_approvals_per_month};
  for (std::size_t kind = 0; kind < per_month.size(); ++kind) {
    for (int i = Times(per_month[kind]); i > 0; --i) {
      const std::int32_t index = RandomList(true);
      if (index < 0) continue;
      Person& gp = world_.persons[static_cast<std::size_t>(world_.lists[static_cast<std::size_t>(index)].gp)];
      if (gp.planned_gone || gp.planned_lists > 1) continue;
      // Not in the last days, so that the agreement ends within the month as planned.
      const Day day = static_cast<Day>(random_.Between(after_ + 1, std::max(after_ + 1, until_ - 10)));
      const bool leaves = kind == 0 ? Die(index, day) : kind == 1 ? Suspend(index, day) : EndApproval(index, day);
      if (!leaves) continue;
      gp.planned_gone = true;
      struck_[world_.lists[static_cast<std::size_t>(index)].gp] = day;
      if (std::find(leavers.begin(), leavers.end(), index) == leavers.end()) leavers.push_back(index);
    }
  }
}

bool Planner::Die(std::int32_t index, Day day) {
  queue_.Add({.time = OfficeHour(day + static_cast<Day>(random_.Between(1, 6))),
              .kind = ChangeKind::kDeath,
              .entity = world_.lists[static_cast<std::size_t>(index)].gp,
              .a = day});
  return true;
}

// Half of the suspended come back and keep the list.
bool Planner::Suspend(std::int32_t index, Day day) {
  const std::int32_t gp = world_.lists[static_cast<std::size_t>(index)].gp;
  const Day to = random_.Chance(0.5) ? kOpenEnd : day + static_cast<Day>(random_.Between(60, 400));
  queue_.Add({.time = OfficeHour(day),
              .kind = ChangeKind::kReaction,
              .entity = gp,
              .a = day,
              .b = to,
              .c = RandomReaction(true, world_.persons[static_cast<std::size_t>(gp)].planned_specialist)});
  return to == kOpenEnd;
}

// The authorisation is revoked, invalidated, renounced or ended for the records (D18).
bool Planner::EndApproval(std::int32_t index, Day day) {
  static constexpr std::array<std::int64_t, 4> kStatuses = {1, 2, 3, 99};
  queue_.Add({.time = OfficeHour(day),
              .kind = ChangeKind::kApprovalEnded,
              .entity = world_.lists[static_cast<std::size_t>(index)].gp,
              .a = day,
              .b = kStatuses[random_.Below(kStatuses.size())]});
  return true;
}

void Planner::EndGp(std::int32_t index, Day day) {
  List& list = world_.lists[static_cast<std::size_t>(index)];
  Person& gp = world_.persons[static_cast<std::size_t>(list.gp)];
  DoctorPeriod& period = world_.periods[static_cast<std::size_t>(list.gp_period)];
  period.to = std::max(day, period.from + 1);
  // The end of a dead doctor's agreement is found out afterwards.
  OsloMs time = gp.planned_gone ? OfficeHour(day + static_cast<Day>(random_.Between(0, 12))) : RegisteredBefore(day);
  const bool found_out_late = random_.Chance(options_.rates.retroactive_end_share);
  if (found_out_late) time = OfficeHour(period.to + static_cast<Day>(random_.Between(30, 120)));
  queue_.Add({.time = time, .kind = ChangeKind::kPeriodEnded, .entity = list.gp_period, .a = period.to});
  --gp.planned_lists;
  if (!gp.planned_gone && gp.planned_lists == 0 && AgeAt(gp, until_) < 58) movers_.push_back(list.gp);
  list.gp = -1;
  list.unstaffed_since = period.to;
}

void Planner::StartGp(const Vacancy& vacancy, std::int32_t person) {
  List& list = world_.lists[static_cast<std::size_t>(vacancy.list)];
  // Now and then the old and the new doctor share the list for a month.
  const bool handover =
      list.gp_period >= 0 && list.unstaffed_since == vacancy.from && random_.Chance(options_.rates.handover_share);
  if (handover) {
    DoctorPeriod& last = world_.periods[static_cast<std::size_t>(list.gp_period)];
    last.to = AddMonths(last.to, 1);
    queue_.Add({.time = OfficeHour(vacancy.from - 3),
                .kind = ChangeKind::kPeriodEnded,
                .entity = list.gp_period,
                .a = last.to});
  }
  list.gp = person;
  list.unstaffed_since = kOpenEnd;
  list.gp_period = world_.AddPeriod(vacancy.list, person, Relationship::kGp, vacancy.from, kOpenEnd);
  ++world_.persons[static_cast<std::size_t>(person)].planned_lists;
  const OsloMs time = std::max(RegisteredBefore(vacancy.from), vacancy.not_before + 16 * kMsPerHour);
  queue_.Add({.time = time, .kind = ChangeKind::kPeriodOpened, .entity = list.gp_period});
  if (random_.Chance(options_.rates.gp_not_in_hpr_per_mille / 1e3)) {
    world_.periods[static_cast<std::size_t>(list.gp_period)].hpr_number = NumberNotInHpr(list.gp_period);
  }
  const std::int32_t partner = DrawPartner(vacancy.from);
  if (partner >= 0) {
    const std::int32_t shared =
        world_.AddPeriod(vacancy.list, partner, Relationship::kSharedList, vacancy.from, kOpenEnd);
    queue_.Add({.time = time, .kind = ChangeKind::kPeriodOpened, .entity = shared});
  }
  for (const std::int32_t substitute : list.substitutes) {
    DoctorPeriod& period = world_.periods[static_cast<std::size_t>(substitute)];
    if (period.to <= vacancy.from || period.from >= vacancy.from || random_.Chance(0.3)) continue;
    period.to = vacancy.from;
    queue_.Add({.time = RegisteredBefore(vacancy.from),
                .kind = ChangeKind::kPeriodEnded,
                .entity = substitute,
                .a = period.to});
  }
}

void Planner::FillVacancies(std::vector<Vacancy> vacancies) {
  random_.Shuffle(vacancies);
  const Census census = Count(world_, until_);
  // With as many new doctors as are missing to the published number, the rest of the lists go to doctors who have one.
  const auto needed = std::llround(targets_.gps) - census.gps;
  std::int64_t second_lists = std::clamp<std::int64_t>(static_cast<std::int64_t>(vacancies.size()) - needed, 0,
                                                       static_cast<std::int64_t>(vacancies.size()));
  const double wanted_women = targets_.women_share * targets_.gps - static_cast<double>(census.women);
  const double new_doctors = static_cast<double>(static_cast<std::int64_t>(vacancies.size()) - second_lists);
  const double women = new_doctors > 0 ? std::clamp(wanted_women / new_doctors, 0.25, 0.75) : 0.5;
  for (const Vacancy& vacancy : vacancies) {
    if (second_lists > 0) {
      --second_lists;
      if (TakeSecondList(vacancy)) continue;
    }
    const std::size_t group = world_.AreaOf(world_.lists[static_cast<std::size_t>(vacancy.list)]).group;
    const double under_40 = census.agreements[group] > 0 ? static_cast<double>(census.under_40[group]) /
                                                               static_cast<double>(census.agreements[group])
                                                         : 0;
    const double young = under_40 < kGroupProfiles[group].under_40_share ? 0.93 : 0.55;
    const std::int32_t person = ChooseSuccessor(vacancy, women, young);
    if (person >= 0) StartGp(vacancy, person);
  }
}

std::int32_t Planner::ChooseSuccessor(const Vacancy& vacancy, double women, double young) {
  constexpr double kFromAnotherList = 0.12;
  if (!movers_.empty() && random_.Chance(kFromAnotherList)) {
    const std::int32_t mover = movers_.back();
    const List& list = world_.lists[static_cast<std::size_t>(vacancy.list)];
    movers_.pop_back();
    if (list.gp_period < 0 || world_.periods[static_cast<std::size_t>(list.gp_period)].person != mover) return mover;
  }
  const Sex sex = random_.Chance(women) ? Sex::kFemale : Sex::kMale;
  const bool is_young = random_.Chance(young);
  const int age = static_cast<int>(is_young ? random_.Quantiled(kNewUnder40) : random_.Quantiled(kNewFrom40));
  return DrawDoctor(world_, random_, vacancy.from, age, sex);
}

// A colleague, mostly of the same municipality, takes the list besides the own one.
bool Planner::TakeSecondList(const Vacancy& vacancy) {
  const std::int32_t area = world_.lists[static_cast<std::size_t>(vacancy.list)].area;
  const bool elsewhere = random_.Chance(options_.rates.second_list_elsewhere_share);
  std::vector<std::int32_t> colleagues;
  for (const List& list : world_.lists) {
    if ((list.area != area) != elsewhere || list.gp < 0 || !world_.ActiveAt(list, until_)) continue;
    const Person& gp = world_.persons[static_cast<std::size_t>(list.gp)];
    if (gp.planned_lists == 1 && !gp.planned_gone) colleagues.push_back(list.gp);
  }
  if (colleagues.empty()) return false;
  StartGp(vacancy, colleagues[random_.Below(colleagues.size())]);
  return true;
}

}  // namespace flosync::synthetic
