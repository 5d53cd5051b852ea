#include "daemon/services/frames.h"

#include <algorithm>

namespace flosync {

std::shared_ptr<const AreaFrame> Frames::Of(Day d) {
  const std::lock_guard lock(mutex_);
  if (!frame_ || day_ != d) {
    // As live figures have it: a structure date that the tables cover, so there is always a frame.
    const Day structure_date = std::max(geography_->StructureDateOf(d), kFirstStructureDate);
    frame_ = std::make_shared<const AreaFrame>(geography_->Frame(structure_date, d.year()).value());
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
