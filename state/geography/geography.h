// Norway's municipalities, counties and municipality groups at a structure date (R15, G1–G6).
//
// Geography holds the official tables; AreaFrame is what they say for one structure date and population year: the areas
// in canonical order and where a contract's municipality number belongs. Both are immutable once made and may be shared
// between threads. A frame is cheap to make and to copy, and may outlive its geography.
//
//   const Geography& geography = Geography::Shipped();
//   auto frame = geography.Frame(Day(2024, 1, 1), 2024);
//   frame->Place("0301").municipality  // the index of Oslo in frame->areas()
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"
#include "state/geography/table_rows.h"

namespace flosync {

// The tables cover structure dates from this day on.
inline constexpr Day kFirstStructureDate = Day::FromEpochDays(16436);  // 2015-01-01
// From this structure date on, populations of earlier years are those of its borders (G3).
inline constexpr Day k2024Borders = Day::FromEpochDays(19723);  // 2024-01-01
// So many years after the tables' last structure date snapshots still stand in its structure; then they end.
inline constexpr int kMostYearsPastTables = 10;

// In canonical order (R21).
enum class Level : uint8_t { kNation = 0, kCounty = 1, kMunicipalityGroup = 2, kMunicipality = 3 };

// "nation", "county", "municipality_group", "municipality".
[[nodiscard]] std::string_view LevelName(Level level);

struct Area {
  Level level = Level::kNation;
  std::string code;  // "NO", two digits, the group's id, four digits (A2)
  std::string name;
};

// Where a municipality number belongs: indexes into AreaFrame::areas(); -1 = none. The nation always.
struct Placement {
  enum class Kind : uint8_t { kPlaced, kAmbiguous, kUnknown };
  Kind kind = Kind::kUnknown;
  int32_t county = -1;
  int32_t group = -1;  // -1 also where no population is known (G3)
  int32_t municipality = -1;
  std::optional<int32_t> population;  // of the municipality (G3)
  bool operator==(const Placement&) const = default;
};

class AreaFrame {
 public:
  // Every area valid at the structure date, in canonical order (A1, A3); the nation is areas()[0].
  [[nodiscard]] const std::vector<Area>& areas() const { return structure_->areas; }
  [[nodiscard]] Placement Place(std::string_view municipality_number) const;
  [[nodiscard]] Day structure_date() const { return structure_date_; }
  [[nodiscard]] int population_year() const { return population_year_; }

 private:
  friend class Geography;
  // What holds from one change of the structure to the next, whatever the population.
  struct Structure {
    std::vector<Area> areas;
    std::map<std::string, Placement, std::less<>> placements;  // without group and population
    int32_t first_municipality = 0;                            // its index in areas; the last levels' are behind it
  };
  struct Inhabitants {
    std::optional<int32_t> population;
    int32_t group = -1;
  };

  Day structure_date_;
  int population_year_ = 0;
  std::shared_ptr<const Structure> structure_;
  std::vector<Inhabitants> inhabitants_;  // of areas()[first_municipality + i]
};

class Geography {
 public:
  // The tables that come with flosync.
  [[nodiscard]] static const Geography& Shipped();
  // Fails naming file and line for what cannot be read; does not check whether the tables fit together (CheckTables).
  [[nodiscard]] static absl::StatusOr<Geography> Parse(const ReferenceTables& tables);

  // OUT_OF_RANGE for a structure date that the tables do not cover: before 2015-01-01 or after last_structure_date().
  [[nodiscard]] absl::StatusOr<AreaFrame> Frame(Day structure_date, int population_year) const;
  // 31 December of the last year of which the tables tell something: a population, or a change of areas or names.
  [[nodiscard]] Day last_structure_date() const { return last_structure_date_; }
  // The structure date of figures of day `d` where none is asked for: `d`, or the last one there is. So figures go on
  // when the year turns before its tables have come. Days before the first structure date are as they are.
  [[nodiscard]] Day StructureDateOf(Day d) const { return std::min(d, last_structure_date_); }
  // The last day that a snapshot is made of, kMostYearsPastTables years after the last structure date; the first is
  // kFirstStructureDate. A record or a request of the year 9999 must not make a hundred thousand of them.
  [[nodiscard]] Day last_reference_date() const { return last_structure_date_.PlusMonths(12 * kMostYearsPastTables); }
  // The first day after `d` on which the structure or a name changes; Day::Max() if none is known.
  [[nodiscard]] Day NextStructureChange(Day d) const;
  // The year whose population Frame uses: the last one there is, at most `year` (G3).
  [[nodiscard]] int PopulationYear(int year) const;
  // The last year of which a population is known; 0 if none is.
  [[nodiscard]] int last_population_year() const { return PopulationYear(INT32_MAX); }
  // SHA-256 of the tables, lower-case hex: the vintage (B8).
  [[nodiscard]] const std::string& tables_hash() const { return tables_hash_; }
  // The text it was made from; valid as long as this.
  [[nodiscard]] ReferenceTables tables() const;

  // The municipalities valid at `d` with their county and population in `year` (or the latest earlier one).
  struct Inhabited {
    std::string number;
    std::string county;
    int32_t population = 0;
  };
  [[nodiscard]] std::vector<Inhabited> MunicipalitiesAt(Day d, int year) const;
  // Old and new number of every municipality that was renumbered, merged or split on `d`.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> SuccessionsOn(Day d) const;

 private:
  using Structure = AreaFrame::Structure;
  using Spans = std::multimap<std::string, TableRows::Span, std::less<>>;
  struct Step {
    Day effective;
    std::string other;
  };
  using Steps = std::multimap<std::string, Step, std::less<>>;
  using Populations = std::map<std::string, std::map<int, int32_t>, std::less<>>;

  void Take(TableRows rows);
  void MakeStructures();
  [[nodiscard]] const TableRows::Span* SpanAt(const Spans& spans, std::string_view code, Day d) const;
  // The number that `number` has at `d` (G1); empty = ambiguous, nothing = never existed.
  [[nodiscard]] std::optional<std::string> NumberAt(std::string number, Day d) const;
  [[nodiscard]] std::optional<int32_t> PopulationOf(std::string_view number, Day structure_date, int year) const;
  void AddAreas(Structure& structure, Day d) const;
  void AddPlacements(Structure& structure, Day d) const;

  Spans municipalities_;
  Spans names_;
  Spans counties_;
  Steps successors_;    // by old number
  Steps predecessors_;  // by new number
  Populations population_;
  Populations population_2024_borders_;
  std::vector<TableRows::Group> groups_;                        // by code
  std::map<Day, std::shared_ptr<const Structure>> structures_;  // by the first day each holds
  Day last_structure_date_;
  std::array<std::string, kReferenceFileCount> texts_;
  std::string tables_hash_;
};

}  // namespace flosync
