// The (doctor, municipality) pairs of a year, and what they count for turnover and stability (C2–C4).
//
// A pair may come from several lists: it was there a year before d if one of them had the doctor then, and is there at
// d if one of them has. One list after another is set, and only the pairs it takes part in are counted anew. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>

#include "state/indicators/cell_table.h"
#include "state/snapshots/list_description.h"

namespace flosync {

class Pairs {
 public:
  // The list is so described from now on; `cells` are those of every call.
  void Set(int64_t contract_id, const ListDescription& list, CellTable& cells);

 private:
  // HPR number and area index of the municipality; ambiguous and unknown ones are the same "none" (C3).
  using Key = std::pair<int32_t, int32_t>;
  struct Pair {
    Placement placement;
    int32_t lists_at_start = 0;
    int32_t lists_at_end = 0;
  };
  // The pairs of one list, each end ascending by doctor.
  struct OfList {
    std::vector<Key> at_start;
    std::vector<Key> at_end;
    bool operator==(const OfList&) const = default;
  };

  void Count(const Key& key, int sign, CellTable& cells) const;
  // Adds or takes back the list's share in its pairs.
  void Join(const OfList& list, int32_t lists);

  absl::btree_map<Key, Pair> pairs_;
  absl::btree_map<int64_t, OfList> lists_;  // those with a pair
};

}  // namespace flosync
