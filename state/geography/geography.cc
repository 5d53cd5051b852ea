#include "state/geography/geography.h"

#include <algorithm>
#include <functional>
#include <set>

#include "domain/text.h"
#include "state/geography/shipped_tables.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

using Fields = std::vector<std::string_view>;

const Day kFirstStructureDate(2015, 1, 1);
const Day k2024Borders(2024, 1, 1);

// Calls `take` with the fields of every line after the header; false from it means the line is wrong.
absl::Status EachRow(std::string_view table, std::string_view name, size_t columns,
                     const std::function<bool(const Fields&)>& take) {
  int line = 0;
  for (std::string_view row : Split(table, '\n')) {
    ++line;
    if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
    if (row.empty() || line == 1) continue;
    const Fields fields = Split(row, ',');
    if (fields.size() != columns || !take(fields)) {
      return absl::InvalidArgumentError(Join("reference table ", name, ", line ", line, ": expected ", columns,
                                             " columns with dates as yyyy-MM-dd and whole numbers"));
    }
  }
  return absl::OkStatus();
}

std::optional<Period> ReadPeriod(std::string_view from, std::string_view to) {
  const auto first = ParseDay(from);
  if (!first) return std::nullopt;
  if (to.empty()) return Period{*first, Day::Max()};
  const auto end = ParseDay(to);
  if (!end) return std::nullopt;
  return Period{*first, *end};
}

bool MovesMunicipality(std::string_view change_type) {
  return change_type == "renumber" || change_type == "merge" || change_type == "split" || change_type == "split+merge";
}

}  // namespace

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kNation:
      return "nation";
    case Level::kCounty:
      return "county";
    case Level::kMunicipalityGroup:
      return "municipality_group";
    case Level::kMunicipality:
      return "municipality";
  }
  return "";
}

Placement AreaFrame::Place(std::string_view municipality_number) const {
  const auto it = placements_.find(municipality_number);
  return it == placements_.end() ? Placement{} : it->second;
}

const Geography& Geography::Shipped() {
  static const Geography* const shipped = [] {
    auto parsed = Parse(ShippedTables());
    // The shipped tables are part of the program; a test holds them readable.
    return new Geography(std::move(parsed).value());
  }();
  return *shipped;
}

absl::StatusOr<Geography> Geography::Parse(const ReferenceTables& tables) {
  Geography g;
  const auto span_table = [](std::multimap<std::string, Span, std::less<>>& into, size_t name, size_t county,
                             size_t from) {
    return [&into, name, county, from](const Fields& f) {
      const auto period = ReadPeriod(f[from], f[from + 1]);
      if (!period) return false;
      into.emplace(std::string(f[0]), Span{std::string(f[name]), std::string(f[county]), *period});
      return true;
    };
  };
  const auto population_table = [](Populations& into) {
    return [&into](const Fields& f) {
      const auto year = ParseNumber<int>(f[1]);
      const auto persons = ParseNumber<int32_t>(f[2]);
      if (!year || !persons) return false;
      into[std::string(f[0])][*year] = *persons;
      return true;
    };
  };
  const auto change_row = [&g](const Fields& f) {
    const auto effective = ParseDay(f[0]);
    if (!effective) return false;
    if (!MovesMunicipality(f[5]) || f[1] == f[3]) return true;
    g.successors_.emplace(std::string(f[1]), Step{*effective, std::string(f[3])});
    g.predecessors_.emplace(std::string(f[3]), Step{*effective, std::string(f[1])});
    return true;
  };
  const auto group_row = [&g](const Fields& f) {
    const auto min = ParseNumber<int32_t>(f[1]);
    const auto max = f[2].empty() ? INT32_MAX : ParseNumber<int32_t>(f[2]);
    if (!min || !max) return false;
    g.groups_.push_back({std::string(f[0]), std::string(f[3]), *min, *max});
    return true;
  };
  for (const absl::Status& read :
       {EachRow(tables.municipalities, "kommuner.csv", 6, span_table(g.municipalities_, 1, 2, 4)),
        EachRow(tables.municipality_names, "kommune_names.csv", 6, span_table(g.names_, 1, 2, 4)),
        EachRow(tables.counties, "fylker.csv", 5, span_table(g.counties_, 2, 0, 3)),
        EachRow(tables.municipality_changes, "kommune_changes.csv", 6, change_row),
        EachRow(tables.population, "population.csv", 3, population_table(g.population_)),
        EachRow(tables.population_2024_borders, "population_2024_borders.csv", 4,
                population_table(g.population_2024_borders_)),
        EachRow(tables.municipality_groups, "kommunegrupper.csv", 4, group_row)}) {
    if (!read.ok()) return read;
  }
  std::sort(g.groups_.begin(), g.groups_.end(), [](const Group& a, const Group& b) { return a.code < b.code; });
  for (const auto* spans : {&g.municipalities_, &g.names_, &g.counties_}) {
    for (const auto& [code, span] : *spans) {
      g.change_days_.insert(span.period.from);
      if (span.period.to != Day::Max()) g.change_days_.insert(span.period.to);
    }
  }
  g.tables_hash_ =
      Sha256Hex({tables.municipalities, tables.municipality_names, tables.municipality_changes, tables.counties,
                 tables.population, tables.population_2024_borders, tables.municipality_groups});
  return g;
}

const Geography::Span* Geography::SpanAt(const std::multimap<std::string, Span, std::less<>>& spans,
                                         std::string_view code, Day d) const {
  for (auto [it, end] = spans.equal_range(code); it != end; ++it) {
    if (it->second.period.Contains(d)) return &it->second;
  }
  return nullptr;
}

std::optional<std::string> Geography::NumberAt(std::string number, Day d) const {
  std::set<std::string> visited;
  while (!SpanAt(municipalities_, number, d)) {
    if (!visited.insert(number).second) return "";
    const bool ended = municipalities_.count(number) == 0 || municipalities_.find(number)->second.period.to <= d;
    const auto& steps = ended ? successors_ : predecessors_;
    std::set<std::string> next;
    for (auto [it, end] = steps.equal_range(number); it != end; ++it) {
      // Forward only through changes that have happened by `d`, backward only through those that have not.
      if ((it->second.effective <= d) == ended) next.insert(it->second.other);
    }
    if (next.empty())
      return visited.size() == 1 && municipalities_.count(number) == 0 ? std::nullopt : std::optional<std::string>("");
    if (next.size() > 1) return "";
    number = *next.begin();
  }
  return number;
}

std::optional<int32_t> Geography::PopulationOf(std::string_view number, Day structure_date, int year) const {
  const Populations& table = structure_date >= k2024Borders && year < 2024 ? population_2024_borders_ : population_;
  const auto it = table.find(number);
  if (it == table.end()) return std::nullopt;
  const auto later = it->second.upper_bound(year);
  if (later == it->second.begin()) return std::nullopt;
  return std::prev(later)->second;
}

void Geography::AddAreas(AreaFrame& frame, Day d) const {
  frame.areas_.push_back({Level::kNation, "NO", "Norge"});
  for (const auto& [code, span] : counties_) {
    if (span.period.Contains(d)) frame.areas_.push_back({Level::kCounty, code, span.name});
  }
  for (const Group& group : groups_) frame.areas_.push_back({Level::kMunicipalityGroup, group.code, group.label});
  for (const auto& [code, span] : municipalities_) {
    if (!span.period.Contains(d)) continue;
    const Span* named = SpanAt(names_, code, d);
    frame.areas_.push_back({Level::kMunicipality, code, named ? named->name : span.name});
  }
}

void Geography::AddPlacements(AreaFrame& frame, Day d, int year) const {
  std::map<std::pair<Level, std::string>, int32_t> index;
  for (size_t i = 0; i < frame.areas_.size(); ++i) {
    index[{frame.areas_[i].level, frame.areas_[i].code}] = static_cast<int32_t>(i);
  }
  std::set<std::string> numbers;
  for (const auto& [code, span] : municipalities_) numbers.insert(code);
  for (const auto& [code, step] : successors_) numbers.insert(code);
  for (const std::string& number : numbers) {
    const auto at = NumberAt(number, d);
    if (!at) continue;
    Placement placement;
    placement.kind = at->empty() ? Placement::Kind::kAmbiguous : Placement::Kind::kPlaced;
    if (!at->empty()) {
      placement.municipality = index.at({Level::kMunicipality, *at});
      const auto county = index.find({Level::kCounty, SpanAt(municipalities_, *at, d)->county});
      placement.county = county == index.end() ? -1 : county->second;
      const auto population = PopulationOf(*at, d, year);
      placement.population = population;
      for (const Group& group : groups_) {
        if (population && group.min <= *population && *population <= group.max) {
          placement.group = index.at({Level::kMunicipalityGroup, group.code});
        }
      }
    }
    frame.placements_[number] = placement;
  }
}

absl::StatusOr<AreaFrame> Geography::Frame(Day structure_date, int population_year) const {
  if (structure_date < kFirstStructureDate) {
    return absl::OutOfRangeError(Join("structure date ", structure_date.ToString(),
                                      ": the reference tables begin at 2015-01-01; ask for that date or a later one"));
  }
  AreaFrame frame;
  frame.structure_date_ = structure_date;
  frame.population_year_ = population_year;
  AddAreas(frame, structure_date);
  AddPlacements(frame, structure_date, population_year);
  return frame;
}

int Geography::PopulationYear(int year) const {
  int last = 0;
  for (const auto& [number, years] : population_) {
    const auto later = years.upper_bound(year);
    if (later != years.begin()) last = std::max(last, std::prev(later)->first);
  }
  return last;
}

Day Geography::NextStructureChange(Day d) const {
  const auto next = change_days_.upper_bound(d);
  return next == change_days_.end() ? Day::Max() : *next;
}

std::vector<Geography::Inhabited> Geography::MunicipalitiesAt(Day d, int year) const {
  std::vector<Inhabited> out;
  for (const auto& [code, span] : municipalities_) {
    if (span.period.Contains(d)) out.push_back({code, span.county, PopulationOf(code, d, year).value_or(0)});
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Geography::SuccessionsOn(Day d) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [old_number, step] : successors_) {
    if (step.effective == d) out.emplace_back(old_number, step.other);
  }
  return out;
}

}  // namespace flosync
