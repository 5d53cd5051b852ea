#include "daemon/services/indicator_service.h"

#include <algorithm>

#include "daemon/services/convert.h"
#include "daemon/services/figure_filter.h"
#include "daemon/services/live_figures.h"
#include "daemon/services/past_figures.h"
#include "daemon/services/watch_stream.h"
#include "daemon/services/watched_figures.h"
#include "domain/text.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

bool AsksForThePast(const v1::QueryIndicatorsRequest& request) {
  return !request.reference_date().empty() || request.has_known_at() || !request.structure_date().empty();
}

// A day, or a month, which means its first or last day as the definition has it.
std::optional<Day> ReadReferenceDate(const std::string& text, const Definition& definition) {
  constexpr size_t kMonthLength = 7;  // yyyy-MM
  if (text.size() != kMonthLength) return ParseDay(text);
  const auto first = ParseDay(text + "-01");
  return first ? std::optional(definition.ReferenceDateOf(first->year(), first->month())) : std::nullopt;
}

// The definitions asked for, which must derive alike: rows of one answer are of one evaluation.
grpc::Status ReadDefinitions(const FigureFilter& filter, const Definitions& all,
                             std::vector<const Definition*>& definitions) {
  for (const std::string& id : filter.definitions()) definitions.push_back(all.Find(id));
  if (definitions.empty()) definitions = all.published();
  for (const Definition* definition : definitions) {
    if (!(definition->derivation == definitions.front()->derivation) ||
        definition->reference_day != definitions.front()->reference_day ||
        definition->structure_date != definitions.front()->structure_date) {
      return InvalidField("filter.definitions", "count from different facts; ask for one of them at a time");
    }
  }
  return grpc::Status::OK;
}

// What of the past the request asks for, but for the definitions.
grpc::Status ReadPast(const v1::QueryIndicatorsRequest& request, EvaluationRequest& past) {
  if (request.reference_date().empty()) {
    return InvalidField("reference_date", "is needed with known_at and structure_date: live figures have neither");
  }
  const auto day = ReadReferenceDate(request.reference_date(), *past.definitions.front());
  if (!day) return InvalidField("reference_date", "is neither a date of the form yyyy-MM-dd nor a month yyyy-MM");
  past.reference_date = *day;
  if (!request.structure_date().empty()) {
    past.structure_date = ParseDay(request.structure_date());
    if (!past.structure_date) return InvalidField("structure_date", "is not a date of the form yyyy-MM-dd");
  }
  if (request.has_known_at()) {
    const auto known_at = ReadInstant(request.known_at());
    if (!known_at) return InvalidField("known_at", "is not an instant of the years 1 to 9999");
    past.known_at = *known_at;
  }
  return grpc::Status::OK;
}

}  // namespace

grpc::Status IndicatorServer::QueryPast(const v1::QueryIndicatorsRequest& request, const LastCommit& last,
                                        const View& view, v1::QueryIndicatorsResponse& response) const {
  const auto exists = [this](std::string_view code) { return support_.frames->EverHad(code); };
  const Definitions& definitions = support_.publication->definitions();
  FigureFilter filter;
  if (grpc::Status read = FigureFilter::Read(request.filter(), definitions, exists, filter); !read.ok()) return read;
  EvaluationRequest past;
  if (grpc::Status read = ReadDefinitions(filter, definitions, past.definitions); !read.ok()) return read;
  if (grpc::Status read = ReadPast(request, past); !read.ok()) return read;
  const Day last_day = support_.publication->geography().last_reference_date();
  if (past.reference_date > last_day) {
    return DateOutOfRange(Join("figures are counted for dates up to ", last_day.ToString(), "; ask for an earlier one"),
                          kFirstStructureDate, last_day);
  }
  const std::string hash = Sha256Hex(
      {filter.Hash(), past.reference_date.ToString(), std::to_string(past.known_at.ms), request.structure_date()});
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kIndicatorPage, hash, request.page_size(), request.page_token(),
                                   support_.figure_pages, page);
      !read.ok()) {
    return read;
  }
  const auto rows = support_.past_figures->Evaluate(view, last.revision, past);
  if (absl::IsOutOfRange(rows.status())) {
    return DateOutOfRange(std::string(rows.status().message()), kFirstStructureDate,
                          support_.publication->geography().last_structure_date());
  }
  if (!rows.ok()) return FromStatus(rows.status());
  std::string last_key;
  for (const IndicatorRow& row : **rows) {
    if (!filter.MatchesArea(row.level, row.area_code) ||
        !filter.MatchesFigure(row.definition, row.measure, row.breakdown)) {
      continue;
    }
    std::string key = KeyOf(row);
    if (key <= page.after_key) continue;
    if (response.rows_size() == page.entries) {
      response.set_next_page_token(WritePageToken(TokenKind::kIndicatorPage, hash, last_key));
      break;
    }
    Convert(row, response.add_rows());
    last_key = std::move(key);
  }
  response.set_revision(last.revision);
  response.set_reference_date(past.reference_date.ToString());
  return grpc::Status::OK;
}

grpc::Status IndicatorServer::QueryLive(const v1::QueryIndicatorsRequest& request, const LastCommit& last,
                                        const View& view, v1::QueryIndicatorsResponse& response) const {
  const Day today = OsloDay(*last.clock);
  const auto frame = support_.frames->Of(today);
  const auto exists = [&frame](std::string_view code) {
    return std::ranges::any_of(frame->areas(), [&](const Area& area) { return area.code == code; });
  };
  const Definitions& definitions = support_.publication->definitions();
  FigureFilter filter;
  if (grpc::Status read = FigureFilter::Read(request.filter(), definitions, exists, filter); !read.ok()) return read;
  for (const std::string& id : filter.definitions()) {
    if (!definitions.Find(id)->published) {
      return InvalidField("reference_date", Join("is needed: ", id, " has no live figures"));
    }
  }
  // Of no use to most questions, whose answer is one page.
  const std::string hash = request.page_token().empty() ? "" : filter.Hash();
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kIndicatorPage, hash, request.page_size(), request.page_token(),
                                   support_.figure_pages, page);
      !read.ok()) {
    return read;
  }
  LiveFigures figures(&view, last.revision, frame.get(), support_.area_figures, filter);
  if (!page.after_key.empty()) figures.StartAfter(page.after_key);
  const auto found = figures.Next(static_cast<size_t>(page.entries));
  if (!found.ok()) return FromStatus(found.status());
  for (const LiveFigure& figure : *found) {
    Convert(*figure.area, *figure.entry, figure.figure, response.add_rows());
  }
  if (!figures.done()) {
    response.set_next_page_token(WritePageToken(TokenKind::kIndicatorPage, filter.Hash(), found->back().Key()));
  }
  response.set_revision(last.revision);
  response.set_reference_date(today.ToString());
  return grpc::Status::OK;
}

grpc::Status IndicatorServer::Query(const v1::QueryIndicatorsRequest& request,
                                    v1::QueryIndicatorsResponse& response) const {
  const View view(support_.publication->store());
  const auto last = ReadLastCommit(view);
  if (!last.ok()) return FromStatus(last.status());
  if (!last->clock) return NotReady();
  return AsksForThePast(request) ? QueryPast(request, *last, view, response)
                                 : QueryLive(request, *last, view, response);
}

grpc::ServerUnaryReactor* IndicatorServer::QueryIndicators(grpc::CallbackServerContext* context,
                                                           const v1::QueryIndicatorsRequest* request,
                                                           v1::QueryIndicatorsResponse* response) {
  Workers* workers = AsksForThePast(*request) ? support_.past : support_.calls;
  return AnswerOn(workers, support_, context, request, response,
                  [this, request, response] { return Query(*request, *response); });
}

void IndicatorServer::Describe(const Definition& definition, v1::Definition& out) {
  out.set_id(definition.id);
  out.set_from(definition.from);
  out.set_reference_day(definition.reference_day == ReferenceDay::kFirstOfMonth ? v1::REFERENCE_DAY_FIRST_OF_MONTH
                                                                                : v1::REFERENCE_DAY_LAST_OF_MONTH);
  out.set_published(definition.published);
  out.set_unit(definition.unit == CountUnit::kAgreement ? v1::COUNT_UNIT_AGREEMENT : v1::COUNT_UNIT_UNIQUE_DOCTOR);
  for (const std::string& code : definition.derivation.counted_relationships) out.add_counted_relationships(code);
  out.set_cutoff_delay_minutes(static_cast<int32_t>(
      std::chrono::duration_cast<std::chrono::minutes>(definition.derivation.cutoff_delay).count()));
  out.set_correction_check(definition.derivation.correction_check == CorrectionCheck::kDaily ? "daily"
                                                                                             : "first_of_month");
  out.set_entered_since(definition.entered_since.ToString());
  if (definition.structure_date) out.set_structure_date(definition.structure_date->ToString());
  for (const Definition::Selection& selection : definition.measures) {
    v1::DefinedMeasure* measure = out.add_measures();
    measure->set_measure(std::string(selection.measure->id()));
    measure->set_windowed(selection.measure->windowed());
    for (const int32_t breakdown : selection.breakdowns) {
      measure->add_breakdowns(selection.measure->breakdowns()[static_cast<size_t>(breakdown)]);
    }
  }
}

grpc::ServerUnaryReactor* IndicatorServer::ListDefinitions(grpc::CallbackServerContext* context,
                                                           const v1::ListDefinitionsRequest* request,
                                                           v1::ListDefinitionsResponse* response) {
  return Answer(support_, context, request, response, [this, response] {
    for (const auto& definition : support_.publication->definitions().all()) {
      Describe(*definition, *response->add_definitions());
    }
    return grpc::Status::OK;
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* IndicatorServer::WatchIndicators(grpc::CallbackServerContext* context,
                                                                             const grpc::ByteBuffer* request) {
  return Watch<WatchedFigures>(support_, *context, *request);
}

}  // namespace flosync
