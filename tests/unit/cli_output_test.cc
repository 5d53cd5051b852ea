#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "daemon/cli/output.h"

namespace flosync {
namespace {

std::string Printed(const TextTable& table, bool colours = false) {
  std::ostringstream out;
  table.Print(out, colours);
  return out.str();
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("Tromsø"), 6U);
  EXPECT_EQ(DisplayWidth("Ålesund"), 7U);
  EXPECT_EQ(DisplayWidth("A\u030Alesund"), 7U);  // A and a combining ring
  EXPECT_EQ(DisplayWidth("Kárášjohka"), 10U);
  EXPECT_EQ(DisplayWidth("→ –"), 3U);
  EXPECT_EQ(DisplayWidth("漢字"), 4U);
  EXPECT_EQ(DisplayWidth("\xF8\xC3"), 2U);  // no UTF-8
  EXPECT_EQ(DisplayWidth("\xE2\x82"), 2U);  // cut off
}

TEST(TextTable, AlignsByDisplayWidth) {
  TextTable table({{"name"}, {"value", Align::kRight}, {"flags"}});
  table.AddRow({{"Tromsø"}, {"61.5"}, {""}});
  table.AddRow({{"Å"}, {"7"}, {"small_base"}});
  EXPECT_EQ(Printed(table),
            "name    value  flags\n"
            "Tromsø   61.5\n"
            "Å           7  small_base\n");
}

TEST(TextTable, HoldsItsColumnsWhereCellsAreEmpty) {
  TextTable table({{"a", Align::kRight}, {"b"}, {"c"}});
  table.AddRow({{""}, {""}, {"x"}});
  table.AddRow({{"10"}, {"yy"}, {""}});
  EXPECT_EQ(Printed(table),
            " a  b   c\n"
            "        x\n"
            "10  yy\n");
}

TEST(TextTable, ColoursDoNotCount) {
  TextTable table({{"a"}, {"b"}});
  table.AddRow({{"x", Colour::kGood}, {"y"}});
  EXPECT_EQ(Printed(table, true), "\x1b[1ma\x1b[0m  \x1b[1mb\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
}

TEST(TextTable, TextOfOthersCannotSteerTheTerminal) {
  TextTable table({{"a"}});
  table.AddRow({{"x\x1b[31m\ny"}});
  EXPECT_EQ(Printed(table), "a\nx [31m y\n");
}

TEST(TextTable, CsvIsQuotedWhereNeeded) {
  TextTable table({{"name"}, {"note", Align::kRight}});
  table.AddRow({{"Nordre, Follo"}, {"says \"hei\""}});
  table.AddRow({{"Bodø", Colour::kBad}, {"two\nlines"}});
  std::ostringstream out;
  table.PrintCsv(out);
  EXPECT_EQ(out.str(), "name,note\n\"Nordre, Follo\",\"says \"\"hei\"\"\"\nBodø,\"two\nlines\"\n");
}

TEST(TextTable, CsvHasNoFormulasOfOthers) {
  TextTable table({{"who"}, {"figure"}});
  table.AddRow({{"=HYPERLINK(\"http://x\")"}, {"-0.5"}});
  table.AddRow({{"@SUM(A1)"}, {"+1+1"}});
  table.AddRow({{"-"}, {"a=b"}});
  std::ostringstream out;
  table.PrintCsv(out);
  EXPECT_EQ(out.str(), "who,figure\n\"'=HYPERLINK(\"\"http://x\"\")\",-0.5\n'@SUM(A1),'+1+1\n'-,a=b\n");
}

TEST(OneLine, TakesControlCharactersOut) {
  EXPECT_EQ(OneLine("a\r\nb\tc\x7F"), "a  b c ");
  EXPECT_EQ(OneLine("a\xC2\x9B"
                    "31mb"),
            "a 31mb");  // CSI of C1
  EXPECT_EQ(OneLine("Østfold «§» \xC2\xA0"), "Østfold «§» \xC2\xA0");
  EXPECT_EQ(OneLine("a\xE2\x80\xAEtxt.b\xE2\x81\xA6"), "a txt.b ") << "what turns the direction of text";
  EXPECT_EQ(OneLine("a\xE2\x80\xA8"
                    "b\xE2\x80\x8B"
                    "c\xEF\xBB\xBF"),
            "a b c ")
      << "ends of lines, and what takes no room";
  EXPECT_EQ(OneLine("a\x9B"
                    "31m\xC0\x9B"),
            "a 31m ")
      << "also where it is no UTF-8";
}

TEST(FormatOslo, StatesTheOffset) {
  EXPECT_EQ(FormatOslo(Instant{1704085200123}), "2024-01-01 06:00:00 +01:00");
  EXPECT_EQ(FormatOslo(Instant{1719810000000}), "2024-07-01 07:00:00 +02:00");
  EXPECT_EQ(FormatOslo(Instant{-1}), "1970-01-01 00:59:59 +01:00");
  // The hour that the clock shows twice.
  EXPECT_EQ(FormatOslo(Instant{1729990800000}), "2024-10-27 02:00:00 +01:00");
  EXPECT_EQ(FormatOslo(Instant{1729987200000}), "2024-10-27 02:00:00 +02:00");
}

TEST(ToInstant, CutsToMilliseconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(1);
  timestamp.set_nanos(2'999'999);
  EXPECT_EQ(ToInstant(timestamp).ms, 1002);
}

}  // namespace
}  // namespace flosync
