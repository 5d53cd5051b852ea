// The OpenAPI 3.0 document of /api/v1, made from the table of routes and from the API's own files with their comments,
// which are linked in. Pure; any thread.
#pragma once

#include <string>

namespace flosync {

// As JSON.
[[nodiscard]] std::string OpenApiDocument();

}  // namespace flosync
