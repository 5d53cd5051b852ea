// Random histories of a small register, full of what makes histories hard: records that are late, equal, older or in
// conflict, deletions and returns, merges, chains and cycles, timestamps that go back. A dozen lists, as many doctors.
//
//   Dice dice(seed);
//   std::vector<DecodedRecord> sent = RandomRecords(dice);
//   std::vector<DecodedRecord> read = Shuffled(sent, dice);
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "domain/decoded_record.h"

namespace flosync {

// Draws everything; the same seed gives the same history.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int64_t Between(int64_t low, int64_t high) {
    const auto span = static_cast<uint64_t>(high - low + 1);
    return low + static_cast<int64_t>(engine_() % span);
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }
  template <typename T, size_t N>
  const T& Of(const std::array<T, N>& values) {
    return values[static_cast<size_t>(Between(0, static_cast<int64_t>(N) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

// The records of one history, in the order sent; one change each.
[[nodiscard]] std::vector<DecodedRecord> RandomRecords(Dice& dice);
// An order of reading: each partition's own order, partitions up to some records behind each other.
[[nodiscard]] std::vector<DecodedRecord> Shuffled(std::vector<DecodedRecord> sent, Dice& dice);

}  // namespace flosync
