#include "state/snapshots/pairs.h"

#include <set>

namespace flosync {

void Pairs::Count(const Key& key, int sign, CellTable& cells) const {
  const auto found = pairs_.find(key);
  if (found == pairs_.end()) return;
  const Pair& pair = found->second;
  cells.CountPair(key.first, pair.placement, pair.lists_at_start > 0, pair.lists_at_end > 0, sign);
}

void Pairs::Join(const OfList& list, int32_t lists) {
  for (const Key& key : list.at_start) pairs_.at(key).lists_at_start += lists;
  for (const Key& key : list.at_end) pairs_.at(key).lists_at_end += lists;
}

void Pairs::Set(int64_t contract_id, const ListDescription& list, CellTable& cells) {
  OfList is;
  std::set<Key> concerned;
  const auto add = [&](int32_t doctor, const Placement& placement, std::vector<Key>& end) {
    end.emplace_back(doctor, placement.municipality);
    concerned.insert(end.back());
    pairs_[end.back()].placement = placement;
  };
  if (list.now) {
    const Placement placement = cells.frame().Place(list.now->municipality);
    for (const GpFacts& gp : list.now->gps) add(gp.doctor, placement, is.at_end);
  }
  if (!list.gps_before.empty()) {
    const Placement placement = cells.frame().Place(list.municipality_before);
    for (const int32_t doctor : list.gps_before) add(doctor, placement, is.at_start);
  }
  const auto known = lists_.find(contract_id);
  const OfList was = known == lists_.end() ? OfList{} : known->second;
  if (was == is) return;
  concerned.insert(was.at_start.begin(), was.at_start.end());
  concerned.insert(was.at_end.begin(), was.at_end.end());
  for (const Key& key : concerned) Count(key, -1, cells);
  Join(was, -1);
  Join(is, 1);
  for (const Key& key : concerned) {
    Count(key, 1, cells);
    const auto pair = pairs_.find(key);
    if (pair->second.lists_at_start == 0 && pair->second.lists_at_end == 0) pairs_.erase(pair);
  }
  lists_.insert_or_assign(contract_id, std::move(is));
}

}  // namespace flosync
