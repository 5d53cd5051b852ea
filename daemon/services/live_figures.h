// All live figures of a View in canonical order, zeros included, a page at a time (R21).
//
// Operation: the store keeps the figures that are not empty; the frame of the day and the plan of the published
// definitions say which there are. Each page reads the areas it touches. Concurrency: one thread at a time; what the
// constructor is given outlives this.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

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
  LiveFigures(const View* view, const AreaFrame* frame, const FigurePlan* plan, FigureFilter filter);

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
  const AreaFrame* frame_;
  const FigurePlan* plan_;
  FigureFilter filter_;
  size_t area_ = 0;
  size_t entry_ = 0;
  size_t loaded_area_ = SIZE_MAX;
  std::map<std::string, Figure, std::less<>> figures_;  // of the area loaded, by key
};

}  // namespace flosync
