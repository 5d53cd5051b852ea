#include "state/geography/check_tables.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/text.h"
#include "state/geography/geography.h"

namespace flosync {
namespace {

constexpr std::string_view kMunicipalities = "kommuner.csv";
constexpr std::string_view kNames = "kommune_names.csv";
constexpr std::string_view kChanges = "kommune_changes.csv";
constexpr std::string_view kCounties = "fylker.csv";
constexpr std::string_view kGroups = "kommunegrupper.csv";
constexpr std::string_view kPopulation = "population.csv";
constexpr std::string_view kPopulation2024Borders = "population_2024_borders.csv";
// Every day on which something changes costs a set of areas in memory.
constexpr size_t kMostChangeDays = 100;

using Spans = std::vector<TableRows::Span>;
using SpansOfCode = std::map<std::string, std::vector<const TableRows::Span*>, std::less<>>;

SpansOfCode ByCode(const Spans& spans) {
  SpansOfCode of_code;
  for (const auto& span : spans) of_code[span.code].push_back(&span);
  for (auto& [code, of] : of_code) {
    std::ranges::sort(of, {}, [](const TableRows::Span* span) { return span->period; });
  }
  return of_code;
}

absl::Status CheckOverlaps(std::string_view file, const SpansOfCode& of_code) {
  for (const auto& [code, spans] : of_code) {
    for (size_t i = 1; i < spans.size(); ++i) {
      if (spans[i]->period.from >= spans[i - 1]->period.to) continue;
      return WrongLine(file, spans[i]->line,
                       Join(code, " is valid on ", spans[i]->period.from.ToString(), " by line ", spans[i - 1]->line,
                            " too; let one end where the other begins"));
    }
  }
  return absl::OkStatus();
}

// The first day of `period` on which the code has none of the spans; Day::Max() if there is no such day.
Day FirstUncovered(const SpansOfCode& of_code, std::string_view code, Period period) {
  Day covered = period.from;
  if (const auto it = of_code.find(code); it != of_code.end()) {
    for (const auto* span : it->second) {
      if (span->period.Contains(covered)) covered = span->period.to;
    }
  }
  return covered < period.to ? covered : Day::Max();
}

absl::Status CheckCountiesAndNames(const Spans& municipalities, const SpansOfCode& counties, const SpansOfCode& names) {
  for (const auto& m : municipalities) {
    if (const Day d = FirstUncovered(counties, m.county, m.period); d != Day::Max()) {
      return WrongLine(kMunicipalities, m.line,
                       Join("county ", m.county, " of ", m.code, " is not valid on ", d.ToString(), " in ", kCounties,
                            "; add it there, or correct county_code or validity here"));
    }
    if (const Day d = FirstUncovered(names, m.code, m.period); d != Day::Max()) {
      return WrongLine(kMunicipalities, m.line,
                       Join(m.code, " has no name on ", d.ToString(), " in ", kNames, "; add a line for it there"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckChangeCodes(const std::vector<TableRows::Change>& changes, const SpansOfCode& municipalities) {
  for (const auto& change : changes) {
    // What ended before the tables begin need not be in them (G6).
    const bool old_may_be_gone = change.effective <= kFirstStructureDate;
    for (const std::string& code : {change.old_code, change.new_code}) {
      if (municipalities.contains(code) || (code == change.old_code && old_may_be_gone)) continue;
      return WrongLine(kChanges, change.line,
                       Join(code, " is not in ", kMunicipalities, "; add it there, or correct the code here"));
    }
  }
  return absl::OkStatus();
}

std::map<std::string, int> LinesAt(const Spans& municipalities, Day d) {
  std::map<std::string, int> lines;
  for (const auto& m : municipalities) {
    if (m.period.Contains(d)) lines[m.code] = m.line;
  }
  return lines;
}

// The municipalities before `d`, the changes of that day, the municipalities from it on.
absl::Status CheckChangesOf(Day d, const std::vector<const TableRows::Change*>& changes, const Spans& municipalities) {
  const auto before = LinesAt(municipalities, d.Plus(-1));
  const auto after = LinesAt(municipalities, d);
  std::set<std::string> gone;
  std::set<std::string> come;
  for (const auto* change : changes) {
    gone.insert(change->old_code);
    come.insert(change->new_code);
  }
  for (const auto* change : changes) {
    if (!before.contains(change->old_code)) {
      return WrongLine(kChanges, change->line,
                       Join(change->old_code, " is not valid the day before ", d.ToString(), " in ", kMunicipalities,
                            "; correct old_code or effective_date here, or the validity there"));
    }
    if (!after.contains(change->new_code)) {
      return WrongLine(kChanges, change->line,
                       Join(change->new_code, " is not valid on ", d.ToString(), " in ", kMunicipalities,
                            "; correct new_code or effective_date here, or the validity there"));
    }
    if (after.contains(change->old_code) && !come.contains(change->old_code)) {
      return WrongLine(kChanges, change->line,
                       Join(change->old_code, " goes over, but ", kMunicipalities, " has it valid on ", d.ToString(),
                            " still; end it there, or add a line here that leads to it"));
    }
  }
  for (const auto& [code, line] : before) {
    if (after.contains(code) || gone.contains(code)) continue;
    return WrongLine(
        kMunicipalities, line,
        Join(code, " ends on ", d.ToString(), " and no line of ", kChanges, " says what becomes of it; add one"));
  }
  for (const auto& [code, line] : after) {
    if (before.contains(code) || come.contains(code)) continue;
    return WrongLine(
        kMunicipalities, line,
        Join(code, " begins on ", d.ToString(), " and no line of ", kChanges, " says what it comes from; add one"));
  }
  return absl::OkStatus();
}

absl::Status CheckStructure(const TableRows& rows) {
  std::map<Day, std::vector<const TableRows::Change*>> changes_of;
  std::set<Day> days;
  for (const Spans* spans : {&rows.municipalities, &rows.names, &rows.counties}) {
    for (const auto& span : *spans) {
      for (const Day d : {span.period.from, span.period.to}) {
        if (kFirstStructureDate < d && d != Day::Max()) days.insert(d);
      }
    }
  }
  for (const auto& change : rows.changes) {
    if (change.effective <= kFirstStructureDate) continue;
    days.insert(change.effective);
    if (change.moves) changes_of[change.effective].push_back(&change);
  }
  if (days.size() > kMostChangeDays) {
    return absl::InvalidArgumentError(Join(kMunicipalities, ", ", kNames, ", ", kCounties, ", ", kChanges,
                                           ": something changes on ", days.size(), " days, and ", kMostChangeDays,
                                           " is the most; are all dates in the right columns?"));
  }
  for (const Day d : days) {
    if (absl::Status checked = CheckChangesOf(d, changes_of[d], rows.municipalities); !checked.ok()) return checked;
  }
  return absl::OkStatus();
}

absl::Status CheckPopulation(std::string_view file, const std::vector<TableRows::Population>& population,
                             const SpansOfCode& municipalities) {
  std::map<std::pair<std::string, int>, int> lines;
  for (const auto& figure : population) {
    if (!municipalities.contains(figure.code)) {
      return WrongLine(file, figure.line,
                       Join(figure.code, " is not in ", kMunicipalities, "; add it there, or correct the code here"));
    }
    const auto [it, first] = lines.emplace(std::pair(figure.code, figure.year), figure.line);
    if (!first) {
      return WrongLine(
          file, figure.line,
          Join(figure.code, " in ", figure.year, " stands in line ", it->second, " too; keep one of them"));
    }
  }
  return absl::OkStatus();
}

// A table cut short would put municipalities into no group, or an older one, and nobody would notice.
absl::Status CheckCovers(std::string_view file, const std::vector<TableRows::Population>& population,
                         const Spans& municipalities, Day d) {
  std::set<std::string_view> known;
  for (const auto& figure : population) known.insert(figure.code);
  for (const auto& m : municipalities) {
    if (!m.period.Contains(d) || known.contains(m.code)) continue;
    return WrongLine(
        file, population.back().line,
        Join("the table ends here without any figure of ", m.code, ", which is valid on ", d.ToString(), " by ",
             kMunicipalities, ", line ", m.line, "; give the whole table, with every municipality and all years since ",
             kFirstStructureDate.year()));
  }
  return absl::OkStatus();
}

absl::Status CheckPopulations(const TableRows& rows, const SpansOfCode& municipalities) {
  int last_year = kFirstStructureDate.year();
  for (const auto& figure : rows.population) last_year = std::max(last_year, figure.year);
  // The last day of which the tables tell something, be it a population or new municipalities.
  Day last(last_year, 12, 31);
  for (const auto& m : rows.municipalities) last = std::max(last, m.period.from);
  for (absl::Status checked :
       {CheckPopulation(kPopulation, rows.population, municipalities),
        CheckPopulation(kPopulation2024Borders, rows.population_2024_borders, municipalities),
        CheckCovers(kPopulation, rows.population, rows.municipalities, last),
        CheckCovers(kPopulation2024Borders, rows.population_2024_borders, rows.municipalities, k2024Borders)}) {
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(std::vector<TableRows::Group> groups) {
  std::ranges::sort(groups, {}, &TableRows::Group::min);
  std::set<std::string> codes;
  int64_t next = 0;
  for (const auto& group : groups) {
    if (!codes.insert(group.code).second)
      return WrongLine(kGroups, group.line, Join("group ", group.code, " stands twice; give each its own id"));
    if (group.min != next || group.max < group.min) {
      return WrongLine(kGroups, group.line,
                       Join("the group begins at ", group.min, " and has to begin at ", next,
                            "; groups follow each other without gap or overlap, both bounds included"));
    }
    next = int64_t{group.max} + 1;
  }
  if (next <= INT32_MAX)
    return absl::InvalidArgumentError(
        Join(kGroups, ": no group has ", next, " inhabitants and more; leave max of the last group empty"));
  return absl::OkStatus();
}

absl::Status CheckRows(const TableRows& rows) {
  for (const auto& [file, count] :
       {std::pair(kMunicipalities, rows.municipalities.size()), std::pair(kNames, rows.names.size()),
        std::pair(kChanges, rows.changes.size()), std::pair(kCounties, rows.counties.size()),
        std::pair(kPopulation, rows.population.size()),
        std::pair(kPopulation2024Borders, rows.population_2024_borders.size()),
        std::pair(kGroups, rows.groups.size())}) {
    if (count > 0) continue;
    return WrongLine(file, 1,
                     "has no rows below it; give the whole table, or leave the file out to keep the one in force");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTables(const TableRows& rows) {
  if (absl::Status checked = CheckRows(rows); !checked.ok()) return checked;
  const SpansOfCode municipalities = ByCode(rows.municipalities);
  const SpansOfCode names = ByCode(rows.names);
  const SpansOfCode counties = ByCode(rows.counties);
  if (LinesAt(rows.municipalities, kFirstStructureDate).empty()) {
    return absl::InvalidArgumentError(Join(kMunicipalities, ": no municipality is valid on ",
                                           kFirstStructureDate.ToString(),
                                           "; give the whole table, with all that has been valid since that day"));
  }
  for (absl::Status checked :
       {CheckOverlaps(kMunicipalities, municipalities), CheckOverlaps(kNames, names),
        CheckOverlaps(kCounties, counties), CheckCountiesAndNames(rows.municipalities, counties, names),
        CheckChangeCodes(rows.changes, municipalities)}) {
    if (!checked.ok()) return checked;
  }
  if (absl::Status checked = CheckStructure(rows); !checked.ok()) return checked;
  if (absl::Status checked = CheckPopulations(rows, municipalities); !checked.ok()) return checked;
  return CheckGroups(rows.groups);
}

}  // namespace flosync
