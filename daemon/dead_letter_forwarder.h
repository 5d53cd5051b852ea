// Sends what stands in the dead-letter file on to the dead-letter topic (R22), at least once and in the file's order.
//
// Operation: a thread of its own reads the file from where it was before, hands over up to kMaxLetters at a time, and
// remembers in STATE/deadletter.sent how far it has come once they are taken. Where the topic cannot be reached they
// stay in the file and are tried again, at longer and longer intervals; reading and committing never wait for it. A
// file that has become shorter, because somebody cleared it, is read from its beginning. Concurrency: Start and the
// destructor by the owner; the status from any thread.
//
//   DeadLetterForwarder forwarder("/var/lib/flosync", [&](const auto& letters) { return writer->Write(letters); });
//   forwarder.Start();
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "connectors/kafka/topic_writer.h"

namespace flosync {

class DeadLetterForwarder {
 public:
  using Send = std::function<absl::Status(const std::vector<TopicMessage>& letters)>;

  DeadLetterForwarder(std::string state_directory, Send send);
  ~DeadLetterForwarder();
  DeadLetterForwarder(const DeadLetterForwarder&) = delete;
  DeadLetterForwarder& operator=(const DeadLetterForwarder&) = delete;

  void Start();
  // One portion: how many were handed over, 0 if there is none. Call it only where Start was not called.
  [[nodiscard]] absl::StatusOr<int> ForwardOnce();

  static constexpr int kMaxLetters = 100;
  static constexpr int64_t kMaxBytes =
      int64_t{4} * 1024 * 1024;  // of the file in one portion; a longer line goes alone

 private:
  void Run();
  [[nodiscard]] absl::StatusOr<int64_t> ReadSent() const;
  [[nodiscard]] absl::Status WriteSent(int64_t sent) const;
  [[nodiscard]] absl::StatusOr<std::vector<TopicMessage>> ReadLetters(int64_t from, int64_t& to) const;

  const std::string state_directory_;
  const Send send_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace flosync
