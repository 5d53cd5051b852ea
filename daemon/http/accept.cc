#include "daemon/http/accept.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "domain/text.h"

namespace flosync {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// An entry of the field: a range of types, how much it says about one, and how much that one is liked.
struct Range {
  std::string type;  // "text/csv", "text/*" or "*/*"
  double quality = 1;
};

Range ReadRange(std::string_view entry) {
  const auto parts = Split(entry, ';');
  Range range{.type = Lower(Trim(parts.front()))};
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = Lower(Trim(parts[i]));
    if (!parameter.starts_with("q=")) continue;
    const char* const end = parameter.data() + parameter.size();
    if (std::from_chars(parameter.data() + 2, end, range.quality).ec != std::errc()) range.quality = 0;
  }
  return range;
}

// 3 for the type itself, 2 for its kind, 1 for everything, 0 if it is not meant.
int Closeness(const Range& range, std::string_view type) {
  if (range.type == type) return 3;
  if (range.type == Join(type.substr(0, type.find('/')), "/*")) return 2;
  return range.type == "*/*" ? 1 : 0;
}

double QualityOf(std::string_view type, const std::vector<Range>& ranges) {
  int closest = 0;
  double quality = 0;
  for (const Range& range : ranges) {
    const int closeness = Closeness(range, type);
    if (closeness <= closest) continue;
    closest = closeness;
    quality = range.quality;
  }
  return quality;
}

}  // namespace

std::optional<size_t> ChooseType(std::string_view accept, std::span<const std::string_view> offered) {
  if (Trim(accept).empty()) return 0;
  std::vector<Range> ranges;
  for (const std::string_view entry : Split(accept, ',')) ranges.push_back(ReadRange(entry));
  std::optional<size_t> best;
  double best_quality = 0;
  for (size_t i = 0; i < offered.size(); ++i) {
    const double quality = QualityOf(offered[i], ranges);
    if (quality <= best_quality) continue;
    best = i;
    best_quality = quality;
  }
  return best;
}

bool NamesTag(std::string_view if_none_match, std::string_view tag) {
  for (std::string_view entry : Split(if_none_match, ',')) {
    entry = Trim(entry);
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == tag || entry == "*") return true;
  }
  return false;
}

}  // namespace flosync
