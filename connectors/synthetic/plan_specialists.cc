// Speciality 7426/1: approved to so many GPs that the published shares hold in each municipality group, in Oslo and
// Nordland, and among those under 40.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

constexpr std::size_t kBands = 2;  // under 40, the rest
constexpr std::size_t kCells = kGroups * kSpecials;

// Agreements of one cell, that is one municipality group in Oslo, in Nordland or in the rest of the country.
struct Cell {
  std::array<std::int64_t, kBands> agreements{};
  std::array<std::int64_t, kBands> specialists{};
  std::array<std::vector<std::int32_t>, kBands> others{};  // persons without the speciality
  std::array<std::vector<std::int32_t>, kBands> holders{};
  std::array<double, kBands> wanted{};

  [[nodiscard]] double size() const { return static_cast<double>(agreements[0] + agreements[1]); }
};
using Cells = std::array<Cell, kCells>;

Cells CountCells(const World& world, Day day) {
  Cells cells;
  for (const List& list : world.lists) {
    if (list.gp < 0 || !world.ActiveAt(list, day)) continue;
    const Area& area = world.AreaOf(list);
    Cell& cell = cells[area.group * kSpecials + area.special];
    const Person& gp = world.persons[static_cast<std::size_t>(list.gp)];
    const std::size_t band = AgeAt(gp, day) < 40 ? 0 : 1;
    ++cell.agreements[band];
    if (gp.planned_specialist) ++cell.specialists[band];
    (gp.planned_specialist ? cell.holders : cell.others)[band].push_back(list.gp);
  }
  return cells;
}

// Within a month approvals come day by day, but most leavers and newcomers on the first, so the share is highest on the
// last day and lowest on the first; half of the swing is taken off.
constexpr double kHalfMonthlySwing = 0.0017;

// The two largest groups take up what the published groups and the published nation do not agree on; in the small ones
// a few doctors are a whole point.
constexpr std::size_t kFirstAdjustedGroup = 3;

// The share wanted in each cell: Oslo's and Nordland's own, and for the rest of a group what makes the group right.
std::array<double, kCells> WantedShares(const Cells& cells, const Targets& targets) {
  std::array<double, kGroups> group_size{};
  double nation = 0;
  double adjusted = 0;
  double specialists = 0;
  for (std::size_t i = 0; i < kCells; ++i) group_size[i / kSpecials] += cells[i].size();
  for (std::size_t group = 0; group < kGroups; ++group) {
    nation += group_size[group];
    if (group >= kFirstAdjustedGroup) adjusted += group_size[group];
    specialists += group_size[group] * targets.specialist_share_by_group[group];
  }
  const double shift = adjusted > 0 ? (targets.specialist_share * nation - specialists) / adjusted : 0;
  double nordland = 0;
  double nordland_specialists = 0;
  for (std::size_t group = 0; group < kGroups; ++group) {
    const double size = cells[group * kSpecials + 2].size();
    nordland += size;
    nordland_specialists += size * targets.specialist_share_by_group[group];
  }
  const double nordland_shift = nordland > 0 ? targets.specialist_share_nordland - nordland_specialists / nordland : 0;
  std::array<double, kCells> shares{};
  for (std::size_t group = 0; group < kGroups; ++group) {
    const double share =
        targets.specialist_share_by_group[group] + (group >= kFirstAdjustedGroup ? shift : 0) - kHalfMonthlySwing;
    double special = 0;
    for (std::size_t kind = 1; kind < kSpecials; ++kind) {
      const std::size_t i = group * kSpecials + kind;
      shares[i] = kind == 1 ? targets.specialist_share_oslo : targets.specialist_share_by_group[group] + nordland_shift;
      special += shares[i] * cells[i].size();
    }
    const double rest = cells[group * kSpecials].size();
    if (rest > 0) shares[group * kSpecials] = std::clamp((share * group_size[group] - special) / rest, 0.0, 1.0);
  }
  return shares;
}

// Splits each cell's specialists between the age bands: those under 40 in proportion to the cell's share, national
// total as published, the others take the rest.
void SplitByAge(Cells& cells, const std::array<double, kCells>& shares, double share_under_40) {
  constexpr double kMostOfBand = 0.97;
  double young = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    young += static_cast<double>(cells[i].agreements[0]);
    weighted += shares[i] * static_cast<double>(cells[i].agreements[0]);
  }
  const double factor = weighted > 0 ? share_under_40 * young / weighted : 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    Cell& cell = cells[i];
    const auto band = [&](std::size_t b) { return static_cast<double>(cell.agreements[b]); };
    cell.wanted[0] = std::min(band(0) * shares[i] * factor, band(0));
    cell.wanted[1] = std::min(shares[i] * cell.size() - cell.wanted[0], kMostOfBand * band(1));
  }
}

}  // namespace

// On 1 January the oldest leave the band of those under 40. Were they specialists as often as their experience
// suggests, the band's share would fall that night, so every other one of them waits.
void Planner::PutLastThoseNearly40(std::vector<std::int32_t>& persons, Day day) const {
  std::stable_partition(persons.begin(), persons.end(), [&](std::int32_t person) {
    return person % 2 == 0 || AgeAt(world_.persons[static_cast<std::size_t>(person)], day) < 38;
  });
}

void Planner::AlignSpecialists(Day after, Day until, bool founding) {
  constexpr Day kShortestTraining = 4 * 365;
  constexpr std::int64_t kTolerated = 1;
  static constexpr std::array<std::int64_t, 4> kEndStatuses = {99, 3, 1, 2};
  static constexpr std::array<double, 4> kEndWeights = {50, 35, 12, 3};
  const Targets targets = TargetsAt(until);
  Cells cells = CountCells(world_, until);
  SplitByAge(cells, WantedShares(cells, targets), targets.specialist_share_under_40);
  double carried = 0;  // what rounding leaves over goes to the next cell of the group
  for (std::size_t i = 0; i < kCells; ++i) {
    if (i % kSpecials == 0) carried = 0;
    Cell& cell = cells[i];
    for (std::size_t band = 0; band < kBands; ++band) {
      carried += cell.wanted[band];
      const auto wanted = std::llround(carried);
      carried -= static_cast<double>(wanted);
      std::int64_t missing = wanted - cell.specialists[band];
      // One too few must be as common as one too many, or the shares of small cells would drift upwards.
      if (!founding && missing == 1 && random_.Chance(0.5)) missing = 0;
      random_.Shuffle(cell.others[band]);
      if (band == 0) PutLastThoseNearly40(cell.others[band], until);
      for (const std::int32_t person : cell.others[band]) {
        if (missing <= 0) break;
        const Person& gp = world_.persons[static_cast<std::size_t>(person)];
        if (gp.planned_specialist || gp.planned_gone || gp.approval_from > until - kShortestTraining) continue;
        Approve(person, after, until, founding);
        missing -= gp.planned_lists;
      }
      // Where there are too many the next ones to leave will right it; only a wide gap makes approvals lapse.
      random_.Shuffle(cell.holders[band]);
      for (std::size_t k = 0; !founding && missing < -kTolerated && k < cell.holders[band].size(); ++k, ++missing) {
        const std::int32_t person = cell.holders[band][k];
        const Day day = static_cast<Day>(random_.Between(after + 1, until - 1));
        world_.persons[static_cast<std::size_t>(person)].planned_specialist = false;
        queue_.Add({.time = OfficeHour(day),
                    .kind = ChangeKind::kGpSpecialityEnded,
                    .entity = person,
                    .a = day,
                    .b = kEndStatuses[random_.Weighted(kEndWeights)]});
      }
    }
  }
}

// Since March 2017 the approval lasts five years at a time; older ones without an end are still valid.
void Planner::Approve(std::int32_t index, Day after, Day until, bool founding) {
  constexpr int kYears = 5;
  const Day new_rules = MakeDay(2017, 3, 1);
  Person& person = world_.persons[static_cast<std::size_t>(index)];
  person.planned_specialist = true;
  if (!founding) {
    const Day day = static_cast<Day>(random_.Between(after + 1, until - 1));
    queue_.Add({.time = OfficeHour(day + static_cast<Day>(random_.Between(0, 2))),
                .kind = ChangeKind::kGpSpeciality,
                .entity = index,
                .a = day,
                .b = AddYears(day, kYears)});
    return;
  }
  const Day earliest = person.approval_from + 4 * 365;
  const Day latest = std::min(earliest + 8 * 365, until - 30);
  person.gp_speciality_from = static_cast<Day>(random_.Between(std::min(earliest, latest), latest));
  if (person.gp_speciality_from < new_rules && random_.Chance(0.6)) return;
  Day to = AddYears(person.gp_speciality_from, kYears);
  for (int years = 2 * kYears; to <= until + 20; years += kYears) to = AddYears(person.gp_speciality_from, years);
  person.gp_speciality_to = to;
}

void Planner::PlanRenewals(Day after, Day until) {
  constexpr Day kAhead = 60;
  for (std::size_t i = 0; i < world_.persons.size(); ++i) {
    Person& person = world_.persons[i];
    if (person.gp_speciality_from == kNever || person.planned_renewal || person.deleted || person.replaced_by != 0)
      continue;
    if (person.gp_speciality_to <= after || person.gp_speciality_to > until + kAhead) continue;
    if (person.death != kNever || person.planned_gone || person.speciality_end_status != 0) continue;
    person.planned_renewal = true;
    if (random_.Chance(person.planned_lists > 0 ? options_.rates.lapsed_renewal_share : 0.15)) {
      person.planned_specialist = false;  // forgotten: it lapses on its own, no record tells (R9)
      continue;
    }
    const Day earliest = after + 1;
    const Day day = static_cast<Day>(random_.Between(earliest, std::max(earliest, person.gp_speciality_to - 4)));
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kGpSpecialityRenewed,
                .entity = static_cast<std::int32_t>(i),
                .a = AddYears(person.gp_speciality_to, 5)});
  }
}

}  // namespace flosync::synthetic
