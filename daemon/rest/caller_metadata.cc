#include "daemon/rest/caller_metadata.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/services/errors.h"
#include "daemon/services/http_caller.h"

namespace flosync {

grpc::Status TellCaller(const HttpRequest& request, HttpFields& metadata) {
  for (const char* name : {"authorization", "flosync-purpose", "x-correlation-id"}) {
    for (std::string& value : request.Values(name)) {
      // The library aborts on what it cannot send.
      if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; })) {
        return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "METADATA_INVALID",
                       "Authorization, Flosync-Purpose and X-Correlation-Id take printable ASCII characters only");
      }
      metadata.emplace_back(name, std::move(value));
    }
  }
  metadata.emplace_back(kHttpKeyName, HttpKey());
  metadata.emplace_back(kHttpAddress, request.address);
  if (!request.certificate_pem.empty()) metadata.emplace_back(kHttpCertificate, request.certificate_pem);
  return grpc::Status::OK;
}

Arrival ArrivalOf(const HttpRequest& request) {
  Arrival arrival;
  const auto take = [&](const char* name) {
    const auto values = request.Values(name);
    arrival.repeated_metadata = arrival.repeated_metadata || values.size() > 1;
    return values.empty() ? std::string() : values.front();
  };
  arrival.address = request.address;
  arrival.authorization = take("authorization");
  arrival.purpose = take("flosync-purpose");
  arrival.correlation_id = take("x-correlation-id");
  arrival.certificate_pem = request.certificate_pem;
  return arrival;
}

}  // namespace flosync
