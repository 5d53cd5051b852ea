#include "daemon/services/paced_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include "daemon/confirmed_clock.h"
#include "daemon/services/errors.h"
#include "daemon/services/guard.h"

namespace flosync {
namespace {

constexpr std::chrono::milliseconds kNoTime{0};
// Farther off than any stream lasts, and small enough for every clock.
constexpr std::chrono::milliseconds kLongestTimer = std::chrono::hours(24 * 365);

}  // namespace

void PacedStream::Start(std::optional<Instant> expires) {
  const auto self = shared_from_this();
  if (expires) {
    const auto left = std::clamp(std::chrono::milliseconds(expires->ms - SystemNow().ms), kNoTime, kLongestTimer);
    expiry_timer_ = workers_->At(Workers::Clock::now() + left, [weak = weak_from_this()] {
      if (const auto stream = weak.lock()) stream->End(TokenExpired());
    });
  }
  {
    const std::lock_guard lock(mutex_);
    self_ = self;
  }
  hub_->Join(*place_, self);
  Post();
}

void PacedStream::Wake() {
  if (!TakeBaton([this] { wake_ = true; })) return;
  if (quick()) {
    Run(true);
  } else {
    Post();
  }
}

void PacedStream::End(const grpc::Status& status) {
  const auto note = [&] {
    if (!end_) end_ = status;
  };
  if (TakeBaton(note)) Post();
}

template <typename Note>
bool PacedStream::TakeBaton(const Note& note) {
  const std::lock_guard lock(mutex_);
  note();
  return !std::exchange(busy_, true);
}

void PacedStream::Post() {
  workers_->Post([self = shared_from_this()] { self->Run(true); });
}

bool PacedStream::Rest() {
  message_.Clear();
  const std::lock_guard lock(mutex_);
  if (wake_ || end_) return false;
  busy_ = false;
  return true;
}

void PacedStream::Run(bool may_wait) {
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    wake_ = false;
    ended = end_.has_value();
  }
  if (ended) return FinishWith(*end_);  // set once, and only read from then on: no lock is needed
  grpc::Status status;
  switch (Next(may_wait, message_, status)) {
    case Step::kWrite:
      return StartWrite(&message_);
    case Step::kAgain:
      return Post();
    case Step::kFinish:
      return FinishWith(status);
    case Step::kRest:
      if (!Rest()) Post();
  }
}

// The baton is kept: nothing runs any more.
void PacedStream::FinishWith(const grpc::Status& status) {
  workers_->Cancel(expiry_timer_);
  Release();
  Finish(status);
}

void PacedStream::OnWriteDone(bool ok) {
  if (ok) return Run(false);
  OnCancel();
  Post();
}

void PacedStream::OnCancel() { End(GivenUp()); }

void PacedStream::OnDone() {
  std::shared_ptr<PacedStream> last;  // let go of outside the lock, which it may take along
  const std::lock_guard lock(mutex_);
  last = std::move(self_);
}

grpc::ByteBuffer WireOf(const google::protobuf::Message& message) {
  grpc::ByteBuffer wire;
  const auto bytes = static_cast<int>(message.ByteSizeLong());
  grpc::ProtoBufferWriter writer(&wire, grpc::kProtoBufferWriterMaxBufferLength, bytes);
  // It cannot fail: there is memory for all of it.
  (void)message.SerializeToZeroCopyStream(&writer);
  return wire;
}

std::unique_ptr<StreamHub::Place> AdmitStream(const ServiceSupport& support, const grpc::CallbackServerContext& context,
                                              const grpc::ByteBuffer& wire, google::protobuf::Message& request,
                                              Caller& caller, grpc::Status& refusal) {
  grpc::ByteBuffer bytes = wire;
  grpc::ProtoBufferReader reader(&bytes);
  const bool readable = reader.status().ok() && request.ParseFromZeroCopyStream(&reader);
  // Whoever may not ask is told that first.
  if (!readable) request.Clear();
  refusal = support.guard->Admit(context, request, caller);
  if (refusal.ok() && !readable) {
    refusal = Refusal(grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_UNREADABLE",
                      "the request is not a message of this method; make it from the method's proto file");
  }
  return refusal.ok() ? support.hub->Admit(caller.client, refusal) : nullptr;
}

}  // namespace flosync
