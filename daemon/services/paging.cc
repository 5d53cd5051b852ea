#include "daemon/services/paging.h"

#include <algorithm>

#include "daemon/services/errors.h"

namespace flosync {

grpc::Status ReadPage(TokenKind kind, std::string_view request_hash, int32_t page_size, const std::string& page_token,
                      const PageLimits& limits, Page& page) {
  if (page_size < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  page.entries = page_size == 0 ? limits.default_entries : std::min(page_size, limits.max_entries);
  page.after_key.clear();
  if (page_token.empty()) {
    return grpc::Status::OK;
  }
  auto key = ReadPageToken(kind, request_hash, page_token);
  if (!key) {
    return InvalidFields("PAGE_TOKEN_INVALID", {{"page_token",
                                                 "was not given by an answer to this request; leave it empty to begin "
                                                 "with the first page"}});
  }
  page.after_key = *std::move(key);
  return grpc::Status::OK;
}

}  // namespace flosync
