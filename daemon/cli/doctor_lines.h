// Doctors of whom something changed, as `flosync watch doctors` writes them.
//
//   999000011  no specialist, LPFL 900101 → specialist, LPFL 900101  hpr.person/0/17
//
// For people and in csv without the periods of specialist status and authorisation, which json has.
#pragma once

#include <string>
#include <string_view>

#include "client/watch.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

struct DoctorLines {
  using Watch = client::DoctorWatch;
  static constexpr std::string_view kCsvHeader =
      "hpr_number,old_surviving_hpr_number,old_in_hpr,old_specialist,old_authorised,old_death_date,old_contracts,"
      "new_surviving_hpr_number,new_in_hpr,new_specialist,new_authorised,new_death_date,new_contracts,cause";

  [[nodiscard]] static std::string Csv(const v1::DoctorUpdate& update);
  [[nodiscard]] static std::string Text(const v1::DoctorUpdate& update, bool colours);
};

}  // namespace flosync
