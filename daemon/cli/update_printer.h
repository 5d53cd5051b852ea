// Prints updates of figures, one line each.
//
//   2024-03-01 10:15:02 +01:00  0301 Oslo  gp_specialist_share.all  61.5 % (8/13) → 69.2 % (9/13)  hpr.person/0/17
#pragma once

#include <ostream>
#include <string>

#include "daemon/cli/output.h"

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

class UpdatePrinter {
 public:
  // `out` must outlive this.
  UpdatePrinter(OutputFormat format, std::ostream& out, bool colours) : format_(format), out_(out), colours_(colours) {}

  // Before the first update: the header of csv.
  void Begin();
  // Update `index` of the message; `resume_token` is the position from which a reader that has this line misses
  // nothing.
  void Print(const v1::WatchIndicatorsResponse& message, int index, const std::string& resume_token);

 private:
  void PrintForPeople(const v1::IndicatorUpdate& update);
  void PrintJson(const v1::WatchIndicatorsResponse& message, int index, const std::string& resume_token);
  void PrintCsv(const v1::WatchIndicatorsResponse& message, const v1::IndicatorUpdate& update);

  const OutputFormat format_;
  std::ostream& out_;
  const bool colours_;
};

}  // namespace flosync
