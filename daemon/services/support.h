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

namespace flosync {

class AreaFigures;
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
  Workers* status = nullptr;   // tells operators how the daemon is, however much others ask for
  PastFigures* past_figures = nullptr;
  AreaFigures* area_figures = nullptr;
  SharedMessages* shared_figures = nullptr;
  PageLimits figure_pages;
  PageLimits list_pages;
};

// Finishes the call with `status` once the guard lets the answer out, which then has what the read mask names: last, so
// that a mask changes nothing of what is logged or left out. A call that waits for its entry in the access log holds no
// thread.
inline void FinishDisclosed(Guard& guard, const Caller& caller, const google::protobuf::Message& request,
                            const grpc::Status& status, google::protobuf::Message& response,
                            grpc::ServerUnaryReactor* reactor) {
  guard.Disclose(caller, request, status, response, [&request, &response, reactor](const grpc::Status& end) {
    if (end.ok()) ApplyReadMask(request, response);
    reactor->Finish(end);
  });
}

// Runs `answer` on one of the workers and finishes the call with its status, if the guard lets the call in and the
// answer out. Reading the store takes gRPC's threads away from other calls, so it is not done there.
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
  const bool queued =
      workers->TryPost([=, guard = support.guard, caller = std::move(caller), answer = std::move(answer)] {
        if (context->IsCancelled()) return reactor->Finish(GivenUp());
        FinishDisclosed(*guard, caller, *request, answer(), *response, reactor);
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
