// All live figures of a View in canonical order, zeros included, a page at a time (R21).
//
// Operation: the frame of the day and the plan of the published definitions say which there are; each page takes the
// areas it touches from AreaFigures. Concurrency: one thread at a time; what the constructor is given outlives this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "daemon/services/area_figures.h"
#include "daemon/services/figure_filter.h"
#include "state/geography/geography.h"
#include "state/indicators/figure.h"
#include "state/store/store.h"

namespace flosync {

struct LiveFigure {
  const Area* area = nullptr;
  const FigurePlan::Entry* entry = nullptr;
  Figure figure;
  // Its place in canonical order.
  [[nodiscard]] std::string Key() const;
};

class LiveFigures {
 public:
  // `revision` is that of the view.
  LiveFigures(const View* view, int64_t revision, const AreaFrame* frame, AreaFigures* areas, FigureFilter filter);

  // Begins after the figure with this key, whether or not there still is one.
  void StartAfter(std::string_view key);
  // The next figures that match, at most `limit`. Errors are those of the store.
  [[nodiscard]] absl::StatusOr<std::vector<LiveFigure>> Next(size_t limit);
  // No figure that matches is left.
  [[nodiscard]] bool done() const { return area_ == frame_->areas().size(); }

 private:
  // Moves on to a figure that matches, from the one it stands on if that does.
  void Settle();
  [[nodiscard]] absl::Status LoadArea();
  [[nodiscard]] LiveFigure Current() const;

  const View* view_;
  const int64_t revision_;
  const AreaFrame* frame_;
  const FigurePlan* plan_;
  AreaFigures* areas_;
  FigureFilter filter_;
  size_t area_ = 0;
  size_t entry_ = 0;
  size_t loaded_area_ = SIZE_MAX;
  AreaFigures::Figures figures_;  // of the area loaded
};

}  // namespace flosync
