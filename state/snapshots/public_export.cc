#include "state/snapshots/public_export.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace flosync {
namespace {

constexpr int64_t kSmallestBase = 5;

using AreaKey = std::pair<Level, std::string>;

// GPs and lists of an area: what a row's smallness is measured by.
struct Base {
  int64_t gps = 0;
  int64_t lists = 0;
};

bool OfLists(std::string_view measure) {
  return measure.starts_with("list_") || measure.starts_with("persons_") || measure.starts_with("locum_") ||
         measure == "contract_fixed_salary_share" || measure == "grant_basic_supplement_lists";
}

bool Exempt(const IndicatorRow& row) {
  static const std::set<std::pair<std::string, std::string>> published = {
      {"gp_count", "all.all"}, {"list_count", "all"}, {"persons_listed", "all"}, {"gp_specialist_share", "all"}};
  return row.level == Level::kNation || published.contains({row.measure, row.breakdown});
}

std::map<AreaKey, Base> BasesOf(const std::vector<IndicatorRow>& rows) {
  std::map<AreaKey, Base> bases;
  for (const IndicatorRow& row : rows) {
    if (!row.definition.starts_with("gp-statistics/")) continue;
    Base& base = bases[{row.level, row.area_code}];
    if (row.measure == "gp_count" && row.breakdown == "all.all") base.gps = row.numerator.value_or(0);
    if (row.measure == "list_count" && row.breakdown == "all") base.lists = row.numerator.value_or(0);
  }
  return bases;
}

// The areas that add up to another: municipalities to their county, municipalities to their group, counties and groups
// to the nation.
std::vector<std::vector<AreaKey>> FamiliesOf(const AreaFrame& frame) {
  std::map<AreaKey, std::vector<AreaKey>> children;
  std::vector<AreaKey> counties;
  std::vector<AreaKey> groups;
  const auto key = [&frame](int32_t area) {
    const Area& found = frame.areas()[static_cast<size_t>(area)];
    return AreaKey(found.level, found.code);
  };
  for (const Area& area : frame.areas()) {
    const AreaKey child(area.level, area.code);
    if (area.level == Level::kNation) continue;
    if (area.level != Level::kMunicipality) {
      // Counties and groups each add up to the nation by themselves.
      (area.level == Level::kCounty ? counties : groups).push_back(child);
      continue;
    }
    const Placement placement = frame.Place(area.code);
    for (const int32_t parent : {placement.county, placement.group}) {
      if (parent >= 0) children[key(parent)].push_back(child);
    }
  }
  std::vector<std::vector<AreaKey>> families = {std::move(counties), std::move(groups)};
  for (auto& [parent, family] : children) families.push_back(std::move(family));
  return families;
}

// The rows of one measure and breakdown, by area.
using Column = std::map<AreaKey, IndicatorRow*>;

void Blank(IndicatorRow& row) {
  row.numerator.reset();
  row.denominator.reset();
  row.value.clear();
  row.flags = "suppressed";  // small_base would tell of the denominator
}

// Blanks small areas, then siblings that would give one away, until no family has exactly one blanked.
void BlankColumn(const Column& column, const std::map<AreaKey, Base>& bases,
                 const std::vector<std::vector<AreaKey>>& families) {
  const bool of_lists = OfLists(column.begin()->second->measure);
  const auto size = [&](const AreaKey& area) { return of_lists ? bases.at(area).lists : bases.at(area).gps; };
  std::set<AreaKey> blanked;
  for (const auto& [area, row] : column) {
    if (!Exempt(*row) && size(area) < kSmallestBase) blanked.insert(area);
  }
  for (bool again = true; again;) {
    again = false;
    for (const std::vector<AreaKey>& family : families) {
      std::vector<AreaKey> shown;
      int64_t hidden = 0;
      for (const AreaKey& area : family) {
        if (blanked.contains(area)) {
          hidden += size(area) > 0 ? 1 : 0;  // that an area has none at all is published, so it hides nothing
        } else if (column.contains(area) && !Exempt(*column.at(area))) {
          shown.push_back(area);
        }
      }
      if (hidden != 1 || shown.empty()) continue;
      blanked.insert(
          *std::ranges::min_element(shown, {}, [&](const AreaKey& area) { return std::pair(size(area), area); }));
      again = true;
    }
  }
  for (const AreaKey& area : blanked) Blank(*column.at(area));
}

}  // namespace

std::vector<IndicatorRow> ForPublic(std::vector<IndicatorRow> rows, const AreaFrame& frame) {
  const std::map<AreaKey, Base> bases = BasesOf(rows);
  const std::vector<std::vector<AreaKey>> families = FamiliesOf(frame);
  std::map<std::tuple<std::string, std::string, std::string>, Column> columns;
  for (IndicatorRow& row : rows) {
    columns[{row.definition, row.measure, row.breakdown}][{row.level, row.area_code}] = &row;
  }
  for (const auto& [name, column] : columns) BlankColumn(column, bases, families);
  return rows;
}

}  // namespace flosync
