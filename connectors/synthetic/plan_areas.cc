// Municipalities: a new structure or population moves lists to new numbers and decides where lists are missing.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

void Planner::EnterEra(Day until) {
  while (era_ + 1 < eras_.size()) {
    const MunicipalityEra& next = eras_[era_ + 1];
    if (static_cast<Day>(next.from.time_since_epoch().count()) > until) return;
    std::vector<Area> areas = AreasOf(next, Count(world_, until).lists());
    MoveListsTo(next, std::move(areas));
    ++era_;
  }
}

namespace {

// Where the lists of each old area may go: the same number, or its successors, or nowhere in particular.
std::vector<std::vector<std::int32_t>> Destinations(const std::vector<Area>& old_areas,
                                                    const std::vector<Area>& new_areas, const MunicipalityEra& era) {
  std::map<std::int16_t, std::int32_t> by_number;
  for (std::size_t i = 0; i < new_areas.size(); ++i) by_number[new_areas[i].number] = static_cast<std::int32_t>(i);
  std::multimap<std::int16_t, std::int32_t> successors;
  for (const auto& [from, to] : era.successors) {
    const auto found = by_number.find(static_cast<std::int16_t>(std::atoi(to.c_str())));
    if (found == by_number.end()) continue;
    successors.emplace(static_cast<std::int16_t>(std::atoi(from.c_str())), found->second);
  }
  std::vector<std::vector<std::int32_t>> destinations(old_areas.size());
  for (std::size_t i = 0; i < old_areas.size(); ++i) {
    const auto same = by_number.find(old_areas[i].number);
    if (same != by_number.end()) {
      destinations[i].push_back(same->second);
      continue;
    }
    const auto [first, last] = successors.equal_range(old_areas[i].number);
    for (auto it = first; it != last; ++it) destinations[i].push_back(it->second);
  }
  return destinations;
}

}  // namespace

void Planner::MoveListsTo(const MunicipalityEra& era, std::vector<Area> areas) {
  const Day start = static_cast<Day>(era.from.time_since_epoch().count());
  const auto destinations = Destinations(world_.areas, areas, era);
  std::vector<std::int32_t> missing(areas.size());
  std::vector<std::int32_t> everywhere(areas.size());
  for (std::size_t i = 0; i < areas.size(); ++i) {
    missing[i] = areas[i].wanted_lists;
    everywhere[i] = static_cast<std::int32_t>(i);
  }
  const auto by_missing = [&](std::int32_t a, std::int32_t b) {
    return missing[static_cast<std::size_t>(a)] < missing[static_cast<std::size_t>(b)];
  };
  struct Move {
    std::int32_t list;
    std::int32_t area;
    bool divided;  // the municipality has several successors
  };
  std::vector<Move> moves;
  // Lists that know where they go come first; the others then fill what is left.
  for (const bool known : {true, false}) {
    for (std::size_t i = 0; i < world_.lists.size(); ++i) {
      const List& list = world_.lists[i];
      const auto& choices = destinations[static_cast<std::size_t>(list.area)];
      if (choices.empty() == known) continue;
      const auto& from = known ? choices : everywhere;
      const std::int32_t target = *std::max_element(from.begin(), from.end(), by_missing);
      if (world_.ActiveAt(list, start)) --missing[static_cast<std::size_t>(target)];
      moves.push_back({.list = static_cast<std::int32_t>(i), .area = target, .divided = choices.size() > 1});
    }
  }
  const Rates& rates = options_.rates;
  for (const auto& [index, target, divided] : moves) {
    List& list = world_.lists[static_cast<std::size_t>(index)];
    const std::int16_t number = areas[static_cast<std::size_t>(target)].number;
    const bool renumbered = number != world_.AreaOf(list).number;
    list.area = target;
    if (!renumbered || list.to <= start) continue;
    // The new numbers are written in the first night; a few are forgotten until January's working days, or for good.
    if (random_.Chance(divided ? rates.divided_undecided_share : rates.never_renumbered_per_mille / 1e3)) continue;
    const OsloMs night = OsloMidnight(start) + random_.Between(kMsPerMinute, 5 * kMsPerHour);
    const OsloMs time = random_.Chance(rates.renumbered_late_share)
                            ? OfficeHour(start + static_cast<Day>(random_.Between(2, 30)))
                            : night;
    queue_.Add({.time = time, .kind = ChangeKind::kListRenumbered, .entity = index, .a = number});
  }
  world_.areas = std::move(areas);
}

std::vector<std::int32_t> Planner::MissingByArea() const {
  std::vector<std::int32_t> missing(world_.areas.size());
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = world_.areas[i].wanted_lists;
  for (const List& list : world_.lists) {
    if (world_.ActiveAt(list, until_)) --missing[static_cast<std::size_t>(list.area)];
  }
  return missing;
}

}  // namespace flosync::synthetic
