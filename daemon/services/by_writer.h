// How a unary call is answered that changes the store: the writer carries the change out, and the call ends once it is
// on disk.
#pragma once

#include <functional>
#include <utility>

#include "daemon/services/support.h"

namespace flosync {

struct WriterWork {
  std::function<grpc::Status()> check;  // of the request; nothing is changed unless OK
  Core::Change change;                  // on the writer's thread
  // The status for what the change, or the queue to the writer, refused with.
  std::function<grpc::Status(const absl::Status&)> refused;
  std::function<grpc::Status()> answer;  // afterwards, on one of the workers
};

inline grpc::ServerUnaryReactor* AnswerByWriter(const ServiceSupport& support, grpc::CallbackServerContext* context,
                                                const google::protobuf::Message* request,
                                                google::protobuf::Message* response, WriterWork work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Caller caller;
  grpc::Status stopped = support.guard->Admit(*context, *request, caller);
  if (stopped.ok()) stopped = work.check();
  if (!stopped.ok()) {
    reactor->Finish(stopped);
    return reactor;
  }
  const auto change = [context, change = std::move(work.change)](Core& core, const View& view, Batch& batch) {
    if (context->IsCancelled()) return absl::CancelledError("the call was given up");
    return change(core, view, batch);
  };
  // The writer does not read for others.
  const auto done = [calls = support.calls, guard = support.guard, reactor, caller, request, response,
                     refused = work.refused, answer = std::move(work.answer)](const absl::Status& outcome) {
    if (!outcome.ok()) return reactor->Finish(refused(outcome));
    calls->Post([=] { FinishDisclosed(*guard, caller, *request, answer(), *response, reactor); });
  };
  const absl::Status posted = support.commands->Post({.work = ChangeOf(change), .done = done});
  if (!posted.ok()) reactor->Finish(work.refused(posted));
  return reactor;
}

}  // namespace flosync
