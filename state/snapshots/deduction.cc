#include "state/snapshots/deduction.h"

#include <algorithm>
#include <utility>

namespace flosync {
namespace {

// Real tables are done after a few; more would only narrow less, never wrongly.
constexpr int kMostPasses = 200;

// The parts' ranges taken together.
Deduction::Range Total(const Deduction::Sum& sum, const std::vector<Deduction::Range>& ranges) {
  Deduction::Range total{0, 0};
  for (const int32_t part : sum.parts) {
    total.from += ranges[static_cast<size_t>(part)].from;
    total.to += ranges[static_cast<size_t>(part)].to;
  }
  return total;
}

// What the rest leaves for one part of an exact sum.
Deduction::Range Rest(const Deduction::Range& whole, const Deduction::Range& total, const Deduction::Range& part) {
  return {whole.from - (total.to - part.to), whole.to - (total.from - part.from)};
}

// Narrows what is known of some of the numbers by one sum after another, and names those that were narrowed.
class Narrowing {
 public:
  explicit Narrowing(std::vector<Deduction::Range>& ranges) : ranges_(ranges) {}

  void BySum(const Deduction::Sum& sum, bool exact) {
    if (!exact) {
      for (const int32_t part : sum.parts) {
        Narrow(part, {-Deduction::kUnbounded, At(sum.whole).to});
        Narrow(sum.whole, {At(part).from, Deduction::kUnbounded});
      }
      return;
    }
    Deduction::Range total = Total(sum, ranges_);
    Narrow(sum.whole, total);
    for (const int32_t part : sum.parts) {
      const Deduction::Range was = At(part);
      Narrow(part, Rest(At(sum.whole), total, was));
      total.from += At(part).from - was.from;
      total.to += At(part).to - was.to;
    }
  }
  [[nodiscard]] std::vector<int32_t> TakeNarrowed() { return std::exchange(narrowed_, {}); }

 private:
  Deduction::Range& At(int32_t number) { return ranges_[static_cast<size_t>(number)]; }
  void Narrow(int32_t number, const Deduction::Range& by) {
    Deduction::Range& range = At(number);
    if (by.from <= range.from && by.to >= range.to) return;
    range = {std::max(range.from, by.from), std::min(range.to, by.to)};
    narrowed_.push_back(number);
  }

  std::vector<Deduction::Range>& ranges_;
  std::vector<int32_t> narrowed_;
};

}  // namespace

int32_t Deduction::Add(int64_t value, bool may_be_negative) {
  values_.push_back(value);
  negative_.push_back(may_be_negative);
  sums_of_.emplace_back();
  return size() - 1;
}

void Deduction::AddSum(int32_t whole, std::vector<int32_t> parts, Holds holds) {
  int64_t total = 0;
  bool below = true;
  for (const int32_t part : parts) {
    total += value(part);
    below = below && value(part) <= value(whole) && !negative_[static_cast<size_t>(part)];
  }
  const bool exact = holds != Holds::kAtMost && total == value(whole);
  if (parts.empty() || (!exact && !below)) return;
  const auto index = static_cast<int32_t>(sums_.size());
  sums_of_[static_cast<size_t>(whole)].push_back(index);
  for (const int32_t part : parts) sums_of_[static_cast<size_t>(part)].push_back(index);
  sums_.push_back({whole, std::move(parts), exact, holds == Holds::kUsually});
}

std::vector<Deduction::Range> Deduction::Ranges(const std::vector<bool>& told, bool with_usual) const {
  std::vector<Range> ranges(values_.size());
  for (size_t i = 0; i < values_.size(); ++i) {
    if (!negative_[i]) ranges[i].from = 0;
    if (told[i]) ranges[i] = {values_[i], values_[i]};
  }
  std::vector<bool> due(sums_.size(), true);
  Narrowing narrowing(ranges);
  for (int pass = 0; pass < kMostPasses && std::ranges::find(due, true) != due.end(); ++pass) {
    for (size_t i = 0; i < sums_.size(); ++i) {
      if (!due[i]) continue;
      narrowing.BySum(sums_[i], sums_[i].exact && (with_usual || !sums_[i].usual));
      due[i] = false;
      for (const int32_t number : narrowing.TakeNarrowed()) {
        for (const int32_t sum : sums_of(number)) due[static_cast<size_t>(sum)] = true;
      }
    }
  }
  return ranges;
}

Deduction::Range Deduction::Implied(const Sum& sum, int32_t number, const std::vector<Range>& ranges) {
  const auto at = [&ranges](int32_t of) { return ranges[static_cast<size_t>(of)]; };
  if (sum.exact) {
    const Range total = Total(sum, ranges);
    return number == sum.whole ? total : Rest(at(sum.whole), total, at(number));
  }
  if (number != sum.whole) return {-kUnbounded, at(sum.whole).to};
  Range range;
  for (const int32_t part : sum.parts) range.from = std::max(range.from, at(part).from);
  return range;
}

}  // namespace flosync
