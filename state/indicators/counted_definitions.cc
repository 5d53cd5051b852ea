#include "state/indicators/counted_definitions.h"

#include <string_view>

#include "domain/text.h"
#include "state/store/keys.h"

namespace flosync {

absl::StatusOr<std::set<std::string>> ReadCountedDefinitions(const View& view) {
  const auto noted = view.Get(Family::kMeta, kDefinitionsKey);
  if (!noted.ok()) return noted.status();
  std::set<std::string> ids;
  if (noted->has_value()) {
    for (const std::string_view id : Split(**noted, '\n')) ids.emplace(id);
    return ids;
  }
  const absl::Status walked = view.Each(Family::kCells, "", [&ids](std::string_view key, std::string_view) {
    ids.insert(DefinitionOfCell(key));
    return true;
  });
  if (!walked.ok()) return walked;
  return ids;
}

CountedDefinitions::CountedDefinitions(const Definitions* definitions) {
  for (const Definition* definition : definitions->published()) published_.insert(definition->id);
}

absl::Status CountedDefinitions::Load(const View& view) {
  auto counted = ReadCountedDefinitions(view);
  if (!counted.ok()) return counted.status();
  counted_ = *std::move(counted);
  for (const std::string& id : counted_) {
    if (!published_.contains(id)) dropped_[id] = 0;
  }
  if (dropped_.empty()) return absl::OkStatus();
  return view.Each(Family::kCells, "", [this](std::string_view key, std::string_view) {
    const auto it = dropped_.find(DefinitionOfCell(key));
    if (it == dropped_.end()) return true;
    ++it->second;
    orphans_.emplace_back(key);
    return true;
  });
}

void CountedDefinitions::Write(Batch& batch) {
  if (!Changed()) return;
  for (const std::string& key : orphans_) batch.Delete(Family::kCells, key);
  orphans_.clear();
  counted_ = published_;
  std::string ids;
  for (const std::string& id : counted_) ids += Join(ids.empty() ? "" : "\n", id);
  batch.Put(Family::kMeta, kDefinitionsKey, ids);
}

}  // namespace flosync
