#include "daemon/services/area_figures.h"

#include <utility>

#include <absl/strings/string_view.h>

#include "state/indicators/live_indicators.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

std::string PrefixOf(const Area& area) {
  return KeyBuilder().Byte(static_cast<uint8_t>(area.level)).Text(area.code).Take();
}

}  // namespace

AreaFigures::AreaFigures(const FigurePlan* plan) : plan_(plan) {
  const Area nowhere;
  const size_t prefix_bytes = PrefixOf(nowhere).size();
  for (const FigurePlan::Entry& entry : plan->entries()) {
    entry_of_[FigureKey(nowhere, entry).substr(prefix_bytes)] = empty_.size();
    empty_.push_back(EmptyFigure(entry));
  }
}

absl::StatusOr<AreaFigures::Figures> AreaFigures::Of(const View& view, int64_t revision, const Area& area) {
  std::string prefix = PrefixOf(area);
  {
    const std::lock_guard lock(mutex_);
    const auto found = areas_.find(prefix);
    if (revision == revision_ && found != areas_.end()) return found->second;
  }
  auto figures = Read(view, prefix);
  if (!figures.ok()) return figures;
  const std::lock_guard lock(mutex_);
  if (revision > revision_) {
    areas_.clear();
    revision_ = revision;
  }
  if (revision == revision_) areas_.emplace(std::move(prefix), *figures);
  return figures;
}

absl::StatusOr<AreaFigures::Figures> AreaFigures::Read(const View& view, std::string_view prefix) const {
  std::vector<Figure> figures = empty_;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kCells, prefix, [&](std::string_view key, std::string_view value) {
    // What is no figure of the plan is not live any more.
    const std::string_view figure = key.substr(prefix.size());
    const auto entry = entry_of_.find(absl::string_view(figure.data(), figure.size()));
    if (entry == entry_of_.end()) return true;
    const auto stored = ParseStored<store::v1::StoredFigure>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    figures[entry->second] = ReadFigure(*stored);
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return std::make_shared<const std::vector<Figure>>(std::move(figures));
}

}  // namespace flosync
