// One call of a streaming method, read message by message with a bound on every wait. Users look at client/watch.h.
//
// One thread, but for what its context allows; it ends the call when it is destroyed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

namespace flosync::client {

template <typename Response>
class StreamCall {
 public:
  StreamCall() = default;
  ~StreamCall() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  [[nodiscard]] grpc::ClientContext& context() { return context_; }

  // `prepare` makes the reader from context and queue. False: the call has ended, see Finish.
  template <typename Prepare>
  [[nodiscard]] bool Start(const Prepare& prepare, std::chrono::milliseconds at_most) {
    reader_ = prepare(&context_, &queue_);
    reader_->StartCall(nullptr);
    return Await(at_most);
  }
  // The next message. False: the call has ended, see Finish.
  [[nodiscard]] bool Read(Response& message, std::chrono::milliseconds at_most) {
    reader_->Read(&message, nullptr);
    return Await(at_most);
  }
  // How it ended; DEADLINE_EXCEEDED if a wait took too long. Once, after Start or Read gave false.
  [[nodiscard]] grpc::Status Finish() {
    grpc::Status status;
    reader_->Finish(&status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    if (timed_out_) return {grpc::StatusCode::DEADLINE_EXCEEDED, "no message came"};
    return status;
  }

 private:
  // One operation at a time, so what comes is what was asked.
  bool Await(std::chrono::milliseconds at_most) {
    // Not by the system's clock, which may be set.
    const gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(at_most.count(), GPR_TIMESPAN));
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::TIMEOUT) {
      timed_out_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);
    }
    return ok && !timed_out_;
  }

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReader<Response>> reader_;
  bool timed_out_ = false;
};

}  // namespace flosync::client
