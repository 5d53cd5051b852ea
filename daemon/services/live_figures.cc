#include "daemon/services/live_figures.h"

#include <utility>

#include "state/indicators/live_indicators.h"

namespace flosync {

std::string LiveFigure::Key() const { return FigureKey(*area, *entry); }

LiveFigures::LiveFigures(const View* view, int64_t revision, const AreaFrame* frame, AreaFigures* areas,
                         FigureFilter filter)
    : view_(view),
      revision_(revision),
      frame_(frame),
      plan_(&areas->plan()),
      areas_(areas),
      filter_(std::move(filter)) {
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
  auto figures = areas_->Of(*view_, revision_, frame_->areas()[area_]);
  if (!figures.ok()) return figures.status();
  figures_ = *std::move(figures);
  loaded_area_ = area_;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LiveFigure>> LiveFigures::Next(size_t limit) {
  std::vector<LiveFigure> figures;
  while (!done() && figures.size() < limit) {
    if (absl::Status loaded = LoadArea(); !loaded.ok()) return loaded;
    LiveFigure figure = Current();
    figure.figure = (*figures_)[entry_];
    figures.push_back(std::move(figure));
    ++entry_;
    Settle();
  }
  return figures;
}

}  // namespace flosync
