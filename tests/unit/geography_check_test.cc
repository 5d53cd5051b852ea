#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "domain/text.h"
#include "state/geography/check_tables.h"
#include "tests/unit/geography_tables.h"

// What an import refuses, each with file, line and what to do (B8, R15).
namespace flosync {
namespace {

// What is wrong with the tables; "" if nothing is.
std::string Mistake(const EditedTables& edited) {
  const auto rows = ReadTables(edited.tables());
  const absl::Status status = rows.ok() ? CheckTables(*rows) : rows.status();
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

void ExpectMistake(const EditedTables& edited, std::string_view where, std::string_view what) {
  const std::string mistake = Mistake(edited);
  EXPECT_EQ(mistake.substr(0, where.size()), where) << mistake;
  EXPECT_NE(mistake.find(what), std::string::npos) << mistake;
}

TEST(B8_CheckTables, TheShippedOnesAndNextYearsAreInOrder) {
  EXPECT_EQ(Mistake(EditedTables()), "");
  EXPECT_EQ(Mistake(BergenRenumberedIn2027()), "");
  EXPECT_EQ(Mistake(EditedTables().Append("population.csv", "0301,2027,740000\r")), "");
}

TEST(B8_CheckTables, Header) {
  ExpectMistake(EditedTables().Replace("population.csv", "code,year", "year,code"),
                "population.csv, line 1: ", "the header has to be code,year,population");
  ExpectMistake(EditedTables().Replace("fylker.csv", "code,",
                                       "\xEF\xBB\xBF"
                                       "code,"),
                "fylker.csv, line 1: ", "without a byte order mark");
}

TEST(B8_CheckTables, FieldsOfALine) {
  const auto population = [](std::string_view line, std::string_view what) {
    ExpectMistake(EditedTables().Append("population.csv", line), "population.csv, line 4617: ", what);
  };
  population("0301,2027", "has 2 fields; the columns are code,year,population");
  population("301,2027,1", "code \"301\" is not 4 digits");
  population("0301,20277,1", "year \"20277\" is not a year from 1900 to 2100");
  population("0301,2027,-1", "population \"-1\" is not a whole number from 0 on");
  population("0301,2027,12.5", "population \"12.5\" is not a whole number");
  population("\"0301\",2027,1", "has quotes");
  population("0301,2027,1\xE5", "not UTF-8");
  ExpectMistake(EditedTables().Append("population_2024_borders.csv", "0301,2014,1,guessed"),
                "population_2024_borders.csv, line 4286: ", "quality \"guessed\" is none of exact, estimated");
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,4601,Bergen,4699,Bergen,moved"),
                "kommune_changes.csv, line 518: ", "change_type \"moved\" is none of renumber, merge, split, ");
}

TEST(B8_CheckTables, Dates) {
  const auto county = [](std::string_view from, std::string_view to, std::string_view what) {
    ExpectMistake(EditedTables().Append("fylker.csv", "99,Ny,Ny," + std::string(from) + "," + std::string(to)),
                  "fylker.csv, line 35: ", what);
  };
  county("2027-02-30", "", "valid_from \"2027-02-30\" is not a date yyyy-MM-dd");
  county("01.01.2027", "", "valid_from \"01.01.2027\" is not a date yyyy-MM-dd");
  county("2027-01-01", "9999-12-31", "valid_to \"9999-12-31\" is not a date yyyy-MM-dd from 1900 to 2100");
  county("2027-01-01", "2027-01-01", "valid_to \"2027-01-01\" is not after valid_from");
}

TEST(B8_CheckTables, OneCodeIsValidInOneLineAtATime) {
  ExpectMistake(EditedTables().Append("kommuner.csv", "0301,Oslo,03,Oslo,2026-01-01,"),
                "kommuner.csv, line 840: ", "0301 is valid on 2026-01-01 by line 42 too");
  ExpectMistake(EditedTables().Append("kommune_names.csv", "4601,Bergen,Bergen,,2025-12-31,"),
                "kommune_names.csv, line 858: ", "4601 is valid on 2025-12-31 by line 675 too");
  ExpectMistake(EditedTables().Append("fylker.csv", "01,Østfold,Østfold,2019-12-31,"),
                "fylker.csv, line 35: ", "01 is valid on 2019-12-31 by line 2 too");
}

TEST(B8_CheckTables, AMunicipalityHasItsCountyForAsLongAsItIsValid) {
  ExpectMistake(EditedTables().Replace("fylker.csv", "46,Vestland,Vestland,2020-01-01,",
                                       "46,Vestland,Vestland,2020-01-01,2027-01-01"),
                "kommuner.csv, line 663: ", "county 46 of 4601 is not valid on 2027-01-01 in fylker.csv");
  ExpectMistake(EditedTables().Replace("kommuner.csv", "4601,Bergen,46,", "4601,Bergen,47,"),
                "kommuner.csv, line 663: ", "county 47 of 4601 is not valid on 2020-01-01");
}

TEST(B8_CheckTables, AMunicipalityHasAName) {
  ExpectMistake(
      EditedTables().Replace("kommune_names.csv", "4601,Bergen,Bergen,,2020-01-01,", "4601,Bergen,Bergen,,2021-01-01,"),
      "kommuner.csv, line 663: ", "4601 has no name on 2020-01-01 in kommune_names.csv");
}

TEST(B8_CheckTables, ChangesAreOfKnownMunicipalities) {
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,4601,Bergen,4699,Bergen,renumber"),
                "kommune_changes.csv, line 518: ", "4699 is not in kommuner.csv");
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,9998,Nowhere,4601,Bergen,merge"),
                "kommune_changes.csv, line 518: ", "9998 is not in kommuner.csv");
}

TEST(B8_CheckTables, ChangesMakeOfEachDaysMunicipalitiesThoseOfTheNext) {
  // The change is missing.
  ExpectMistake(
      BergenRenumberedIn2027().Replace("kommune_changes.csv", "2027-01-01,4601,Bergen,4699,Bergen,renumber\n", ""),
      "kommuner.csv, line 663: ", "4601 ends on 2027-01-01 and no line of kommune_changes.csv says");
  ExpectMistake(EditedTables()
                    .Append("kommuner.csv", "4699,Ny,46,Vestland,2027-01-01,")
                    .Append("kommune_names.csv", "4699,Ny,Ny,,2027-01-01,"),
                "kommuner.csv, line 840: ", "4699 begins on 2027-01-01 and no line of kommune_changes.csv says");
  // It is there, but not what the validities say.
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,4601,Bergen,4627,Askøy,merge"),
                "kommune_changes.csv, line 518: ", "4601 goes over, but kommuner.csv has it valid on 2027-01-01 still");
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,1507,Ålesund,4601,Bergen,merge"),
                "kommune_changes.csv, line 518: ", "1507 is not valid the day before 2027-01-01");
  ExpectMistake(EditedTables().Append("kommune_changes.csv", "2027-01-01,4601,Bergen,1507,Ålesund,merge"),
                "kommune_changes.csv, line 518: ", "1507 is not valid on 2027-01-01");
}

TEST(B8_CheckTables, TheTablesAreWhole) {
  // As if only today's municipalities were given.
  EditedTables edited;
  edited.Replace("kommuner.csv", std::string(ShippedTables().municipalities),
                 "code,name,county_code,county_name,valid_from,valid_to\n0301,Oslo,03,Oslo,2024-01-01,\n");
  ExpectMistake(edited, "kommuner.csv: ", "no municipality is valid on 2015-01-01; give the whole table");
}

std::string HeaderOf(const ReferenceFile& file) {
  const std::string_view text = ShippedTables().*file.text;
  return std::string(text.substr(0, text.find('\n') + 1));
}

// The table with the header and these rows only.
EditedTables Only(std::string_view name, const std::string& rows) {
  EditedTables edited;
  for (const ReferenceFile& file : kReferenceFiles) {
    if (file.name == name) edited.Replace(name, ShippedTables().*file.text, HeaderOf(file) + rows);
  }
  return edited;
}

TEST(B8_CheckTables, EveryTableHasRows) {
  for (const ReferenceFile& file : kReferenceFiles) {
    ExpectMistake(Only(file.name, ""), std::string(file.name) + ", line 1: ", "has no rows below it; give the whole");
    // Not even a header.
    EXPECT_NE(Mistake(EditedTables().Replace(file.name, ShippedTables().*file.text, "")), "") << file.name;
  }
}

TEST(B8_CheckTables, APopulationCoversEveryMunicipalityThatTheOthersKnow) {
  ExpectMistake(Only("population.csv", "0301,2026,740000\n"), "population.csv, line 2: ",
                "the table ends here without any figure of 1101, which is valid on "
                "2026-12-31 by kommuner.csv, line");
  ExpectMistake(Only("population_2024_borders.csv", "0301,2023,700000,exact\n"),
                "population_2024_borders.csv, line 2: ", "without any figure of 1101, which is valid on 2024-01-01");
  // Cut before the municipalities of 2020 had one.
  std::string until_2019;
  for (const std::string_view line : Split(ShippedTables().population, '\n')) {
    if (line.find(",201") != std::string_view::npos) until_2019 += std::string(line) + "\n";
  }
  EXPECT_NE(Mistake(Only("population.csv", until_2019)).find("the table ends here without any figure of"),
            std::string::npos);
}

TEST(B8_CheckTables, StructureChangesOnFewDays) {
  EditedTables edited;
  for (int day = 1; day <= 28; ++day) {
    for (int year = 2030; year < 2034; ++year) {
      const std::string date = std::to_string(year) + "-01-" + (day < 10 ? "0" : "") + std::to_string(day);
      edited.Append("kommune_changes.csv", date + ",4601,Bergen,4601,Bergen,name");
    }
  }
  EXPECT_NE(Mistake(edited).find("something changes on 120 days, and 100 is the most"), std::string::npos)
      << Mistake(edited);
}

TEST(B8_CheckTables, PopulationsAreOfKnownMunicipalitiesAndStandOnce) {
  ExpectMistake(EditedTables().Append("population.csv", "9998,2027,1"),
                "population.csv, line 4617: ", "9998 is not in kommuner.csv");
  ExpectMistake(EditedTables().Append("population.csv", "0101,2015,1"),
                "population.csv, line 4617: ", "0101 in 2015 stands in line 2 too");
  ExpectMistake(EditedTables().Append("population_2024_borders.csv", "0301,2015,1,exact"),
                "population_2024_borders.csv, line 4286: ", "0301 in 2015 stands in line 2 too");
}

TEST(B8_CheckTables, GroupsCoverEveryNumberOnce) {
  const auto groups = [](std::string_view what, std::string_view with, std::string_view where,
                         std::string_view mistake) {
    ExpectMistake(EditedTables().Replace("kommunegrupper.csv", what, with), where, mistake);
  };
  groups("2000_4999,2000,", "2000_4999,2001,",
         "kommunegrupper.csv, line 3: ", "begins at 2001 and has to begin at 2000");
  groups("2000_4999,2000,", "2000_4999,1999,",
         "kommunegrupper.csv, line 3: ", "begins at 1999 and has to begin at 2000");
  groups("under_2000,0,", "under_2000,1,", "kommunegrupper.csv, line 2: ", "begins at 1 and has to begin at 0");
  groups("2000_4999,2000,4999", "2000_4999,2000,1999", "kommunegrupper.csv, line 3: ", "without gap or overlap");
  groups("50000_pluss,50000,,", "50000_pluss,50000,99999,", "kommunegrupper.csv: ", "no group has 100000 inhabitants");
  groups("2000_4999,2000,", "under_2000,2000,", "kommunegrupper.csv, line 3: ", "group under_2000 stands twice");
}

}  // namespace
}  // namespace flosync
