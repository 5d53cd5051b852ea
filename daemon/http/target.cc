#include "daemon/http/target.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto high = i + 2 < text.size() ? HexDigit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? HexDigit(text[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  const bool control =
      std::ranges::any_of(out, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
  if (control || !simdjson::validate_utf8(out.data(), out.size())) return std::nullopt;
  return out;
}

}  // namespace

std::vector<std::string> HttpRequest::Values(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [field, value] : fields) {
    if (field == name) values.push_back(value);
  }
  return values;
}

std::optional<Target> ParseTarget(std::string_view text) {
  if (!text.starts_with('/') || text.find('#') != std::string_view::npos) return std::nullopt;
  const size_t question = text.find('?');
  Target target;
  if (const std::string_view path = text.substr(1, question - 1); question != 1 && !path.empty()) {
    for (const std::string_view segment : Split(path, '/')) {
      auto decoded = Decode(segment);
      if (!decoded || decoded->find('/') != std::string::npos) return std::nullopt;
      target.segments.push_back(*std::move(decoded));
    }
  }
  if (question == std::string_view::npos) return target;
  for (const std::string_view parameter : Split(text.substr(question + 1), '&')) {
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    auto name = Decode(parameter.substr(0, equals));
    auto value = Decode(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!name || !value) return std::nullopt;
    target.parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return target;
}

std::string EscapeForTarget(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHexDigits[byte / 16]);
    out.push_back(kHexDigits[byte % 16]);
  }
  return out;
}

}  // namespace flosync
