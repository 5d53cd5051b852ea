// What is found wrong while one record, or one element of a batch, is read (A14, F1, F8).
//
// Two kinds: a refusal, after which the record has no effect, and a doubt, with which it takes effect. A refused record
// raises one deviation, the first in the order of A14: reading goes on after a refusal, and the one that counts is
// kept.
//
//   Findings findings;
//   const Path root;
//   const Path period{&root, "periode"};
//   findings.Refuse(DeviationCode::kInvalidPeriod, period, "begins on or after its end");
//   findings.TakeNotes("person:7");  // {{kInvalidPeriod, "person:7", "periode", "begins on or after its end"}}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/deviation.h"

namespace flosync {

// Where in a record a value stands: "godkjenninger[0].periode.til". A chain of names on the stack; text is made only
// for a note. The parent must outlive it.
struct Path {
  const Path* parent = nullptr;
  std::string_view name = {};
  int index = -1;  // place in a list, -1 = not an item of one

  [[nodiscard]] std::string ToString() const;
};

class Findings {
 public:
  // `what` goes behind the field's path in reports: "is not a whole number". Never text from the record.
  void Refuse(DeviationCode code, const Path& where, std::string_view what);
  void Doubt(DeviationCode code, const Path& where, std::string_view what);

  [[nodiscard]] bool refused() const { return refusal_.has_value(); }
  // Nothing was found at all: the usual case.
  [[nodiscard]] bool empty() const { return !refusal_ && doubts_.empty(); }
  // The notes a report shows: the refusal alone, or else the doubts; identity numbers where none belong always (R24).
  // `entity` in the form of A14, empty if the record's identity could not be read. Leaves nothing behind.
  [[nodiscard]] std::vector<DeviationNote> TakeNotes(const std::string& entity);

 private:
  std::optional<DeviationNote> refusal_;
  std::vector<DeviationNote> doubts_;
};

}  // namespace flosync
