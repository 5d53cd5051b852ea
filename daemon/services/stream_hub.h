// Who is streaming: admits streams within the limits, wakes them after a commit, ends them at shutdown.
//
// Concurrency: thread-safe. A stream's own lock is never held while the hub is called, and the hub's never while a
// stream is: whoever wakes or ends streams works on a copy of the list.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/support/status.h>

#include "daemon/services/workers.h"

namespace flosync {

class Stream {
 public:
  Stream() = default;
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  // There may be something new to send. May read a little of the store: on a thread of the workers.
  virtual void Wake() = 0;
  // Ends after the message that is under way. Does not block.
  virtual void End(const grpc::Status& status) = 0;
};

struct StreamLimits {
  int32_t max_streams = 1000;
  int32_t max_streams_per_client = 100;
  std::chrono::milliseconds retry_after{5000};
};

class StreamHub {
 public:
  explicit StreamHub(const StreamLimits& limits) : limits_(limits) {}

  // A stream's place; given back when it goes. Must not outlive the hub.
  class Place {
   public:
    Place(StreamHub* hub, int64_t id, std::string client) : hub_(hub), id_(id), client_(std::move(client)) {}
    ~Place() { hub_->Leave(*this); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class StreamHub;
    StreamHub* hub_;
    int64_t id_;
    std::string client_;
  };

  // A place for one more stream of this client (Caller::client), or nothing and why not: RESOURCE_EXHAUSTED with
  // reason TOO_MANY_STREAMS, or UNAVAILABLE while the daemon stops.
  [[nodiscard]] std::unique_ptr<Place> Admit(const std::string& client, grpc::Status& refusal);
  // From now on the stream in this place is woken and ended with the others.
  void Join(const Place& place, const std::shared_ptr<Stream>& stream);

  // Wakes all streams on these threads, one part of them on the calling one.
  void WakeAll(Workers& workers);
  // Ends all streams, and those that come later.
  void EndAll(const grpc::Status& status);
  // Places taken.
  [[nodiscard]] int32_t open() const;

 private:
  void Leave(const Place& place);
  [[nodiscard]] std::vector<std::weak_ptr<Stream>> Copy() const;

  const StreamLimits limits_;
  mutable std::mutex mutex_;
  int64_t next_id_ = 1;
  int32_t open_ = 0;
  std::map<std::string, int32_t> open_of_client_;
  std::map<int64_t, std::weak_ptr<Stream>> streams_;
  bool ending_ = false;
  grpc::Status end_status_;
};

}  // namespace flosync
