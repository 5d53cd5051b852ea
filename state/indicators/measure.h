// What a measure is: how it counts a list, a GP on a list, or a doctor in an area (A5, A7).
//
// A measure is one file in measures/ and one line in the catalogue. It adds to cells with a sign, +1 to count a fact
// and -1 to take it back, so the same code serves the live figures, which move by differences, and snapshots, which
// count from nothing. Measures have no state; any thread may use them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/indicators/list_facts.h"

namespace flosync {

// Exact running value of one breakdown in one area; a plain count has its number in the numerator.
struct Cell {
  int64_t numerator = 0;
  int64_t denominator = 0;
  bool operator==(const Cell&) const = default;
};

// How a cell becomes a row (A7).
enum class MeasureKind : uint8_t { kCount, kPercent, kPer10000 };

// The cells of one measure in one area: what a measure adds to.
class MeasureCells {
 public:
  virtual ~MeasureCells() = default;
  virtual void Add(int breakdown, int64_t numerator, int64_t denominator) = 0;
};

class Measure {
 public:
  virtual ~Measure() = default;
  [[nodiscard]] virtual std::string_view id() const = 0;
  // The definition its figures are published under (A10), e.g. "gp-statistics/1.0".
  [[nodiscard]] virtual std::string_view definition() const = 0;
  [[nodiscard]] virtual MeasureKind kind() const = 0;
  // In the order of the indexes given to Add.
  [[nodiscard]] virtual const std::vector<std::string>& breakdowns() const = 0;

  // Once per active list.
  virtual void CountList(const ListFacts& /*list*/, int /*sign*/, MeasureCells& /*cells*/) const {}
  // Once per agreement: a GP on a list (R10).
  virtual void CountAgreement(const ListFacts& /*list*/, const GpFacts& /*gp*/, int /*sign*/,
                              MeasureCells& /*cells*/) const {}
  // Once per area for a doctor with at least one agreement there (R14, unique_doctor).
  virtual void CountDoctor(const GpFacts& /*gp*/, int /*sign*/, MeasureCells& /*cells*/) const {}
};

// Every measure, in the order of their ids (A3).
[[nodiscard]] const std::vector<const Measure*>& Measures();

// Age bands (R13): <40, 40–60 both included, >60, and 67 and over.
[[nodiscard]] inline bool Under40(const GpFacts& gp) { return gp.age && *gp.age < 40; }
[[nodiscard]] inline bool From40To60(const GpFacts& gp) { return gp.age && *gp.age >= 40 && *gp.age <= 60; }
[[nodiscard]] inline bool Over60(const GpFacts& gp) { return gp.age && *gp.age > 60; }
[[nodiscard]] inline bool From67(const GpFacts& gp) { return gp.age && *gp.age >= 67; }

}  // namespace flosync
