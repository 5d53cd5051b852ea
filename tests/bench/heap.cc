// By the allocator of the daemon and of flosync_bench; the processes beside it have another.
#include <jemalloc/jemalloc.h>

#include <cstddef>
#include <cstdint>

#include "tests/bench/measuring.h"

namespace flosync::bench {

int64_t HeapBytes() {
  // Its figures are those of the last epoch.
  uint64_t epoch = 1;
  size_t size = sizeof epoch;
  mallctl("epoch", &epoch, &size, &epoch, size);
  size_t allocated = 0;
  size = sizeof allocated;
  mallctl("stats.allocated", &allocated, &size, nullptr, 0);
  return static_cast<int64_t>(allocated);
}

}  // namespace flosync::bench
