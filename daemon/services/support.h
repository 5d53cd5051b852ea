// What every service works with, and how a unary call is answered.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "daemon/publication.h"
#include "daemon/services/errors.h"
#include "daemon/services/frames.h"
#include "daemon/services/guard.h"
#include "daemon/services/paging.h"
#include "daemon/services/read_mask.h"
#include "daemon/services/shared_messages.h"
#include "daemon/services/stream_hub.h"
#include "daemon/services/workers.h"
#include "daemon/writer_commands.h"

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

class PastFigures;

// Owned by the server; outlives the services.
struct ServiceSupport {
  Guard* guard = nullptr;
  const Publication* publication = nullptr;
  Frames* frames = nullptr;
  StreamHub* hub = nullptr;
  WriterCommands* commands = nullptr;
  Workers* calls = nullptr;    // answer unary calls
  Workers* streams = nullptr;  // make the messages of streams
  Workers* past = nullptr;     // evaluates the past, one call at a time
  PastFigures* past_figures = nullptr;
  SharedMessages<v1::WatchIndicatorsResponse>* shared_figures = nullptr;
  PageLimits figure_pages;
  PageLimits list_pages;
};

// Runs `answer` on one of the workers and finishes the call with its status, if the guard lets the call in and the
// answer out, which then has what the read mask names. Reading the store takes gRPC's threads away from other calls, so
// it is not done there.
inline grpc::ServerUnaryReactor* AnswerOn(Workers* workers, const ServiceSupport& support,
                                          grpc::CallbackServerContext* context,
                                          const google::protobuf::Message* request, google::protobuf::Message* response,
                                          std::function<grpc::Status()> answer) {
  constexpr std::chrono::seconds kRetryAfter(1);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Caller caller;
  grpc::Status refused = support.guard->Admit(*context, *request, caller);
  if (refused.ok()) refused = CheckReadMask(*request, *response->GetDescriptor());
  if (!refused.ok()) {
    reactor->Finish(refused);
    return reactor;
  }
  const bool queued = workers->TryPost([=, guard = support.guard, answer = std::move(answer)] {
    if (context->IsCancelled()) return reactor->Finish(GivenUp());
    const grpc::Status told = guard->Disclose(caller, *request, answer(), *response);
    // Last, so that a mask changes nothing of what is logged or left out.
    if (told.ok()) ApplyReadMask(*request, *response);
    reactor->Finish(told);
  });
  if (!queued) {
    reactor->Finish(TooMany("TOO_MANY_CALLS", "more calls are waiting than the daemon takes; try again", kRetryAfter));
  }
  return reactor;
}

inline grpc::ServerUnaryReactor* Answer(const ServiceSupport& support, grpc::CallbackServerContext* context,
                                        const google::protobuf::Message* request, google::protobuf::Message* response,
                                        std::function<grpc::Status()> answer) {
  return AnswerOn(support.calls, support, context, request, response, std::move(answer));
}

}  // namespace flosync
