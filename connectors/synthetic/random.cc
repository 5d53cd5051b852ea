#include "connectors/synthetic/random.h"

namespace flosync::synthetic {

double QuantileAt(std::span<const Quantile> table, double u) {
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (u > table[i].u) continue;
    const double width = table[i].u - table[i - 1].u;
    const double part = width > 0 ? (u - table[i - 1].u) / width : 1.0;
    return table[i - 1].value + part * (table[i].value - table[i - 1].value);
  }
  return table.back().value;
}

std::uint64_t Mix(std::uint64_t seed, std::uint64_t value) {
  // The finaliser of splitmix64.
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL * (value + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::size_t Random::Weighted(std::span<const double> weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double rest = Uniform() * total;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    if (rest < weights[i]) return i;
    rest -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace flosync::synthetic
