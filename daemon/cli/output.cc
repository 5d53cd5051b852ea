#include "daemon/cli/output.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "domain/text.h"
#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

struct CodePoints {
  uint32_t first = 0;
  uint32_t last = 0;
};

constexpr std::array<CodePoints, 6> kCombining = {
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
constexpr std::array<CodePoints, 8> kWide = {{{0x1100, 0x115F},
                                              {0x2E80, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0xFFE0, 0xFFE6},
                                              {0x1F300, 0x1FAFF}}};

template <size_t kSize>
bool IsIn(const std::array<CodePoints, kSize>& ranges, uint32_t code) {
  return std::ranges::any_of(ranges, [code](const CodePoints& r) { return r.first <= code && code <= r.last; });
}

// Takes the first code point off `text`; a byte that begins none counts as itself.
uint32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  size_t length = 1;
  if (lead >= 0xF0 && lead < 0xF8) {
    length = 4;
  } else if (lead >= 0xE0) {
    length = 3;
  } else if (lead >= 0xC0) {
    length = 2;
  }
  constexpr std::array<uint32_t, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t code = lead & kLeadBits.at(length);
  for (size_t i = 1; i < length; ++i) {
    if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      length = 1;
      code = lead;
      break;
    }
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(length);
  return code;
}

// Controls of C0 and C1, ends of lines, and what changes the direction of text or takes no room: with these a text can
// be made to look like another.
constexpr std::array<CodePoints, 8> kSteering = {{{0x00, 0x1F},
                                                  {0x7F, 0x9F},
                                                  {0x061C, 0x061C},
                                                  {0x200B, 0x200B},
                                                  {0x200E, 0x200F},
                                                  {0x2028, 0x202E},
                                                  {0x2060, 0x206F},
                                                  {0xFEFF, 0xFEFF}}};

// Whether a spreadsheet would take the text for a formula.
bool LooksLikeFormula(std::string_view text) {
  constexpr std::string_view kBeginnings = "=+-@\t\r";
  return !text.empty() && kBeginnings.find(text.front()) != std::string_view::npos && !ParseNumber<double>(text);
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const uint32_t code = TakeCodePoint(text);
    if (IsIn(kCombining, code)) continue;
    width += IsIn(kWide, code) ? 2 : 1;
  }
  return width;
}

std::string OneLine(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view rest = text;
    const bool steering = IsIn(kSteering, TakeCodePoint(rest));
    out += steering ? " " : text.substr(0, text.size() - rest.size());
    text = rest;
  }
  return out;
}

std::string Paint(std::string_view text, Colour colour, bool colours) {
  constexpr std::array<std::string_view, 5> kCodes = {"", "1", "2", "32", "31"};
  if (!colours || colour == Colour::kNone) return std::string(text);
  return Join("\x1b[", kCodes.at(static_cast<size_t>(colour)), "m", text, "\x1b[0m");
}

void PrintFact(std::ostream& out, std::string_view name, std::string_view text, Colour colour, bool colours) {
  constexpr size_t kNameWidth = 20;
  std::string padded(name);
  padded.resize(kNameWidth, ' ');
  out << Paint(padded, Colour::kDim, colours) << Paint(OneLine(text), colour, colours) << '\n';
}

void TextTable::AddRow(std::vector<Cell> cells) {
  // A row that does not fit its columns is a mistake of the program.
  if (cells.size() != columns_.size()) std::abort();
  rows_.push_back(std::move(cells));
}

void TextTable::Print(std::ostream& out, bool colours) const {
  std::vector<std::vector<Cell>> lines;
  lines.reserve(rows_.size() + 1);
  lines.emplace_back();
  for (const Column& column : columns_) lines.front().push_back({column.name, Colour::kBold});
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<size_t> widths(columns_.size());
  for (auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      line[i].text = OneLine(line[i].text);
      widths[i] = std::max(widths[i], DisplayWidth(line[i].text));
    }
  }
  for (const auto& line : lines) {
    // Spaces wait until something follows them.
    size_t spaces = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      const size_t padding = widths[i] - DisplayWidth(line[i].text);
      if (columns_[i].align == Align::kRight) spaces += padding;
      if (!line[i].text.empty()) {
        out << std::string(spaces, ' ') << Paint(line[i].text, line[i].colour, colours);
        spaces = 0;
      }
      if (columns_[i].align == Align::kLeft) spaces += padding;
      spaces += 2;
    }
    out << '\n';
  }
}

void TextTable::PrintCsv(std::ostream& out) const {
  std::string text;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) text.push_back(',');
    AppendCsvField(columns_[i].name, text);
  }
  text.push_back('\n');
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text.push_back(',');
      AppendCsvField(Join(LooksLikeFormula(row[i].text) ? "'" : "", row[i].text), text);
    }
    text.push_back('\n');
  }
  out << text;
}

Instant ToInstant(const google::protobuf::Timestamp& timestamp) {
  return {timestamp.seconds() * 1000 + timestamp.nanos() / 1'000'000};
}

std::string FormatOslo(Instant t) {
  // Cut to whole seconds, also before 1970.
  const int64_t utc_seconds = t.ms / 1000 - (t.ms % 1000 < 0 ? 1 : 0);
  const WallTime wall = ToOslo({utc_seconds * 1000});
  // Oslo has been ahead of Greenwich ever since there are time zones; before 1895 by minutes and seconds, which are
  // cut.
  const int64_t offset_minutes = (wall.seconds - utc_seconds) / 60;
  const auto two_digits = [](int64_t number) { return Join(number < 10 ? "0" : "", number); };
  std::string text = wall.ToString();
  text[text.find('T')] = ' ';
  return Join(text, " +", two_digits(offset_minutes / 60), ":", two_digits(offset_minutes % 60));
}

}  // namespace flosync
