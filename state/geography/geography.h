// Norway's municipalities, counties and municipality groups at a structure date (R15, G1–G6).
//
// Geography holds the official tables; AreaFrame is what they say for one structure date and population year: the areas
// in canonical order and where a contract's municipality number belongs. Both are immutable once made and may be shared
// between threads.
//
//   const Geography& geography = Geography::Shipped();
//   auto frame = geography.Frame(Day(2024, 1, 1), 2024);
//   frame->Place("0301").municipality  // the index of Oslo in frame->areas()
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"

namespace flosync {

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
  [[nodiscard]] const std::vector<Area>& areas() const { return areas_; }
  [[nodiscard]] Placement Place(std::string_view municipality_number) const;
  [[nodiscard]] Day structure_date() const { return structure_date_; }
  [[nodiscard]] int population_year() const { return population_year_; }

 private:
  friend class Geography;
  Day structure_date_;
  int population_year_ = 0;
  std::vector<Area> areas_;
  std::map<std::string, Placement, std::less<>> placements_;
};

// The tables as text, CSV with a header line; see tables/README.md for columns and source.
struct ReferenceTables {
  std::string_view municipalities;
  std::string_view municipality_names;
  std::string_view municipality_changes;
  std::string_view counties;
  std::string_view population;
  std::string_view population_2024_borders;
  std::string_view municipality_groups;
};

class Geography {
 public:
  // The tables that come with flosync.
  [[nodiscard]] static const Geography& Shipped();
  // Fails naming table and line.
  [[nodiscard]] static absl::StatusOr<Geography> Parse(const ReferenceTables& tables);

  // OUT_OF_RANGE for a structure date before 2015-01-01, which the tables do not cover.
  [[nodiscard]] absl::StatusOr<AreaFrame> Frame(Day structure_date, int population_year) const;
  // The first day after `d` on which the structure or a name changes; Day::Max() if none is known.
  [[nodiscard]] Day NextStructureChange(Day d) const;
  // The year whose population Frame uses: the last one there is, at most `year` (G3).
  [[nodiscard]] int PopulationYear(int year) const;
  // SHA-256 of the tables, lower-case hex: the vintage (B8).
  [[nodiscard]] const std::string& tables_hash() const { return tables_hash_; }

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
  struct Span {
    std::string name;
    std::string county;  // municipalities only
    Period period;
  };
  struct Step {
    Day effective;
    std::string other;
  };
  struct Group {
    std::string code;
    std::string label;
    int32_t min = 0;
    int32_t max = INT32_MAX;
  };
  using Populations = std::map<std::string, std::map<int, int32_t>, std::less<>>;

  [[nodiscard]] const Span* SpanAt(const std::multimap<std::string, Span, std::less<>>& spans, std::string_view code,
                                   Day d) const;
  // The number that `number` has at `d` (G1); empty = ambiguous, nothing = never existed.
  [[nodiscard]] std::optional<std::string> NumberAt(std::string number, Day d) const;
  [[nodiscard]] std::optional<int32_t> PopulationOf(std::string_view number, Day structure_date, int year) const;
  void AddAreas(AreaFrame& frame, Day d) const;
  void AddPlacements(AreaFrame& frame, Day d, int year) const;

  std::multimap<std::string, Span, std::less<>> municipalities_;
  std::multimap<std::string, Span, std::less<>> names_;
  std::multimap<std::string, Span, std::less<>> counties_;
  std::multimap<std::string, Step, std::less<>> successors_;    // by old number
  std::multimap<std::string, Step, std::less<>> predecessors_;  // by new number
  Populations population_;
  Populations population_2024_borders_;
  std::vector<Group> groups_;
  std::set<Day> change_days_;
  std::string tables_hash_;
};

}  // namespace flosync
