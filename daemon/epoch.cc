#include "daemon/epoch.h"

#include <random>

namespace flosync {

std::string NewEpoch() {
  std::random_device random;
  std::string epoch;
  for (int i = 0; i < 32; ++i) epoch.push_back("0123456789abcdef"[random() & 15U]);
  return epoch;
}

}  // namespace flosync
