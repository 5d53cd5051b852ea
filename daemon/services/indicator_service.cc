#include "daemon/services/indicator_service.h"

#include <algorithm>

#include "daemon/services/convert.h"
#include "daemon/services/figure_filter.h"
#include "daemon/services/live_figures.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/watch_stream.h"

namespace flosync {
namespace {

grpc::Status RefuseUnsupported(const v1::QueryIndicatorsRequest& request) {
  if (request.has_known_at()) return NotSupported("KNOWN_AT_NOT_SUPPORTED", "known_at");
  if (!request.reference_date().empty()) return NotSupported("REFERENCE_DATE_NOT_SUPPORTED", "reference_date");
  if (!request.structure_date().empty()) return NotSupported("STRUCTURE_DATE_NOT_SUPPORTED", "structure_date");
  return grpc::Status::OK;
}

}  // namespace

grpc::Status IndicatorServer::Query(const v1::QueryIndicatorsRequest& request,
                                    v1::QueryIndicatorsResponse& response) const {
  if (grpc::Status refused = RefuseUnsupported(request); !refused.ok()) return refused;
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  if (!moment->clock) return NotReady();
  const Day today = OsloDay(*moment->clock);
  const auto frame = support_.frames->Of(today);
  const auto exists = [&frame](std::string_view code) {
    return std::ranges::any_of(frame->areas(), [&](const Area& area) { return area.code == code; });
  };
  FigureFilter filter;
  if (grpc::Status read = FigureFilter::Read(request.filter(), exists, filter); !read.ok()) return read;
  const std::string hash = filter.Hash();
  Page page;
  if (grpc::Status read = ReadPage(TokenKind::kIndicatorPage, hash, request.page_size(), request.page_token(),
                                   support_.figure_pages, page);
      !read.ok()) {
    return read;
  }
  LiveFigures figures(&view, frame.get(), filter);
  if (!page.after_key.empty()) figures.StartAfter(page.after_key);
  const auto found = figures.Next(static_cast<size_t>(page.entries));
  if (!found.ok()) return FromStatus(found.status());
  for (const LiveFigure& figure : *found) {
    Convert(MakeRow(*figure.area, *figure.measure, figure.breakdown, figure.cell), response.add_rows());
  }
  if (!figures.done()) {
    response.set_next_page_token(WritePageToken(TokenKind::kIndicatorPage, hash, found->back().Key()));
  }
  response.set_revision(moment->revision);
  response.set_reference_date(today.ToString());
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* IndicatorServer::QueryIndicators(grpc::CallbackServerContext* context,
                                                           const v1::QueryIndicatorsRequest* request,
                                                           v1::QueryIndicatorsResponse* response) {
  return Answer(support_, context, [this, request, response] { return Query(*request, *response); });
}

grpc::ServerWriteReactor<v1::WatchIndicatorsResponse>* IndicatorServer::WatchIndicators(
    grpc::CallbackServerContext* context, const v1::WatchIndicatorsRequest* request) {
  grpc::Status refusal;
  auto place = support_.hub->Admit(context->peer(), refusal);
  // gRPC owns what is returned: both kinds of stream let go of themselves in OnDone.
  if (!place) return new RefusedStream<v1::WatchIndicatorsResponse>(refusal);
  const auto stream = std::make_shared<WatchStream>(support_, std::move(place), *request);
  stream->Start();
  return stream.get();
}

}  // namespace flosync
