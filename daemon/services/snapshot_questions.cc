// The methods of SnapshotService that compare and explain.
#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "daemon/services/convert.h"
#include "daemon/services/figure_filter.h"
#include "daemon/services/find_snapshot.h"
#include "daemon/services/snapshot_service.h"
#include "domain/text.h"
#include "state/snapshots/explain.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

std::string NameOf(const SnapshotHeader& header) { return Join(header.reference_date.ToString(), ".", header.edition); }

// Both in canonical order; calls `visit` with every pair of rows of one key that differ, until it says false.
void EachDifference(const std::vector<IndicatorRow>& before, const std::vector<IndicatorRow>& after,
                    const std::function<bool(const std::string&, const IndicatorRow*, const IndicatorRow*)>& visit) {
  for (size_t i = 0, j = 0; i < before.size() || j < after.size();) {
    const std::string left = i < before.size() ? KeyOf(before[i]) : "";
    const std::string right = j < after.size() ? KeyOf(after[j]) : "";
    const bool take_left = j == after.size() || (i < before.size() && left <= right);
    const bool take_right = i == before.size() || (j < after.size() && right <= left);
    const IndicatorRow* was = take_left ? &before[i++] : nullptr;
    const IndicatorRow* is = take_right ? &after[j++] : nullptr;
    if (was && is && !Corrected(*was, *is)) continue;
    if (!visit(take_left ? left : right, was, is)) return;
  }
}

grpc::Status Compare(const ServiceSupport& support, const v1::CompareSnapshotsRequest& request,
                     v1::CompareSnapshotsResponse& response) {
  const View view(support.publication->store());
  SnapshotHeader before;
  SnapshotHeader after;
  for (const auto& [name, header] : {std::pair(&request.before(), &before), std::pair(&request.after(), &after)}) {
    grpc::Status found =
        FindAskedSnapshot(view, support.publication->geography(), name->reference_date(), name->edition(), *header);
    if (!found.ok()) return found;
  }
  const auto exists = [&support](std::string_view code) { return support.frames->EverHad(code); };
  FigureFilter filter;
  if (grpc::Status read = FigureFilter::Read(request.filter(), support.publication->definitions(), exists, filter);
      !read.ok()) {
    return read;
  }
  const std::string hash = Sha256Hex({NameOf(before), NameOf(after), filter.Hash()});
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kComparisonPage, hash, request.page_size(), request.page_token(),
                                   support.figure_pages, page);
      !read.ok()) {
    return read;
  }
  const auto rows_before = SnapshotRows(view, before);
  if (!rows_before.ok()) return FromStatus(rows_before.status());
  const auto rows_after = SnapshotRows(view, after);
  if (!rows_after.ok()) return FromStatus(rows_after.status());
  std::string last_key;
  EachDifference(*rows_before, *rows_after,
                 [&](const std::string& key, const IndicatorRow* was, const IndicatorRow* is) {
                   const IndicatorRow& row = was ? *was : *is;
                   if (key <= page.after_key || !filter.MatchesArea(row.level, row.area_code) ||
                       !filter.MatchesFigure(row.definition, row.measure, row.breakdown)) {
                     return true;
                   }
                   if (response.differences_size() == page.entries) {
                     response.set_next_page_token(WritePageToken(TokenKind::kComparisonPage, hash, last_key));
                     return false;
                   }
                   v1::RowDifference* difference = response.add_differences();
                   if (was) Convert(*was, difference->mutable_before());
                   if (is) Convert(*is, difference->mutable_after());
                   last_key = key;
                   return true;
                 });
  Convert(before, response.mutable_before());
  Convert(after, response.mutable_after());
  return grpc::Status::OK;
}

// The published definition that has the measure, or the one named.
const Definition* DefinitionFor(const Definitions& definitions, const v1::ExplainFigureRequest& request) {
  if (!request.definition().empty()) return definitions.Find(request.definition());
  for (const Definition* definition : definitions.published()) {
    for (const Definition::Selection& selection : definition->measures) {
      if (selection.measure->id() == request.measure()) return definition;
    }
  }
  return nullptr;
}

void Convert(const Contributor& in, v1::Contribution* out) {
  out->set_numerator(in.numerator);
  out->set_denominator(in.denominator);
  for (const std::string& value : in.observed) out->add_observed(value);
}

void Convert(const ContributorChange& in, v1::Contributor* out) {
  out->set_subject(in.after ? in.after->id : in.before->id);
  out->set_change(!in.before  ? v1::CONTRIBUTOR_CHANGE_ENTERED
                  : !in.after ? v1::CONTRIBUTOR_CHANGE_LEFT
                              : v1::CONTRIBUTOR_CHANGE_CHANGED);
  if (in.before) Convert(*in.before, out->mutable_before());
  if (in.after) Convert(*in.after, out->mutable_now());
  for (const ExplainingRecord& record : in.records) {
    v1::ExplainingRecord* added = out->add_records();
    added->set_entity(record.entity);
    Convert(record.position, added->mutable_record());
  }
}

grpc::Status Unexplained(const absl::Status& status, const FigureAddress& figure) {
  if (!absl::IsNotFound(status)) return FromStatus(status);
  return NotFound("FIGURE_NOT_FOUND", std::string(status.message()),
                  {{"definition", figure.definition->id},
                   {"area_code", figure.area_code},
                   {"measure", figure.measure},
                   {"breakdown", figure.breakdown}});
}

// Puts the figure and all its contributors, or those that changed, into `whole`.
grpc::Status ExplainWhole(const ServiceSupport& support, const v1::ExplainFigureRequest& request,
                          v1::ExplainFigureResponse& whole) {
  const View view(support.publication->store());
  const Geography& geography = support.publication->geography();
  SnapshotHeader snapshot;
  const v1::SnapshotName& name = request.snapshot();
  if (grpc::Status found =
          FindAskedSnapshot(view, support.publication->geography(), name.reference_date(), name.edition(), snapshot);
      !found.ok()) {
    return found;
  }
  FigureAddress figure;
  figure.definition = DefinitionFor(support.publication->definitions(), request);
  if (!figure.definition) return InvalidField("measure", "is not published; name a definition that has it");
  if (request.level() < v1::LEVEL_NATION || request.level() > v1::LEVEL_MUNICIPALITY) {
    return InvalidField("level", "is needed: the same code may name areas of two levels");
  }
  figure.level = static_cast<Level>(static_cast<int>(request.level()) - 1);
  figure.area_code = request.area_code();
  figure.measure = request.measure();
  figure.breakdown = request.breakdown().empty() ? "all" : request.breakdown();
  Convert(snapshot, whole.mutable_snapshot());
  if (!request.has_compared_with()) {
    const auto explained = flosync::ExplainFigure(view, geography, figure, snapshot);
    if (!explained.ok()) return Unexplained(explained.status(), figure);
    Convert(explained->row, whole.mutable_row());
    for (const Contributor& contributor : explained->contributors) {
      v1::Contributor* added = whole.add_contributors();
      added->set_subject(contributor.id);
      Convert(contributor, added->mutable_now());
    }
    return grpc::Status::OK;
  }
  SnapshotHeader before;
  const v1::SnapshotName& other = request.compared_with();
  if (grpc::Status found =
          FindAskedSnapshot(view, support.publication->geography(), other.reference_date(), other.edition(), before);
      !found.ok()) {
    return found;
  }
  Convert(before, whole.mutable_compared_with());
  const auto explained = ExplainChange(view, geography, figure, before, snapshot);
  if (!explained.ok()) return Unexplained(explained.status(), figure);
  Convert(explained->after, whole.mutable_row());
  Convert(explained->before, whole.mutable_compared_row());
  for (const ContributorChange& change : explained->changes) Convert(change, whole.add_contributors());
  return grpc::Status::OK;
}

grpc::Status Explain(const ServiceSupport& support, v1::ExplainFigureRequest request,
                     v1::ExplainFigureResponse& response) {
  const int32_t page_size = request.page_size();
  const std::string page_token = request.page_token();
  request.clear_page_size();
  request.clear_page_token();
  const std::string hash = Sha256Hex({request.SerializeAsString()});
  Page page;
  if (grpc::Status read =
          ReadPage(TokenKind::kExplanationPage, hash, page_size, page_token, support.figure_pages, page);
      !read.ok()) {
    return read;
  }
  v1::ExplainFigureResponse whole;
  if (grpc::Status explained = ExplainWhole(support, request, whole); !explained.ok()) return explained;
  // The key is the number of contributors sent: the question names editions, whose explanation does not change.
  const int first = ParseNumber<int>(page.after_key).value_or(0);
  const int end = std::min(whole.contributors_size(), first + page.entries);
  for (int i = first; i < end; ++i) response.add_contributors()->Swap(whole.mutable_contributors(i));
  if (end < whole.contributors_size()) {
    response.set_next_page_token(WritePageToken(TokenKind::kExplanationPage, hash, std::to_string(end)));
  }
  response.mutable_row()->Swap(whole.mutable_row());
  response.mutable_snapshot()->Swap(whole.mutable_snapshot());
  if (whole.has_compared_with()) response.mutable_compared_with()->Swap(whole.mutable_compared_with());
  if (whole.has_compared_row()) response.mutable_compared_row()->Swap(whole.mutable_compared_row());
  return grpc::Status::OK;
}

}  // namespace

grpc::ServerUnaryReactor* SnapshotServer::CompareSnapshots(grpc::CallbackServerContext* context,
                                                           const v1::CompareSnapshotsRequest* request,
                                                           v1::CompareSnapshotsResponse* response) {
  return Answer(support_, context, request, response,
                [this, request, response] { return Compare(support_, *request, *response); });
}

grpc::ServerUnaryReactor* SnapshotServer::ExplainFigure(grpc::CallbackServerContext* context,
                                                        const v1::ExplainFigureRequest* request,
                                                        v1::ExplainFigureResponse* response) {
  return AnswerOn(support_.past, support_, context, request, response,
                  [this, request, response] { return Explain(support_, *request, *response); });
}

}  // namespace flosync
