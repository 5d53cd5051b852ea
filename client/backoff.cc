#include "client/backoff.h"

#include <algorithm>

#include "client/error_details.h"

namespace flosync::client {

using std::chrono::milliseconds;

milliseconds Backoff::Next(const grpc::Status& why) {
  constexpr milliseconds kMostAsked = std::chrono::minutes(1);
  std::uniform_int_distribution<int64_t> between(step_.count() / 2, step_.count());
  const milliseconds pause(between(random_));
  step_ = std::min(step_ * 2, kLongest);
  const milliseconds asked = ReadErrorDetails(why).retry_after.value_or(milliseconds(0));
  return std::max(pause, std::min(asked, kMostAsked));
}

bool MayPass(const grpc::Status& why) {
  if (why.error_code() == grpc::StatusCode::UNAVAILABLE) return true;
  return why.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && ReadErrorDetails(why).retry_after.has_value();
}

}  // namespace flosync::client
