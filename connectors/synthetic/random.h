// Random numbers that are the same on every machine.
//
// The distributions of the C++ standard library may differ between implementations; these do not. Not thread-safe: one
// generator per thread.
//
//   Random random(1);
//   random.Between(3, 5);   // 3, 4 or 5
//   random.Chance(0.25);    // true one time in four
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace flosync::synthetic {

// One point of a quantile function: a share `u` of the values is at most `value`.
struct Quantile {
  double u;
  double value;
};

// The value at share `u` (0..1), linear between the points. `table` begins with u = 0 and ends with u = 1.
[[nodiscard]] double QuantileAt(std::span<const Quantile> table, double u);

// A well-mixed number from two; used where the same person must look the same each time it is written.
[[nodiscard]] std::uint64_t Mix(std::uint64_t seed, std::uint64_t value);

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint64_t Next() { return engine_(); }
  [[nodiscard]] double Uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }  // [0, 1)
  [[nodiscard]] bool Chance(double probability) { return Uniform() < probability; }

  // A whole number in [0, bound); 0 if bound is 0.
  [[nodiscard]] std::uint64_t Below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(engine_()) * bound) >> 64);
  }

  // A whole number in [low, high]; `low` if high < low.
  [[nodiscard]] std::int64_t Between(std::int64_t low, std::int64_t high) {
    if (high <= low) return low;
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low) + 1));
  }

  // `expected` rounded up or down at random so that the mean is right.
  [[nodiscard]] int Round(double expected) {
    const int whole = static_cast<int>(expected);
    return whole + (Chance(expected - whole) ? 1 : 0);
  }

  // Index drawn with the given weights, all >= 0 and at least one > 0.
  [[nodiscard]] std::size_t Weighted(std::span<const double> weights);

  [[nodiscard]] double Quantiled(std::span<const Quantile> table) { return QuantileAt(table, Uniform()); }

  template <typename T>
  void Shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[Below(i)]);
  }

 private:
  std::mt19937_64 engine_;  // the standard fixes its output to the bit
};

}  // namespace flosync::synthetic
