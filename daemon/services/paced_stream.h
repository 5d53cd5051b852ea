// A server stream that goes at its consumer's pace: one message in flight, the next one made when that is gone.
//
// Operation: Next makes the next message on a worker thread; gRPC sends it and says when it has; then Next is asked
// again. When there is nothing to send the stream rests, holding no thread, until it is woken. A stalled consumer costs
// its place. Concurrency: `busy_` is a baton: whoever turned it true (a wake, gRPC's OnWriteDone, a cancellation) has
// the stream to itself until it is turned false or handed on, so Next never runs twice at once and needs no lock. gRPC
// is never called with the lock held. Lifetime: the stream holds itself until gRPC's OnDone, which comes once Finish
// has been called and nothing is under way; tasks hold it as well, so one that runs late finds it alive and finished.
// Its place in the hub goes last of all.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <grpcpp/support/server_callback.h>

#include "daemon/confirmed_clock.h"
#include "daemon/services/errors.h"
#include "daemon/services/guard.h"
#include "daemon/services/stream_hub.h"
#include "daemon/services/support.h"
#include "daemon/services/workers.h"

namespace flosync {

template <typename Message>
class PacedStream : public grpc::ServerWriteReactor<Message>,
                    public Stream,
                    public std::enable_shared_from_this<PacedStream<Message>> {
 public:
  // Begins; afterwards gRPC owns the stream. With `expires` it ends then, for its token does.
  void Start(std::optional<Instant> expires) {
    const auto self = this->shared_from_this();
    if (expires) {
      const auto left = std::clamp(std::chrono::milliseconds(expires->ms - SystemNow().ms), kNoTime, kLongestTimer);
      expiry_timer_ = workers_->At(Workers::Clock::now() + left, [weak = this->weak_from_this()] {
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

  void Wake() override {
    if (TakeBaton([this] { wake_ = true; })) Post();
  }
  void End(const grpc::Status& status) override {
    const auto note = [&] {
      if (!end_) end_ = status;
    };
    if (TakeBaton(note)) Post();
  }

 protected:
  enum class Step : uint8_t {
    kWrite,   // send the message
    kRest,    // nothing to send until woken
    kAgain,   // more to do; let other streams go first
    kFinish,  // end with the status
  };

  PacedStream(StreamHub* hub, Workers* workers, std::unique_ptr<StreamHub::Place> place)
      : place_(std::move(place)), hub_(hub), workers_(workers) {}

  // Makes the next message. Never called twice at once, nor after Release.
  virtual Step Next(Message& message, grpc::Status& status) = 0;
  // Lets go of what the stream holds; called once, when it is over.
  virtual void Release() {}

  // The message that Next makes is this one, which other streams send as well.
  void Share(std::shared_ptr<const Message> message) { shared_ = std::move(message); }
  [[nodiscard]] bool shares() const { return shared_ != nullptr; }

  [[nodiscard]] Workers& workers() { return *workers_; }

 private:
  static constexpr std::chrono::milliseconds kNoTime{0};
  // Farther off than any stream lasts, and small enough for every clock.
  static constexpr std::chrono::milliseconds kLongestTimer = std::chrono::hours(24 * 365);

  // Notes something under the lock; true if the stream was resting and is now the caller's.
  template <typename Note>
  bool TakeBaton(const Note& note) {
    const std::lock_guard lock(mutex_);
    note();
    return !std::exchange(busy_, true);
  }

  void Post() {
    workers_->Post([self = this->shared_from_this()] { self->Run(); });
  }

  void Run() {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        wake_ = false;
        if (end_) break;
      }
      message_.Clear();
      shared_.reset();
      grpc::Status status;
      switch (Next(message_, status)) {
        case Step::kWrite:
          this->StartWrite(shared_ ? shared_.get() : &message_);
          return;
        case Step::kAgain:
          Post();
          return;
        case Step::kFinish:
          return FinishWith(status);
        case Step::kRest: {
          const std::lock_guard lock(mutex_);
          if (wake_ || end_) continue;
          busy_ = false;
          return;
        }
      }
    }
    FinishWith(*end_);  // set once, and only read from then on: no lock is needed
  }

  // The baton is kept: nothing runs any more.
  void FinishWith(const grpc::Status& status) {
    workers_->Cancel(expiry_timer_);
    Release();
    this->Finish(status);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) OnCancel();
    Post();
  }
  void OnCancel() override { End(GivenUp()); }
  void OnDone() override {
    std::shared_ptr<PacedStream> last;  // let go of outside the lock, which it may take along
    const std::lock_guard lock(mutex_);
    last = std::move(self_);
  }

  // First, so that it is destroyed last: a place that is free means that nothing of its stream is left.
  const std::unique_ptr<StreamHub::Place> place_;
  StreamHub* const hub_;
  Workers* const workers_;
  std::shared_ptr<PacedStream> self_;
  std::mutex mutex_;
  bool busy_ = true;
  bool wake_ = false;
  std::optional<grpc::Status> end_;
  Message message_;  // the one in flight, unless it is
  std::shared_ptr<const Message> shared_;
  Workers::TimerId expiry_timer_ = 0;
};

// Lets a stream in: past the guard, and to a place in the hub. Nothing if it is refused; `refusal` says why.
inline std::unique_ptr<StreamHub::Place> AdmitStream(const ServiceSupport& support,
                                                     const grpc::CallbackServerContext& context,
                                                     const google::protobuf::Message& request, Caller& caller,
                                                     grpc::Status& refusal) {
  refusal = support.guard->Admit(context, request, caller);
  return refusal.ok() ? support.hub->Admit(caller.client, refusal) : nullptr;
}

// A stream that is refused before it begins.
template <typename Message>
class RefusedStream : public grpc::ServerWriteReactor<Message> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace flosync
