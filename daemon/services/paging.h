// Pages of lists as AIP-158 has them. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>

#include "daemon/services/tokens.h"

namespace flosync {

// Entries a page; a request that asks for more gets `max`.
struct PageLimits {
  int32_t default_entries = 100;
  int32_t max_entries = 1000;
};

// What a request asks for: how many, and after which key; an empty key = from the beginning.
struct Page {
  int32_t entries = 0;
  std::string after_key;
};

// Puts into `page` what page_size and page_token ask for. INVALID_ARGUMENT for a negative size (INVALID_FIELD) and a
// token that is not ours or was given for another request (PAGE_TOKEN_INVALID).
[[nodiscard]] grpc::Status ReadPage(TokenKind kind, std::string_view request_hash, int32_t page_size,
                                    const std::string& page_token, const PageLimits& limits, Page& page);

}  // namespace flosync
