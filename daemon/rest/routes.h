// Which address asks which method: the one table that requests, the OpenAPI document and the tests go by. Pure; any
// thread.
//
// A part in braces names the field of the request that it fills, e.g. {snapshot.reference_date}; every other field is a
// parameter of the query by its name in the API.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/message.h"

namespace flosync {

struct Route {
  std::string_view path;    // "/api/v1/snapshots/{reference_date}/rows"
  std::string_view method;  // "flosync.v1.SnapshotService/ReadSnapshot"
  bool csv = false;         // also in the columns of exports
};

// Those with fewer parts in braces stand before others that match as well.
[[nodiscard]] std::span<const Route> Routes();

struct MatchedRoute {
  const Route* route = nullptr;
  HttpFields values;  // of the parts in braces, by field
};

// Nothing for a path that no method has.
[[nodiscard]] std::optional<MatchedRoute> MatchRoute(const std::vector<std::string>& segments);

}  // namespace flosync
