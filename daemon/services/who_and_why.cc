#include "daemon/services/who_and_why.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "connectors/decode/identifiers.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kMaxByCharacters = 200;
constexpr size_t kMaxReasonCharacters = 1000;

std::optional<FieldViolation> CheckText(const std::string& field, const std::string& text, size_t max_characters) {
  // UTF-8 as protobuf has checked it: continuation bytes are no characters of their own.
  const auto characters =
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0U) != 0x80U; });
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return FieldViolation{field, "must be given"};
  if (static_cast<size_t>(characters) > max_characters)
    return FieldViolation{field, Join("must have at most ", max_characters, " characters")};
  if (ContainsNin(text)) return FieldViolation{field, "must not hold a national identity number"};
  return std::nullopt;
}

}  // namespace

std::optional<FieldViolation> CheckBy(const std::string& by) { return CheckText("by", by, kMaxByCharacters); }

std::optional<FieldViolation> CheckReason(const std::string& reason) {
  return CheckText("reason", reason, kMaxReasonCharacters);
}

grpc::Status CheckWhoAndWhy(const std::string& by, const std::string& reason) {
  std::vector<FieldViolation> violations;
  if (auto wrong = CheckBy(by)) violations.push_back(*std::move(wrong));
  if (auto wrong = CheckReason(reason)) violations.push_back(*std::move(wrong));
  return violations.empty() ? grpc::Status::OK : InvalidFields("INVALID_FIELD", std::move(violations));
}

void LogWhoAndWhy(std::string_view what, const std::string& by, const std::string& reason) {
  spdlog::info("{}, asked for by {}: {}", what, OneLine(by), OneLine(reason));
}

}  // namespace flosync
