// Updates of figures as `flosync watch` writes them.
//
//   0301 Oslo  gp_specialist_share.all  61.5 % (8/13) → 69.2 % (9/13)  hpr.person/0/17
#pragma once

#include <string>
#include <string_view>

#include "client/watch.h"

#include "flosync/v1/common.pb.h"
#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

struct FigureLines {
  using Watch = client::IndicatorWatch;
  static constexpr std::string_view kCsvHeader =
      "reference_date,definition,level,area_code,area_name,measure,breakdown,unit,old_numerator,old_denominator,"
      "old_value,old_flags,new_numerator,new_denominator,new_value,new_flags,cause";

  [[nodiscard]] static std::string Csv(const v1::IndicatorUpdate& update);
  [[nodiscard]] static std::string Text(const v1::IndicatorUpdate& update, bool colours);
};

// Why something changed: "hpr.person/0/17", or "clock"; empty where neither is known.
template <typename Update>
[[nodiscard]] std::string CauseText(const Update& update) {
  if (!update.has_record()) return update.cause_case() == Update::kClock ? "clock" : "";
  return update.record().topic() + "/" + std::to_string(update.record().partition()) + "/" +
         std::to_string(update.record().offset());
}

}  // namespace flosync
