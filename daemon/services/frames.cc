#include "daemon/services/frames.h"

#include <algorithm>

namespace flosync {
namespace {

// Live figures of an earlier day stand in the first structure of the tables (LiveIndicators).
const Day kFirstStructureDate(2015, 1, 1);

}  // namespace

std::shared_ptr<const AreaFrame> Frames::Of(Day d) {
  const std::lock_guard lock(mutex_);
  if (!frame_ || day_ != d) {
    // The structure date is never before the tables begin, so there is always a frame.
    frame_ = std::make_shared<const AreaFrame>(geography_->Frame(std::max(d, kFirstStructureDate), d.year()).value());
    day_ = d;
  }
  return frame_;
}

bool Frames::EverHad(std::string_view area_code) {
  const std::lock_guard lock(mutex_);
  if (all_codes_.empty()) {
    for (Day d = kFirstStructureDate; d != Day::Max(); d = geography_->NextStructureChange(d)) {
      const AreaFrame frame = geography_->Frame(d, d.year()).value();
      for (const Area& area : frame.areas()) all_codes_.insert(area.code);
    }
  }
  return all_codes_.contains(area_code);
}

}  // namespace flosync
