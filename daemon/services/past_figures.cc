#include "daemon/services/past_figures.h"

#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

// About 10 MB each for the published definitions.
constexpr size_t kMaxAnswersKept = 4;

std::string QuestionOf(int64_t revision, const EvaluationRequest& request) {
  std::string question = Join(revision, " ", request.reference_date.epoch_days(), " ", request.known_at.ms, " ",
                              request.structure_date ? request.structure_date->ToString() : "-");
  for (const Definition* definition : request.definitions) question += " " + definition->id;
  return question;
}

}  // namespace

absl::StatusOr<PastFigures::Rows> PastFigures::Evaluate(const View& view, int64_t revision,
                                                        const EvaluationRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string question = QuestionOf(revision, request);
  for (const Answer& answer : answers_) {
    if (answer.question == question) return answer.rows;
  }
  auto evaluated = EvaluateAt(view, publication_->geography(), request);
  if (!evaluated.ok()) return evaluated.status();
  Rows rows = std::make_shared<const std::vector<IndicatorRow>>(*std::move(evaluated));
  answers_.push_front({question, rows});
  if (answers_.size() > kMaxAnswersKept) answers_.pop_back();
  return rows;
}

}  // namespace flosync
