// What can be worked out about numbers not told from those told, where some are sums of others (R21).
//
// Operation: numbers are added with their true values, then the sums among them; Ranges narrows what each number can
// be, sum by sum, until nothing changes. Limitations: one sum is looked at at a time, so what only a system of several
// equations tells is not seen. Pure; not thread-safe while being built.
//
//   Deduction deduction;
//   const auto all = deduction.Add(7), staffed = deduction.Add(5), unstaffed = deduction.Add(2);
//   deduction.AddSum(all, {staffed, unstaffed}, Deduction::Holds::kAlways);
//   deduction.Ranges({true, true, false}, false)[2];  // 2 to 2: worked out
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flosync {

class Deduction {
 public:
  // No bound on that side.
  static constexpr int64_t kUnbounded = int64_t{1} << 50;
  struct Range {
    int64_t from = -kUnbounded;
    int64_t to = kUnbounded;  // included
    [[nodiscard]] bool single() const { return from == to; }
  };
  struct Sum {
    int32_t whole = 0;
    std::vector<int32_t> parts;
    bool exact = true;   // the parts make up the whole; else none of them is above it
    bool usual = false;  // where they do, it is because nothing unusual is there
  };
  // Whether parts make up their whole by definition, or where nothing unusual is there, or are no more than parts of
  // it.
  enum class Holds : uint8_t { kAlways, kUsually, kAtMost };

  // Returns the number's index. What cannot be negative is known not to be.
  int32_t Add(int64_t value, bool may_be_negative = false);
  // As the true values have it: where the parts do not make up the whole, only that none is above it, or nothing.
  void AddSum(int32_t whole, std::vector<int32_t> parts, Holds holds);

  [[nodiscard]] int32_t size() const { return static_cast<int32_t>(values_.size()); }
  [[nodiscard]] int64_t value(int32_t number) const { return values_[static_cast<size_t>(number)]; }
  // The sums that the number is in.
  [[nodiscard]] const std::vector<int32_t>& sums_of(int32_t number) const {
    return sums_of_[static_cast<size_t>(number)];
  }
  [[nodiscard]] const Sum& sum(int32_t index) const { return sums_[static_cast<size_t>(index)]; }

  // What each number can be if those of `told` are told, by number; to who relies on the usual too, or does not.
  [[nodiscard]] std::vector<Range> Ranges(const std::vector<bool>& told, bool with_usual) const;
  // What the sum by itself says of one of its numbers.
  [[nodiscard]] static Range Implied(const Sum& sum, int32_t number, const std::vector<Range>& ranges);

 private:
  std::vector<int64_t> values_;
  std::vector<bool> negative_;
  std::vector<Sum> sums_;
  std::vector<std::vector<int32_t>> sums_of_;
};

}  // namespace flosync
