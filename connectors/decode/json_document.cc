#include "connectors/decode/json_document.h"

#include <cstring>

#include "connectors/decode/ascii.h"

namespace flosync {
namespace {

// A parser keeps memory for the largest document it has seen; beyond this it is given back after use.
constexpr size_t kKeptBytes = size_t{1024} * 1024;
// Shorter literals always fit.
constexpr size_t kHugeLiteralBytes = 19;

struct JsonWorkspace {
  simdjson::dom::parser parser;
  std::string padded;
};

JsonWorkspace& Workspace() {
  thread_local JsonWorkspace workspace;
  return workspace;
}

// The root of what `workspace.padded` holds in its first `size` bytes.
simdjson::error_code Parse(JsonWorkspace& workspace, size_t size, simdjson::dom::element& root) {
  return workspace.parser.parse(workspace.padded.data(), size, false).get(root);
}

void Fill(JsonWorkspace& workspace, std::string_view text) {
  const size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
  if (workspace.padded.size() < needed) workspace.padded.resize(needed);
  std::memcpy(workspace.padded.data(), text.data(), text.size());
}

bool IsNumberByte(char c) { return IsAsciiDigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

// -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
bool IsJsonNumber(std::string_view literal) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < literal.size() && IsAsciiDigit(literal[at])) ++at;
    return at - begin;
  };
  const auto take = [&](std::string_view any) {
    if (at == literal.size() || any.find(literal[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  take("-");
  const size_t first = at;
  const size_t whole = digits();
  if (whole == 0 || (whole > 1 && literal[first] == '0')) return false;
  if (take(".") && digits() == 0) return false;
  if (take("eE")) {
    take("+-");
    if (digits() == 0) return false;
  }
  return at == literal.size();
}

// The end of the string that begins at `json[at]`, behind its closing quote.
size_t EndOfString(std::string_view json, size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return json.size();
}

bool MayOverflow(std::string_view literal) {
  return literal.size() >= kHugeLiteralBytes || literal.find_first_of("eE") != std::string_view::npos;
}

}  // namespace

std::string WithoutHugeNumbers(std::string_view json) {
  simdjson::dom::parser parser;
  std::string out;
  out.reserve(json.size());
  size_t at = 0;
  while (at < json.size()) {
    const size_t begin = at;
    if (json[at] == '"') {
      at = EndOfString(json, at);
    } else if (json[at] == '-' || IsAsciiDigit(json[at])) {
      while (at < json.size() && IsNumberByte(json[at])) ++at;
      const std::string_view literal = json.substr(begin, at - begin);
      if (MayOverflow(literal) && IsJsonNumber(literal) &&
          parser.parse(std::string(literal)).error() != simdjson::SUCCESS) {
        out += literal.front() == '-' ? "-9e299" : "9e299";
        continue;
      }
    } else {
      ++at;
    }
    out += json.substr(begin, at - begin);
  }
  return out;
}

std::optional<Value> ParseJson(std::string_view text) {
  JsonWorkspace& workspace = Workspace();
  if (workspace.padded.size() > kKeptBytes && text.size() < kKeptBytes) {
    workspace.parser = simdjson::dom::parser();
    workspace.padded = std::string();
  }
  Fill(workspace, text);
  simdjson::dom::element root;
  simdjson::error_code error = Parse(workspace, text.size(), root);
  if (error == simdjson::NUMBER_ERROR) {
    const std::string shortened = WithoutHugeNumbers(text);
    Fill(workspace, shortened);
    error = Parse(workspace, shortened.size(), root);
  }
  if (error != simdjson::SUCCESS) return std::nullopt;
  return Value(root);
}

}  // namespace flosync
