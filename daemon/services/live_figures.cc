#include "daemon/services/live_figures.h"

#include <utility>

#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {

std::string LiveFigure::Key() const {
  return CellKey(static_cast<uint8_t>(area->level), area->code, measure->id(),
                 measure->breakdowns()[static_cast<size_t>(breakdown)]);
}

LiveFigures::LiveFigures(const View* view, const AreaFrame* frame, FigureFilter filter)
    : view_(view), frame_(frame), filter_(std::move(filter)) {
  Settle();
}

LiveFigure LiveFigures::Current() const {
  return {&frame_->areas()[area_], Measures()[measure_], static_cast<int>(breakdown_), {}};
}

void LiveFigures::Settle() {
  for (; area_ < frame_->areas().size(); ++area_, measure_ = 0, breakdown_ = 0) {
    const Area& area = frame_->areas()[area_];
    if (!filter_.MatchesArea(area.level, area.code)) continue;
    for (; measure_ < Measures().size(); ++measure_, breakdown_ = 0) {
      const Measure& measure = *Measures()[measure_];
      if (!filter_.MatchesMeasure(measure)) continue;
      for (; breakdown_ < measure.breakdowns().size(); ++breakdown_) {
        if (filter_.MatchesBreakdown(measure.breakdowns()[breakdown_])) return;
      }
    }
  }
}

void LiveFigures::StartAfter(std::string_view key) {
  area_ = measure_ = breakdown_ = 0;
  Settle();
  // The byte order of keys is canonical order.
  while (!done() && Current().Key() <= key) {
    ++breakdown_;
    Settle();
  }
}

absl::Status LiveFigures::LoadArea() {
  if (loaded_area_ == area_) return absl::OkStatus();
  const Area& area = frame_->areas()[area_];
  cells_.clear();
  absl::Status failed;
  const std::string prefix = KeyBuilder().Byte(static_cast<uint8_t>(area.level)).Text(area.code).Take();
  absl::Status walked = view_->Each(Family::kCells, prefix, [&](std::string_view key, std::string_view value) {
    const auto stored = ParseStored<store::v1::StoredCell>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    cells_[std::string(key)] = {stored->numerator(), stored->denominator()};
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
    if (const auto it = cells_.find(figure.Key()); it != cells_.end()) figure.cell = it->second;
    figures.push_back(figure);
    ++breakdown_;
    Settle();
  }
  return figures;
}

}  // namespace flosync
