// What the commands print: aligned tables, CSV, times that name their zone. Pure but for the streams; any thread.
//
//   TextTable table({{"area"}, {"value", Align::kRight}});
//   table.AddRow({{"Tromsø"}, {"61.5"}});
//   table.Print(std::cout, /*colours=*/false);
//   // area    value
//   // Tromsø   61.5
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <google/protobuf/timestamp.pb.h>

#include "domain/oslo.h"

namespace flosync {

enum class OutputFormat : uint8_t { kTable = 0, kJson = 1, kCsv = 2 };

enum class Align : uint8_t { kLeft, kRight };
enum class Colour : uint8_t { kNone, kBold, kDim, kGood, kBad };

// Columns of a terminal that UTF-8 text takes: combining marks none, East Asian wide characters two; a byte that is no
// UTF-8 one.
[[nodiscard]] size_t DisplayWidth(std::string_view text);

// The text with every control character, and every one that turns the direction of text or takes no room, replaced by a
// space, so that no text of others can steer a terminal, break a line or pass for another.
[[nodiscard]] std::string OneLine(std::string_view text);

// The text in a colour; as it is where `colours` is false.
[[nodiscard]] std::string Paint(std::string_view text, Colour colour, bool colours);

// A line "name   text" with the name in a column of its own.
void PrintFact(std::ostream& out, std::string_view name, std::string_view text, Colour colour, bool colours);

class TextTable {
 public:
  struct Column {
    std::string name;
    Align align = Align::kLeft;
  };
  struct Cell {
    std::string text;
    Colour colour = Colour::kNone;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<Cell> cells);
  // A header line and the rows, columns as wide as their widest cell and two spaces apart, no space at the ends of
  // lines.
  void Print(std::ostream& out, bool colours) const;
  // The same as RFC 4180 with LF. Text that a spreadsheet would take for a formula has an apostrophe before it.
  void PrintCsv(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

[[nodiscard]] Instant ToInstant(const google::protobuf::Timestamp& timestamp);
// In Oslo with its offset: "2024-01-01 06:00:00 +01:00". Fractions of a second are left out.
[[nodiscard]] std::string FormatOslo(Instant t);

}  // namespace flosync
