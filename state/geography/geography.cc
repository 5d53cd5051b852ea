#include "state/geography/geography.h"

#include <algorithm>
#include <set>

#include "domain/text.h"
#include "state/geography/shipped_tables.h"

namespace flosync {

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
  const auto it = structure_->placements.find(municipality_number);
  if (it == structure_->placements.end()) return {};
  Placement placement = it->second;
  if (placement.municipality >= 0) {
    const auto index = static_cast<size_t>(placement.municipality - structure_->first_municipality);
    placement.group = inhabitants_[index].group;
    placement.population = inhabitants_[index].population;
  }
  return placement;
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
  auto rows = ReadTables(tables);
  if (!rows.ok()) return rows.status();
  Geography g;
  g.Take(*std::move(rows));
  g.MakeStructures();
  for (size_t i = 0; i < kReferenceFileCount; ++i) g.texts_.at(i) = tables.*kReferenceFiles.at(i).text;
  g.tables_hash_ = TablesHash(tables);
  return g;
}

void Geography::Take(TableRows rows) {
  const auto take_spans = [](std::vector<TableRows::Span>& spans, Spans& into) {
    for (auto& span : spans) into.emplace(span.code, std::move(span));
  };
  take_spans(rows.municipalities, municipalities_);
  take_spans(rows.names, names_);
  take_spans(rows.counties, counties_);
  for (const auto& change : rows.changes) {
    if (!change.moves || change.old_code == change.new_code) continue;
    successors_.emplace(change.old_code, Step{change.effective, change.new_code});
    predecessors_.emplace(change.new_code, Step{change.effective, change.old_code});
  }
  for (const auto& figure : rows.population) population_[figure.code][figure.year] = figure.persons;
  for (const auto& figure : rows.population_2024_borders)
    population_2024_borders_[figure.code][figure.year] = figure.persons;
  groups_ = std::move(rows.groups);
  std::ranges::sort(groups_, {}, &TableRows::Group::code);
}

void Geography::MakeStructures() {
  std::set<Day> days = {kFirstStructureDate};
  for (const Spans* spans : {&municipalities_, &names_, &counties_}) {
    for (const auto& [code, span] : *spans) {
      for (const Day d : {span.period.from, span.period.to}) {
        if (kFirstStructureDate < d && d != Day::Max()) days.insert(d);
      }
    }
  }
  for (const Day d : days) {
    auto structure = std::make_shared<Structure>();
    AddAreas(*structure, d);
    AddPlacements(*structure, d);
    structures_.emplace(d, std::move(structure));
  }
  last_structure_date_ = Day(std::max(last_population_year(), days.rbegin()->year()), 12, 31);
}

const TableRows::Span* Geography::SpanAt(const Spans& spans, std::string_view code, Day d) const {
  for (auto [it, end] = spans.equal_range(code); it != end; ++it) {
    if (it->second.period.Contains(d)) return &it->second;
  }
  return nullptr;
}

std::optional<std::string> Geography::NumberAt(std::string number, Day d) const {
  std::set<std::string> visited;
  while (!SpanAt(municipalities_, number, d)) {
    if (!visited.insert(number).second) return "";
    const auto [first, behind] = municipalities_.equal_range(number);
    // Also what the tables do not know: it was valid before they begin, if ever (G6).
    const bool ended =
        first == behind || std::any_of(first, behind, [d](const auto& span) { return span.second.period.to <= d; });
    const Steps& steps = ended ? successors_ : predecessors_;
    std::set<std::string> next;
    for (auto [it, end] = steps.equal_range(number); it != end; ++it) {
      // Forward only through changes that have happened by `d`, backward only through those that have not.
      if ((it->second.effective <= d) == ended) next.insert(it->second.other);
    }
    if (next.empty()) return visited.size() == 1 && first == behind ? std::nullopt : std::optional<std::string>("");
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

void Geography::AddAreas(Structure& structure, Day d) const {
  structure.areas.push_back({Level::kNation, "NO", "Norge"});
  for (const auto& [code, span] : counties_) {
    if (span.period.Contains(d)) structure.areas.push_back({Level::kCounty, code, span.name});
  }
  for (const auto& group : groups_) structure.areas.push_back({Level::kMunicipalityGroup, group.code, group.label});
  structure.first_municipality = static_cast<int32_t>(structure.areas.size());
  for (const auto& [code, span] : municipalities_) {
    if (!span.period.Contains(d)) continue;
    const TableRows::Span* named = SpanAt(names_, code, d);
    structure.areas.push_back({Level::kMunicipality, code, named ? named->name : span.name});
  }
}

void Geography::AddPlacements(Structure& structure, Day d) const {
  std::map<std::pair<Level, std::string>, int32_t> index;
  for (size_t i = 0; i < structure.areas.size(); ++i) {
    index[{structure.areas[i].level, structure.areas[i].code}] = static_cast<int32_t>(i);
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
    }
    structure.placements[number] = placement;
  }
}

absl::StatusOr<AreaFrame> Geography::Frame(Day structure_date, int population_year) const {
  if (structure_date < kFirstStructureDate) {
    return absl::OutOfRangeError(Join("structure date ", structure_date.ToString(), ": the reference tables begin at ",
                                      kFirstStructureDate.ToString(), "; ask for that date or a later one"));
  }
  if (structure_date > last_structure_date_) {
    return absl::OutOfRangeError(Join("structure date ", structure_date.ToString(), ": the reference tables end at ",
                                      last_structure_date_.ToString(),
                                      "; ask for that date or an earlier one, or import newer tables"));
  }
  AreaFrame frame;
  frame.structure_date_ = structure_date;
  frame.population_year_ = population_year;
  frame.structure_ = std::prev(structures_.upper_bound(structure_date))->second;
  const std::vector<Area>& areas = frame.structure_->areas;
  std::vector<std::pair<const TableRows::Group*, int32_t>> groups;
  for (int32_t i = 0; i < frame.structure_->first_municipality; ++i) {
    if (areas[static_cast<size_t>(i)].level == Level::kMunicipalityGroup)
      groups.emplace_back(&groups_[groups.size()], i);
  }
  for (auto i = static_cast<size_t>(frame.structure_->first_municipality); i < areas.size(); ++i) {
    AreaFrame::Inhabitants& inhabitants = frame.inhabitants_.emplace_back();
    inhabitants.population = PopulationOf(areas[i].code, structure_date, population_year);
    for (const auto& [group, index] : groups) {
      if (inhabitants.population && group->min <= *inhabitants.population && *inhabitants.population <= group->max)
        inhabitants.group = index;
    }
  }
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
  const auto next = structures_.upper_bound(d);
  return next == structures_.end() ? Day::Max() : next->first;
}

ReferenceTables Geography::tables() const {
  ReferenceTables tables;
  for (size_t i = 0; i < kReferenceFileCount; ++i) tables.*kReferenceFiles.at(i).text = texts_.at(i);
  return tables;
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
