#include "daemon/security/key_download.h"

#include <curl/curl.h>

#include <memory>
#include <mutex>

#include "daemon/security/signing_key.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr long kConnectTimeoutMs = 3'000;
constexpr long kTimeoutMs = 5'000;
constexpr long kHttpOk = 200;

size_t Take(const char* bytes, size_t size, size_t count, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (text.size() + size * count > kMostKeySetBytes) return 0;  // ends the transfer
  text.append(bytes, size * count);
  return size * count;
}

bool IsLocal(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    const std::string_view rest = url.substr(host.size());
    if (rest.empty() || rest.front() == ':' || rest.front() == '/') return rest.find('@') == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool IsKeyUrl(std::string_view text) {
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) return false;
  return (text.starts_with("https://") && text.size() > 8) || IsLocal(text);
}

absl::StatusOr<std::string> DownloadKeys(const std::string& url) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  if (!IsKeyUrl(url)) return absl::InvalidArgumentError("keys come from https:// only, or http:// on this machine");
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return absl::UnavailableError("libcurl does not start");
  std::string text;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, url.starts_with("https://") ? "https" : "http");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &text);
  const CURLcode done = curl_easy_perform(curl.get());
  if (done != CURLE_OK) {
    return absl::UnavailableError(Join("cannot fetch ", url, " (", curl_easy_strerror(done), "); check the address"));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != kHttpOk) return absl::UnavailableError(Join(url, " answered ", status, "; check the address"));
  return text;
}

}  // namespace flosync
