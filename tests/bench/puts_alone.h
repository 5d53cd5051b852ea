// The store without flosync: the entries of a register's records written again, as many at a time, each batch synced.
// What the disk and RocksDB allow to whoever keeps the same of the same records.
#pragma once

#include <cstddef>

#include "state/store/store.h"

namespace flosync::bench {

struct PutsAlone {
  double records_per_second = 0;
  double puts_per_second = 0;
  double seconds_per_commit = 0;
};

// Reads history and newest states of `from` into memory and writes them, in the order of their positions, into a store
// beside it: of every record its history entry and the state of its entity. The process ends if that fails.
[[nodiscard]] PutsAlone WriteAgain(const Store& from, size_t records_per_commit);

}  // namespace flosync::bench
