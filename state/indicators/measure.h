// What a measure is: how it counts a list, a GP, an agreement, a municipality, or a pair at both ends of a year (A5,
// A7).
//
// A measure is one file in measures/ and one line in the catalogue. It adds to cells with a sign, +1 to count a fact
// and -1 to take it back, so the same code serves the live figures, which move by differences, snapshots, which count
// from nothing, and explanations, which write down who counted. Measures have no state; any thread may use them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/geography/geography.h"
#include "state/indicators/definition.h"
#include "state/indicators/list_facts.h"
#include "state/indicators/observations.h"

namespace flosync {

// How a cell becomes a row (A7).
enum class MeasureKind : uint8_t {
  kCount,
  kPercent,
  kPer10000,
  kPer100,
  kMeanPersons,
  kMedianPersons,
  kMeanYears,    // the cell holds minus the sum of first days, so that it does not change from day to day
  kMedianYears,  // observes first days
  kMedianPer100,
  kHundredthDays,  // the cell holds days × percentage
};

// Exact running value of one breakdown in one area; a plain count has its number in the numerator.
struct Cell {
  int64_t numerator = 0;
  int64_t denominator = 0;
  bool operator==(const Cell&) const = default;
};

// The cells of one measure in one area: what a measure adds to.
class MeasureCells {
 public:
  virtual ~MeasureCells() = default;
  virtual void Add(int breakdown, int64_t numerator, int64_t denominator) = 0;
  // Adds an observation of a median, or takes it away if `sign` is negative.
  virtual void Observe(int breakdown, Ratio value, int sign) = 0;
};

// A GP as the unit of the definition counts one in an area: one agreement, or all of a doctor's agreements there (R14).
struct CountedGp {
  const GpFacts* gp = nullptr;
  Day began;                  // of the latest of the agreements (D6)
  bool equalisation = false;  // one of them gives right to the equalisation grant (D10)
};

// What is true of one municipality: the sums of its lists.
struct MunicipalityFacts {
  std::optional<int32_t> population;  // G3
  int64_t agreements = 0;
  int64_t specialist_agreements = 0;
  int64_t patients = 0;
  int64_t lists_counted = 0;  // lists with a known patient count
  int64_t free_places = 0;    // of staffed lists with count and cap (D4)
  bool operator==(const MunicipalityFacts&) const = default;
};

class Measure {
 public:
  virtual ~Measure() = default;
  [[nodiscard]] std::string_view id() const { return id_; }
  // Sorted; Add and Observe are given indexes into it.
  [[nodiscard]] const std::vector<std::string>& breakdowns() const { return breakdowns_; }
  [[nodiscard]] virtual MeasureKind kind(int /*breakdown*/) const { return kind_; }
  // Whether there are rows of the breakdown at the level (A5).
  [[nodiscard]] virtual bool ExistsAt(Level /*level*/, int /*breakdown*/) const { return true; }
  // Looks back over a quarter or a year: answered for any date, but no live figure.
  [[nodiscard]] virtual bool windowed() const { return false; }

  // Once per active list.
  virtual void CountList(const ListFacts& /*list*/, int /*sign*/, MeasureCells& /*cells*/) const {}
  // Once per agreement: a GP on a list (R10).
  virtual void CountAgreement(const GpFacts& /*gp*/, int /*sign*/, MeasureCells& /*cells*/) const {}
  // Once per GP in an area, by the unit of the definition (R14).
  virtual void CountGp(const CountedGp& /*gp*/, const Definition& /*definition*/, int /*sign*/,
                       MeasureCells& /*cells*/) const {}
  // Once per municipality, in the nation, its county and its group.
  virtual void CountMunicipality(const MunicipalityFacts& /*municipality*/, int /*sign*/,
                                 MeasureCells& /*cells*/) const {}
  // Once per (doctor, municipality) that was there a year before d or is there at d (C2–C4).
  virtual void CountPair(bool /*at_start*/, bool /*at_end*/, int /*sign*/, MeasureCells& /*cells*/) const {}

 protected:
  Measure(std::string id, MeasureKind kind, std::vector<std::string> breakdowns)
      : id_(std::move(id)), kind_(kind), breakdowns_(std::move(breakdowns)) {}

 private:
  std::string id_;
  MeasureKind kind_;
  std::vector<std::string> breakdowns_;
};

// Every measure, in the order of their ids (A3).
[[nodiscard]] const std::vector<const Measure*>& Measures();
// nullptr if there is none.
[[nodiscard]] const Measure* FindMeasure(std::string_view id);

// "percent", "per_10000", "per_100", "count", "persons", "years" or "days" (A7).
[[nodiscard]] std::string_view UnitOf(MeasureKind kind);

// Age bands (R13): <40, 40–60 both included, >60, and 67 and over.
[[nodiscard]] inline bool Under40(const GpFacts& gp) { return gp.age && *gp.age < 40; }
[[nodiscard]] inline bool From40To60(const GpFacts& gp) { return gp.age && *gp.age >= 40 && *gp.age <= 60; }
[[nodiscard]] inline bool Over60(const GpFacts& gp) { return gp.age && *gp.age > 60; }
[[nodiscard]] inline bool From67(const GpFacts& gp) { return gp.age && *gp.age >= 67; }

// D10: a municipality with fewer than 5 000 inhabitants whose lists have fewer than 1 200 patients on average.
[[nodiscard]] bool EqualisationApplies(const MunicipalityFacts& municipality);

}  // namespace flosync
