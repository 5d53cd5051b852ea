// Alerts that changed, as `flosync watch alerts` writes them.
//
//   opened  LIST_UNSTAFFED  critical  contract:900101  municipalities 0301  since 2024-03-01  1204 patients  clock
#pragma once

#include <string>
#include <string_view>

#include "client/watch.h"

#include "flosync/v1/alert_service.pb.h"

namespace flosync {

struct AlertLines {
  using Watch = client::AlertWatch;
  static constexpr std::string_view kCsvHeader =
      "step,alert_id,kind,severity,status,subject,municipalities,contract_ids,patients,since,covered,opened_at,"
      "acknowledged_by,resolved_at,detail,cause";

  [[nodiscard]] static std::string Csv(const v1::AlertUpdate& update);
  [[nodiscard]] static std::string Text(const v1::AlertUpdate& update, bool colours);
};

}  // namespace flosync
