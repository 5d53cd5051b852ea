#include "connectors/decode/findings.h"

#include <utility>

namespace flosync {
namespace {

// The order of A14 is the order of the enumerators.
static_assert(DeviationCode::kMalformedRecord < DeviationCode::kUnknownFormat);
static_assert(DeviationCode::kUnknownFormat < DeviationCode::kInvalidIdentifier);
static_assert(DeviationCode::kInvalidIdentifier < DeviationCode::kInvalidPeriod);
static_assert(DeviationCode::kInvalidPeriod < DeviationCode::kNegativeNumber);

}  // namespace

std::string Path::ToString() const {
  std::string text = parent == nullptr ? std::string() : parent->ToString();
  if (!text.empty() && !name.empty()) text.push_back('.');
  text += name;
  if (index >= 0) text += "[" + std::to_string(index) + "]";
  return text;
}

void Findings::Refuse(DeviationCode code, const Path& where, std::string_view what) {
  if (refusal_ && refusal_->code <= code) return;
  refusal_ = DeviationNote{code, "", where.ToString(), std::string(what)};
}

void Findings::Doubt(DeviationCode code, const Path& where, std::string_view what) {
  doubts_.push_back({code, "", where.ToString(), std::string(what)});
}

std::vector<DeviationNote> Findings::TakeNotes(const std::string& entity) {
  std::vector<DeviationNote> notes;
  for (DeviationNote& doubt : doubts_) {
    if (!refusal_ || doubt.code == DeviationCode::kPersonalDataReceived) notes.push_back(std::move(doubt));
  }
  if (refusal_) notes.insert(notes.begin(), std::move(*refusal_));
  for (DeviationNote& note : notes) note.entity = entity;
  refusal_.reset();
  doubts_.clear();
  return notes;
}

}  // namespace flosync
