// Opaque tokens: page tokens and resume tokens, which clients keep and hand back but never read.
//
// A token is base64url of a few key fields and a check sum, so that one that was cut, mixed up or made up is told from
// ours. It is no secret and grants nothing. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flosync {

// Whose token it is, so that one of another method is refused.
enum class TokenKind : uint8_t {
  kIndicatorWatch = 1,
  kIndicatorPage = 2,
  kSnapshotPage = 3,
  kPatientListPage = 4,
  kComparisonPage = 5,
  kExplanationPage = 6,
  kDoctorHistoryPage = 8,
  kDeviationPage = 9,
  kAlertPage = 10,
  kAlertWatch = 11,
  kSnapshotWatch = 12,
  kDoctorWatch = 13,
  kDoctorPage = 14,
};

[[nodiscard]] std::string SealToken(TokenKind kind, std::string_view payload);
// The payload; nothing for a text that SealToken did not make with this kind.
[[nodiscard]] std::optional<std::string> OpenToken(TokenKind kind, std::string_view token);

// A position in the stream of changes. All of every revision up to `revision` has been sent if `index` is 0; else all
// of the revisions before it, and of `revision` the updates up to `index`.
struct ResumePosition {
  std::string epoch;        // of the store
  std::string filter_hash;  // of the filter of the stream
  int64_t revision = 0;
  int32_t index = 0;
  // Within the initial state read at `revision`, of which nothing counts as sent.
  bool in_initial_state = false;
  bool operator==(const ResumePosition&) const = default;
};

// `kind` is that of the method, so that a token of another one is none.
[[nodiscard]] std::string WriteResumeToken(TokenKind kind, const ResumePosition& position);
[[nodiscard]] std::optional<ResumePosition> ReadResumeToken(TokenKind kind, std::string_view token);

// Where a page ended: the key of its last entry, for the request with this hash.
[[nodiscard]] std::string WritePageToken(TokenKind kind, std::string_view request_hash, std::string_view last_key);
// The key; nothing if the token is not ours or of another request.
[[nodiscard]] std::optional<std::string> ReadPageToken(TokenKind kind, std::string_view request_hash,
                                                       std::string_view token);

}  // namespace flosync
