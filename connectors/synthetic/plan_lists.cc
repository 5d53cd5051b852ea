// Lists: which stand empty, which are taken over, which open and close.
#include <algorithm>
#include <cmath>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

void Planner::PlanLists(Day after, Day until, Day known_from) {
  after_ = after;
  until_ = until;
  known_from_ = known_from;
  movers_.clear();
  struck_.clear();
  EnterEra(until);
  targets_ = world_.ScaledTargets(until);
  ApportionLists(world_.areas, std::llround(targets_.lists_all));
  CloseLists();
  std::vector<std::int32_t> leavers = ChooseLeavers();
  Strike(leavers);
  BalanceVacancies(std::move(leavers));
  PlanSubstitutes(until, after, false);
}

// A few unstaffed lists close each month, first where there are more lists than the inhabitants ask for.
void Planner::CloseLists() {
  constexpr double kClosedEachMonth = 0.0006;
  const Census census = Count(world_, until_);
  const auto surplus = census.lists() - std::llround(targets_.lists_all);
  std::int64_t closing =
      std::max<std::int64_t>(surplus, random_.Round(kClosedEachMonth * static_cast<double>(census.lists())));
  const std::vector<std::int32_t> missing = MissingByArea();
  std::vector<std::int32_t> candidates = census.unstaffed;
  random_.Shuffle(candidates);
  std::stable_sort(candidates.begin(), candidates.end(), [&](std::int32_t a, std::int32_t b) {
    const auto of = [&](std::int32_t i) {
      return missing[static_cast<std::size_t>(world_.lists[static_cast<std::size_t>(i)].area)] < 0;
    };
    return of(a) && !of(b);
  });
  for (const std::int32_t list : candidates) {
    if (closing-- <= 0) return;
    CloseList(list);
  }
}

void Planner::CloseList(std::int32_t index) {
  List& list = world_.lists[static_cast<std::size_t>(index)];
  list.to = std::max(AnyDay(), list.from + 1);
  queue_.Add({.time = RegisteredBefore(list.to), .kind = ChangeKind::kListClosed, .entity = index, .a = list.to});
  for (const std::int32_t substitute : list.substitutes) {
    DoctorPeriod& period = world_.periods[static_cast<std::size_t>(substitute)];
    if (period.to <= list.to || period.from >= list.to) continue;
    period.to = list.to;
    queue_.Add(
        {.time = RegisteredBefore(list.to), .kind = ChangeKind::kPeriodEnded, .entity = substitute, .a = list.to});
  }
}

// Decides how many lists lose their doctor without a successor and how many unstaffed ones are taken over, so that
// unstaffed lists, and those unstaffed for over a year, come out as published; fills the rest.
void Planner::BalanceVacancies(std::vector<std::int32_t> leavers) {
  constexpr double kLeftEmptyEachMonth = 0.0042;  // of staffed lists; assumed
  constexpr double kOpenedEmpty = 0.1;            // of new lists; assumed
  const Census census = Count(world_, until_);
  const auto rounded = [](double value) { return static_cast<std::int64_t>(std::llround(value)); };
  const std::int64_t opened = std::max<std::int64_t>(0, rounded(targets_.lists_all) - census.lists());
  const std::int64_t opened_empty = random_.Round(kOpenedEmpty * static_cast<double>(opened));
  const auto unstaffed = static_cast<std::int64_t>(census.unstaffed.size());
  const auto over_1y = static_cast<std::int64_t>(census.unstaffed_over_1y.size());
  const std::int64_t old_taken = std::max<std::int64_t>(0, over_1y - rounded(targets_.lists_unstaffed_over_1y));
  const std::int64_t base = unstaffed + opened_empty - rounded(targets_.lists_unstaffed);
  std::int64_t left_empty = random_.Round(kLeftEmptyEachMonth * static_cast<double>(census.staffed.size()));
  left_empty =
      std::clamp<std::int64_t>(std::max(left_empty, old_taken - base), 0, static_cast<std::int64_t>(leavers.size()));
  const std::int64_t taken = std::max<std::int64_t>(0, base + left_empty);
  const std::int64_t taken_old = std::min(taken, old_taken);

  std::vector<Vacancy> vacancies;
  for (const std::int32_t list :
       ChooseRestaffed(static_cast<std::size_t>(taken_old), static_cast<std::size_t>(taken - taken_old))) {
    vacancies.push_back({.list = list, .from = AnyDay(), .not_before = 0});
  }
  GroupDraw draw(world_, leavers, &GroupProfile::unstaffed_weight, false, random_);
  for (std::size_t i = 0; i < leavers.size(); ++i) {
    const std::int32_t list = draw.Next();
    const std::int32_t gp = world_.lists[static_cast<std::size_t>(list)].gp;
    const auto struck = struck_.find(gp);
    const bool successor = static_cast<std::int64_t>(i) >= left_empty;
    const Day day = struck != struck_.end()
                        ? std::min(until_, struck->second + static_cast<Day>(random_.Between(2, 12)))
                    : successor ? EffectiveDay()
                                : AnyDay();
    EndGp(list, day);
    if (successor) vacancies.push_back({.list = list, .from = day, .not_before = 0});
  }
  std::vector<std::int32_t> missing = MissingByArea();
  for (std::int64_t i = 0; i < opened; ++i) {
    const auto area = static_cast<std::size_t>(std::max_element(missing.begin(), missing.end()) - missing.begin());
    --missing[area];
    const bool staffed = i >= opened_empty;
    const std::int32_t list = OpenList(area, staffed);
    const List& made = world_.lists[static_cast<std::size_t>(list)];
    if (staffed) vacancies.push_back({.list = list, .from = made.from, .not_before = OsloMidnight(known_from_)});
  }
  FillVacancies(std::move(vacancies));
}

// Vacancies that end soon end within some months: the latest are taken over first, so that each month's remainder grows
// old at the published pace.
std::vector<std::int32_t> Planner::ChooseRestaffed(std::size_t old_lists, std::size_t young_lists) {
  const Census census = Count(world_, until_);
  std::vector<std::int32_t> old = census.unstaffed_over_1y;
  random_.Shuffle(old);
  std::vector<std::int32_t> young;
  for (const std::int32_t i : census.unstaffed) {
    if (world_.lists[static_cast<std::size_t>(i)].unstaffed_since >= AddYears(until_, -1)) young.push_back(i);
  }
  std::sort(young.begin(), young.end(), [&](std::int32_t a, std::int32_t b) {
    const auto since = [&](std::int32_t i) { return world_.lists[static_cast<std::size_t>(i)].unstaffed_since; };
    return since(a) != since(b) ? since(a) > since(b) : a < b;
  });
  std::vector<std::int32_t> chosen(old.begin(),
                                   old.begin() + static_cast<std::ptrdiff_t>(std::min(old_lists, old.size())));
  // One in four is passed over, so that some of the newest stay empty as well.
  std::vector<std::int32_t> passed_over;
  std::size_t left = young_lists;
  for (std::size_t i = 0; i < young.size() && left > 0; ++i) {
    if (random_.Chance(0.25)) {
      passed_over.push_back(young[i]);
      continue;
    }
    chosen.push_back(young[i]);
    --left;
  }
  for (std::size_t i = 0; i < passed_over.size() && left > 0; ++i, --left) chosen.push_back(passed_over[i]);
  return chosen;
}

std::int32_t Planner::OpenList(std::size_t area, bool staffed) {
  List list;
  const auto index = static_cast<std::int32_t>(world_.lists.size());
  list.id = 900'001 + index;
  list.area = static_cast<std::int32_t>(area);
  list.from = staffed ? EffectiveDay() : AnyDay();
  list.unstaffed_since = list.from;
  list.cap = static_cast<std::int32_t>(random_.Between(60, 120)) * 10;
  list.patients = static_cast<double>(random_.Between(150, 700));
  list.counted = static_cast<std::int32_t>(list.patients);
  list.fixed_salary = random_.Chance(0.2);
  // A new list joins an office of its municipality; its number is the one the office has when the list is registered.
  std::int16_t number = world_.areas[area].number;
  list.organisation_number = SyntheticOrganisationNumber(Mix(world_.seed, static_cast<std::uint64_t>(list.id)));
  for (const List& neighbour : world_.lists) {
    if (neighbour.area != list.area || neighbour.published_number == 0 || neighbour.to <= list.from) continue;
    list.organisation_number = neighbour.organisation_number;
    number = neighbour.published_number;
    if (random_.Chance(0.3)) break;
  }
  DrawListOddities(list);
  // Before anything is registered on it.
  const OsloMs time = OsloMidnight(known_from_) + random_.Between(8, 15) * kMsPerHour;
  const OsloMs era_begins = OsloMidnight(static_cast<Day>(eras_[era_].from.time_since_epoch().count()));
  const bool before_era = time < era_begins;
  if (!before_era) number = world_.areas[area].number;
  world_.lists.push_back(list);
  queue_.Add({.time = time, .kind = ChangeKind::kListOpened, .entity = index, .a = number});
  if (before_era && number != world_.areas[area].number) {
    queue_.Add({.time = era_begins + 2 * kMsPerHour,
                .kind = ChangeKind::kListRenumbered,
                .entity = index,
                .a = world_.areas[area].number});
  }
  if (list.without_count) return index;
  queue_.Add({.time = OsloMidnight(list.from) + random_.Between(6, 9) * kMsPerHour,
              .kind = ChangeKind::kCount,
              .entity = index,
              .a = list.counted,
              .b = list.from});
  return index;
}

}  // namespace flosync::synthetic
