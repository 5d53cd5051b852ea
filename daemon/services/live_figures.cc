#include "daemon/services/live_figures.h"

#include <utility>

#include "state/indicators/live_indicators.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"

namespace flosync {

std::string LiveFigure::Key() const { return FigureKey(*area, *entry); }

LiveFigures::LiveFigures(const View* view, const AreaFrame* frame, const FigurePlan* plan, FigureFilter filter)
    : view_(view), frame_(frame), plan_(plan), filter_(std::move(filter)) {
  Settle();
}

LiveFigure LiveFigures::Current() const { return {&frame_->areas()[area_], &plan_->entries()[entry_], {}}; }

void LiveFigures::Settle() {
  for (; area_ < frame_->areas().size(); ++area_, entry_ = 0) {
    const Area& area = frame_->areas()[area_];
    if (!filter_.MatchesArea(area.level, area.code)) continue;
    for (; entry_ < plan_->entries().size(); ++entry_) {
      const FigurePlan::Entry& entry = plan_->entries()[entry_];
      if (entry.measure->ExistsAt(area.level, entry.breakdown) &&
          filter_.MatchesFigure(entry.definition->id, entry.measure->id(), entry.breakdown_name())) {
        return;
      }
    }
  }
}

void LiveFigures::StartAfter(std::string_view key) {
  area_ = entry_ = 0;
  Settle();
  // The byte order of keys is canonical order.
  while (!done() && Current().Key() <= key) {
    ++entry_;
    Settle();
  }
}

absl::Status LiveFigures::LoadArea() {
  if (loaded_area_ == area_) return absl::OkStatus();
  const Area& area = frame_->areas()[area_];
  figures_.clear();
  absl::Status failed;
  const std::string prefix = KeyBuilder().Byte(static_cast<uint8_t>(area.level)).Text(area.code).Take();
  absl::Status walked = view_->Each(Family::kCells, prefix, [&](std::string_view key, std::string_view value) {
    const auto stored = ParseStored<store::v1::StoredFigure>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    figures_[std::string(key)] = ReadFigure(*stored);
    return true;
  });
  if (!walked.ok()) return walked;
  if (failed.ok()) loaded_area_ = area_;
  return failed;
}

absl::StatusOr<std::vector<LiveFigure>> LiveFigures::Next(size_t limit) {
  std::vector<LiveFigure> figures;
  while (!done() && figures.size() < limit) {
    if (absl::Status loaded = LoadArea(); !loaded.ok()) return loaded;
    LiveFigure figure = Current();
    const auto it = figures_.find(figure.Key());
    figure.figure = it == figures_.end() ? EmptyFigure(*figure.entry) : it->second;
    figures.push_back(std::move(figure));
    ++entry_;
    Settle();
  }
  return figures;
}

}  // namespace flosync
