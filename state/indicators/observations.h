// A bag of exact numbers that knows its median (R17).
//
// Two halves are kept in order, so that adding and taking away cost the logarithm of the size. Not thread-safe.
#pragma once

#include <cstdint>
#include <utility>

#include <absl/container/btree_set.h>

namespace flosync {

// An exact quotient; the denominator is positive. Equality and order are those of the numbers: 1/2 and 2/4 are one.
struct Ratio {
  int64_t numerator = 0;
  int64_t denominator = 1;
};
[[nodiscard]] inline bool operator<(const Ratio& a, const Ratio& b) {
  return static_cast<__int128>(a.numerator) * b.denominator < static_cast<__int128>(b.numerator) * a.denominator;
}

class Observations {
 public:
  void Add(Ratio value);
  // Takes one equal value away, which must be there.
  void Remove(Ratio value);
  [[nodiscard]] int64_t size() const { return static_cast<int64_t>(low_.size() + high_.size()); }
  // The middle two, which are the same one where the number is odd. Call only if there are any.
  [[nodiscard]] std::pair<Ratio, Ratio> Middle() const;

 private:
  void Balance();

  // As many in each, or one more in the lower half.
  absl::btree_multiset<Ratio> low_;
  absl::btree_multiset<Ratio> high_;
};

}  // namespace flosync
