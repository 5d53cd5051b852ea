#include "state/audit/audit.h"

#include <algorithm>
#include <memory>
#include <set>

#include "state/audit/heads.h"
#include "state/audit/stored_history.h"
#include "state/geography/stored_tables.h"
#include "state/indicators/counted_definitions.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// A number of the store's meta data; nothing before the first commit.
absl::StatusOr<std::optional<int64_t>> ReadNumber(const View& view, std::string_view key) {
  const auto bytes = view.Get(Family::kMeta, key);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<int64_t>();
  return std::optional(KeyReader(**bytes).Number64());
}

FigureName ReadName(std::string_view key) {
  KeyReader reader(key);
  FigureName name;
  name.level = static_cast<Level>(reader.Byte());
  name.area = reader.Text();
  name.measure = reader.Text();
  name.breakdown = reader.Text();
  name.definition = reader.Text();
  return name;
}

// What cannot be read differs from whatever it should be.
Figure ReadOrTell(std::string_view bytes) {
  const auto stored = ParseStored<store::v1::StoredFigure>(bytes);
  return stored.ok() ? ReadFigure(*stored) : Figure{std::nullopt, std::nullopt, "unreadable"};
}

absl::StatusOr<PlainFigures> ReadStored(const View& view) {
  PlainFigures figures;
  const absl::Status walked = view.Each(Family::kCells, "", [&](std::string_view key, std::string_view value) {
    figures[ReadName(key)] = ReadOrTell(value);
    return true;
  });
  if (!walked.ok()) return walked;
  return figures;
}

void Name(FigureDifference difference, AuditReport& report) {
  ++report.difference_count;
  if (report.figures.size() < kMaxDifferences) report.figures.push_back(std::move(difference));
}

// The definitions whose figures are looked at: those that are published and that the stored figures are counted by.
std::vector<const Definition*> Audited(const Definitions& definitions, const std::set<std::string>& counted) {
  std::vector<const Definition*> audited;
  for (const Definition* definition : definitions.published()) {
    if (counted.contains(definition->id)) audited.push_back(definition);
  }
  return audited;
}

// Figures of a definition that is noted in the store and not published here are passed over: nobody can count them. One
// of a definition that nobody knows is a difference.
void CompareFigures(const PlainFigures& stored, const PlainFigures& recomputed,
                    const std::vector<const Definition*>& audited, const std::set<std::string>& counted,
                    AuditReport& report) {
  const auto passed_over = [&](const std::string& id) {
    return counted.contains(id) && std::ranges::find(audited, id, &Definition::id) == audited.end();
  };
  std::set<FigureName> names;
  for (const auto& [name, figure] : recomputed) names.insert(name);
  for (const auto& [name, figure] : stored) {
    if (!passed_over(name.definition)) names.insert(name);
  }
  report.figures_compared = static_cast<int64_t>(names.size());
  const auto find = [](const PlainFigures& figures, const FigureName& name) {
    const auto it = figures.find(name);
    return it == figures.end() ? std::nullopt : std::optional(it->second);
  };
  for (const FigureName& name : names) {
    FigureDifference difference{name, find(stored, name), find(recomputed, name)};
    if (difference.stored != difference.recomputed) Name(std::move(difference), report);
  }
}

// The tables that the stored figures are counted by: those in force may have come since.
absl::StatusOr<std::unique_ptr<const Geography>> OtherTables(const View& view, const Geography& in_force) {
  const auto noted = view.Get(Family::kMeta, kTablesKey);
  if (!noted.ok()) return noted.status();
  const std::string hash = noted->value_or(Geography::Shipped().tables_hash());
  if (hash == in_force.tables_hash()) return nullptr;
  return LoadVintage(view, hash);
}

// Live figures of a day before the reference tables begin stand in their first structure, of one beyond them in the
// last.
Day StructureDate(const Geography& geography, Day d) {
  return std::max(geography.StructureDateOf(d), kFirstStructureDate);
}

}  // namespace

absl::StatusOr<AuditReport> AuditLive(const View& view, const Geography& geography, const Definitions& definitions,
                                      const GoOn& go_on) {
  const auto clock = ReadNumber(view, "clock");
  if (!clock.ok()) return clock.status();
  const auto revision = ReadNumber(view, "revision");
  if (!revision.ok()) return revision.status();
  if (!clock->has_value()) {
    return absl::FailedPreconditionError("nothing has been read into this state yet, so there is nothing to audit");
  }
  AuditReport report;
  report.instant = Instant{**clock};
  report.reference_day = OsloDay(report.instant);
  report.revision = revision->value_or(0);
  const StoredHistory history(view, go_on);
  const auto lists =
      ReadLists(history, {report.reference_day, report.instant, definitions.derivation().counted_relationships});
  if (!lists.ok()) return lists.status();
  const auto other = OtherTables(view, geography);
  if (!other.ok()) return other.status();
  const Geography& tables = *other ? **other : geography;
  const auto frame = tables.Frame(StructureDate(tables, report.reference_day), report.reference_day.year());
  if (!frame.ok()) return frame.status();
  const auto stored = ReadStored(view);
  if (!stored.ok()) return stored.status();
  const auto counted = ReadCountedDefinitions(view);
  if (!counted.ok()) return counted.status();
  const auto audited = Audited(definitions, *counted);
  CompareFigures(*stored, CountPlainly(*lists, *frame, audited, report.reference_day), audited, *counted, report);
  if (absl::Status compared = CompareHeads(view, history, report); !compared.ok()) return compared;
  return report;
}

}  // namespace flosync
