#include "daemon/services/tokens.h"

#include <absl/strings/escaping.h>

#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr char kVersion = 1;
constexpr size_t kCheckBytes = 8;
// Nothing longer is ours; it saves the work of checking what a stranger sends.
constexpr size_t kMaxTokenBytes = 1024;

std::string CheckSum(std::string_view body) { return Sha256Hex({body}).substr(0, kCheckBytes); }

}  // namespace

std::string SealToken(TokenKind kind, std::string_view payload) {
  std::string body = KeyBuilder().Byte(kVersion).Byte(static_cast<uint8_t>(kind)).Raw(payload).Take();
  body += CheckSum(body);
  return absl::WebSafeBase64Escape(absl::string_view(body.data(), body.size()));
}

std::optional<std::string> OpenToken(TokenKind kind, std::string_view token) {
  std::string body;
  if (token.size() > kMaxTokenBytes ||
      !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &body) ||
      body.size() < 2 + kCheckBytes) {
    return std::nullopt;
  }
  const std::string check = body.substr(body.size() - kCheckBytes);
  body.resize(body.size() - kCheckBytes);
  if (check != CheckSum(body) || body[0] != kVersion || body[1] != static_cast<char>(kind)) {
    return std::nullopt;
  }
  return body.substr(2);
}

std::string WriteResumeToken(TokenKind kind, const ResumePosition& position) {
  return SealToken(kind, KeyBuilder()
                             .Text(position.epoch)
                             .Text(position.filter_hash)
                             .Number64(position.revision)
                             .Number32(position.index)
                             .Byte(position.in_initial_state ? 1 : 0)
                             .Take());
}

std::optional<ResumePosition> ReadResumeToken(TokenKind kind, std::string_view token) {
  const auto payload = OpenToken(kind, token);
  if (!payload) {
    return std::nullopt;
  }
  KeyReader reader(*payload);
  ResumePosition position;
  position.epoch = reader.Text();
  position.filter_hash = reader.Text();
  position.revision = reader.Number64();
  position.index = reader.Number32();
  position.in_initial_state = reader.Byte() != 0;
  if (position.revision < 0 || position.index < 0) {
    return std::nullopt;
  }
  return position;
}

std::string WritePageToken(TokenKind kind, std::string_view request_hash, std::string_view last_key) {
  return SealToken(kind, KeyBuilder().Text(request_hash).Raw(last_key).Take());
}

std::optional<std::string> ReadPageToken(TokenKind kind, std::string_view request_hash, std::string_view token) {
  const auto payload = OpenToken(kind, token);
  if (!payload) {
    return std::nullopt;
  }
  const size_t end = payload->find('\0');
  if (end == std::string::npos || std::string_view(*payload).substr(0, end) != request_hash) {
    return std::nullopt;
  }
  return payload->substr(end + 1);
}

}  // namespace flosync
