// Figures of a reference date out of the register's history, as an instant knew them (R20).
//
// Operation: every question evaluates the whole register, which takes about a second of a national one; the last few
// answers are kept, so that pages of one question are cut from one evaluation. Thread-safe; one evaluates at a time.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "daemon/publication.h"
#include "state/snapshots/evaluate.h"

namespace flosync {

class PastFigures {
 public:
  using Rows = std::shared_ptr<const std::vector<IndicatorRow>>;

  // Must outlive this.
  explicit PastFigures(const Publication* publication) : publication_(publication) {}
  PastFigures(const PastFigures&) = delete;
  PastFigures& operator=(const PastFigures&) = delete;
  ~PastFigures() = default;

  // Every row in canonical order. `revision` is that of the view. OUT_OF_RANGE for a structure date that the tables do
  // not cover.
  [[nodiscard]] absl::StatusOr<Rows> Evaluate(const View& view, int64_t revision, const EvaluationRequest& request);

 private:
  struct Answer {
    std::string question;
    Rows rows;
  };

  const Publication* publication_;
  std::mutex mutex_;
  std::list<Answer> answers_;  // the latest first
};

}  // namespace flosync
