#include "state/audit/audit.h"

#include <algorithm>
#include <set>

#include "state/audit/heads.h"
#include "state/audit/stored_history.h"
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

// Figures of definitions that are no longer published stay where they were and are nobody's.
bool Published(const std::string& definition, const Definitions& definitions) {
  return std::ranges::any_of(definitions.published(), [&](const Definition* d) { return d->id == definition; });
}

void CompareFigures(const PlainFigures& stored, const PlainFigures& recomputed, const Definitions& definitions,
                    AuditReport& report) {
  std::set<FigureName> names;
  for (const auto& [name, figure] : recomputed) names.insert(name);
  for (const auto& [name, figure] : stored) {
    if (Published(name.definition, definitions)) names.insert(name);
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
  const auto frame = geography.Frame(StructureDate(geography, report.reference_day), report.reference_day.year());
  if (!frame.ok()) return frame.status();
  const auto stored = ReadStored(view);
  if (!stored.ok()) return stored.status();
  CompareFigures(*stored, CountPlainly(*lists, *frame, definitions.published(), report.reference_day), definitions,
                 report);
  if (absl::Status compared = CompareHeads(view, history, report); !compared.ok()) return compared;
  return report;
}

}  // namespace flosync
