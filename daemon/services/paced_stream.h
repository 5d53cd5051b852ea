// A server stream that goes at its consumer's pace: one message in flight, the next one made when that is gone.
//
// Operation: Next makes the next message on a worker thread; gRPC sends it and says when it has; then Next is asked
// again: at first on gRPC's thread, where it reads nothing, then on a worker if it has to. When there is nothing to
// send the stream rests, holding no thread, until it is woken. A stalled consumer costs its place. Messages are handed
// to gRPC as bytes, so that those which many streams send are written and kept once. Concurrency: `busy_` is a baton:
// whoever turned it true (a wake, gRPC's OnWriteDone, a cancellation) has the stream to itself until it is turned false
// or handed on, so Next never runs twice at once and needs no lock. gRPC is never called with the lock held. Lifetime:
// the stream holds itself until gRPC's OnDone, which comes once Finish has been called and nothing is under way; tasks
// hold it as well, so one that runs late finds it alive and finished. Its place in the hub goes last of all.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "daemon/services/stream_hub.h"
#include "daemon/services/support.h"
#include "daemon/services/workers.h"

namespace flosync {

class PacedStream : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                    public Stream,
                    public std::enable_shared_from_this<PacedStream> {
 public:
  // Begins; afterwards gRPC owns the stream. With `expires` it ends then, for its token does.
  void Start(std::optional<Instant> expires);
  // On a thread of the workers.
  void Wake() override;
  void End(const grpc::Status& status) override;

 protected:
  enum class Step : uint8_t {
    kWrite,   // send the message
    kRest,    // nothing to send until woken
    kAgain,   // more to do; let other streams go first
    kFinish,  // end with the status
  };

  PacedStream(StreamHub* hub, Workers* workers, std::unique_ptr<StreamHub::Place> place)
      : place_(std::move(place)), hub_(hub), workers_(workers) {}

  // Makes the next message. Unless it `may_wait`, it neither reads the store nor waits for the disk, but says kAgain
  // where it would. Never called twice at once, nor after Release.
  virtual Step Next(bool may_wait, grpc::ByteBuffer& message, grpc::Status& status) = 0;
  // Whether Next never takes long: one task then wakes many such streams.
  [[nodiscard]] virtual bool quick() const { return false; }
  // Lets go of what the stream holds; called once, when it is over.
  virtual void Release() {}

  [[nodiscard]] Workers& workers() { return *workers_; }

 private:
  // Notes something under the lock; true if the stream was resting and is now the caller's.
  template <typename Note>
  bool TakeBaton(const Note& note);
  // True if nothing came since Next was asked: the stream rests.
  [[nodiscard]] bool Rest();
  void Post();
  void Run(bool may_wait);
  void FinishWith(const grpc::Status& status);
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // First, so that it is destroyed last: a place that is free means that nothing of its stream is left.
  const std::unique_ptr<StreamHub::Place> place_;
  StreamHub* const hub_;
  Workers* const workers_;
  std::shared_ptr<PacedStream> self_;
  std::mutex mutex_;
  bool busy_ = true;
  bool wake_ = false;
  std::optional<grpc::Status> end_;
  grpc::ByteBuffer message_;  // the one in flight
  Workers::TimerId expiry_timer_ = 0;
};

// A message as it goes over the line.
[[nodiscard]] grpc::ByteBuffer WireOf(const google::protobuf::Message& message);

// Reads the request of a stream and lets it in: past the guard, and to a place in the hub. Nothing if it is refused;
// `refusal` says why.
[[nodiscard]] std::unique_ptr<StreamHub::Place> AdmitStream(const ServiceSupport& support,
                                                            const grpc::CallbackServerContext& context,
                                                            const grpc::ByteBuffer& wire,
                                                            google::protobuf::Message& request, Caller& caller,
                                                            grpc::Status& refusal);

// A stream that is refused before it begins.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace flosync
