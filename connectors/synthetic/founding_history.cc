// How long the GPs of the first day have been on their lists, and who came before them.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

// Years an agreement has lasted, as a multiple of the median. Half of all are below 1; the mean comes to about 1.2 of
// the median as published (10 years to 8.3 in 2021).
constexpr Quantile kDurations[] = {{0.0, 0.01}, {0.1, 0.15}, {0.25, 0.43}, {0.5, 1.0},
                                   {0.75, 1.8}, {0.9, 2.6},  {1.0, 3.6}};

constexpr double kDaysPerYear = 365.25;

}  // namespace

void Planner::FoundAgreements(Day at) {
  std::array<std::vector<std::pair<int, std::size_t>>, kGroups> by_age;
  for (std::size_t i = 0; i < world_.lists.size(); ++i) {
    const List& list = world_.lists[i];
    if (list.gp < 0) continue;
    // The older the doctor the longer the agreement, but not strictly.
    const int age = AgeAt(world_.persons[static_cast<std::size_t>(list.gp)], at);
    by_age[world_.AreaOf(list).group].emplace_back(age + static_cast<int>(random_.Between(-7, 7)), i);
  }
  for (std::size_t group = 0; group < kGroups; ++group) {
    auto& lists = by_age[group];
    std::sort(lists.begin(), lists.end());
    for (std::size_t rank = 0; rank < lists.size(); ++rank) {
      const double u = (static_cast<double>(rank) + 0.5) / static_cast<double>(lists.size());
      const double years = targets_.duration_median_by_group[group] * QuantileAt(kDurations, u);
      FoundAgreement(lists[rank].second, at, at - static_cast<Day>(years * kDaysPerYear));
    }
  }
}

// The agreement of the list's GP, from about the day `wanted`: not before the scheme or the doctor's authorisation.
void Planner::FoundAgreement(std::size_t index, Day at, Day wanted) {
  const Day scheme_began = MakeDay(2001, 5, 1);
  List& list = world_.lists[index];
  const Person& gp = world_.persons[static_cast<std::size_t>(list.gp)];
  Day from = std::min(std::max({wanted, scheme_began, gp.approval_from + 30}), at - 1);
  const Day first = FirstOfMonth(from);
  if (random_.Chance(0.8) && first >= scheme_began && first > gp.approval_from) from = first;
  list.from = std::min(list.from, from);
  if (list.from < from) FoundPredecessors(index, from);
  const auto list_index = static_cast<std::int32_t>(index);
  const Day renewed = from + (at - from) / 2;
  if (at - from > 400 && random_.Chance(options_.rates.renewed_agreement_share)) {
    world_.AddPeriod(list_index, list.gp, Relationship::kGp, from, renewed);
    from = renewed;
  }
  list.gp_period = world_.AddPeriod(list_index, list.gp, Relationship::kGp, from, kOpenEnd);
  const std::int32_t partner = DrawPartner(at);
  if (partner >= 0) world_.AddPeriod(list_index, partner, Relationship::kSharedList, from, kOpenEnd);
}

// Fills the time from the contract's start to `first_end` with the doctors who have left again.
void Planner::FoundPredecessors(std::size_t index, Day first_end) {
  constexpr Day kShortest = 200;
  constexpr int kMost = 3;
  const List& list = world_.lists[index];
  Day to = first_end;
  for (int i = 0; i < kMost && to > list.from; ++i) {
    Day from = list.from;
    if (i + 1 < kMost && to - list.from > 3 * kShortest && random_.Chance(0.6)) {
      from = FirstOfMonth(static_cast<Day>(random_.Between(list.from + kShortest, to - kShortest)));
    }
    const int age = static_cast<int>(random_.Between(38, 78));
    const std::int32_t doctor =
        DrawDoctor(world_, random_, first_end, age, random_.Chance(0.35) ? Sex::kFemale : Sex::kMale);
    if (doctor < 0) return;
    world_.AddPeriod(static_cast<std::int32_t>(index), doctor, Relationship::kGp, from, to);
    to = from;
  }
}

}  // namespace flosync::synthetic
