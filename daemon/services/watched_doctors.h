// Doctors as WatchStream watches them (WatchDoctors). One stream's; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/container/btree_set.h>
#include <absl/status/statusor.h>

#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"
#include "state/doctors/doctor_status.h"
#include "state/store/feed_keys.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

class WatchedDoctors {
 public:
  using Request = v1::WatchDoctorsRequest;
  using Response = v1::WatchDoctorsResponse;
  static constexpr TokenKind kToken = TokenKind::kDoctorWatch;
  static constexpr std::string_view kFeedPrefix = kDoctorFeedPrefix;

  explicit WatchedDoctors(const ServiceSupport& /*support*/) {}
  [[nodiscard]] grpc::Status ReadFilter(const Request& request);
  [[nodiscard]] std::string FilterHash() const;
  void Begin(const View& /*view*/, const StoreMoment& /*moment*/) { last_number_ = 0; }
  [[nodiscard]] absl::StatusOr<bool> AddState(const View& view, Response& message);
  [[nodiscard]] absl::StatusOr<bool> AddUpdate(std::string_view stored, bool look_only, Response& message) const;

 private:
  [[nodiscard]] bool Matches(const std::optional<DoctorStatus>& status) const;

  absl::btree_set<int32_t> numbers_;  // empty = all
  bool on_contract_ = false;
  int32_t last_number_ = 0;  // of the initial state, the doctor sent last
};

}  // namespace flosync
