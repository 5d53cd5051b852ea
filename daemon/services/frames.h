// The areas of a day, made once and shared; and every area code there ever was.
//
// Thread-safe. The geography must outlive this.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "domain/day.h"
#include "state/geography/geography.h"

namespace flosync {

class Frames {
 public:
  explicit Frames(const Geography* geography) : geography_(geography) {}
  ~Frames() = default;
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  // The frame that live figures have on this day.
  [[nodiscard]] std::shared_ptr<const AreaFrame> Of(Day d);
  // Some frame that the tables know, of the past or the future, has an area with this code. A stream's filter may name
  // such an area, for it stays valid when the structure changes.
  [[nodiscard]] bool EverHad(std::string_view area_code);

 private:
  const Geography* geography_;
  std::mutex mutex_;
  Day day_;
  std::shared_ptr<const AreaFrame> frame_;
  std::set<std::string, std::less<>> all_codes_;
};

}  // namespace flosync
