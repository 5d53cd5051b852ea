// The source's positions, written to the consumer group so that lag tools can show them.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/kafka/handles.h"
#include "connectors/record.h"

namespace flosync {

// Operation: Offer keeps the newest marks; Serve sends them when no earlier request is under way, and notes a failure. Nothing
// is ever read back. The positions go as an administrator's request and not as a consumer's commit: a commit that meets a foreign
// member of the group would make librdkafka give the partitions up, an administrator's request just fails.
//
// Concurrency: Offer from any thread, the rest from one.
class GroupPositions {
 public:
  // `client` outlives this.
  GroupPositions(rd_kafka_t* client, std::string group_id, int timeout_ms);
  ~GroupPositions();
  GroupPositions(const GroupPositions&) = delete;
  GroupPositions& operator=(const GroupPositions&) = delete;

  void Offer(const SourceMarks& marks);
  // Does not wait.
  void Serve();
  // Sends what is left and waits at most `max_wait` for the answer: a clean stop leaves no lag behind.
  void Flush(std::chrono::milliseconds max_wait);

 private:
  void Send(const SourceMarks& marks);
  // True if an answer was there.
  bool TakeAnswer(int max_wait_ms);
  void NoteOutcome(const std::string& error);
  // Marks that could not be written wait for the next try, unless newer ones have come.
  void PutBack();

  rd_kafka_t* const client_;
  const std::string group_id_;
  const int timeout_ms_;
  QueueHandle answers_;
  bool under_way_ = false;
  SourceMarks sent_;
  std::string last_error_;
  std::chrono::steady_clock::time_point next_try_;
  std::mutex mutex_;
  SourceMarks waiting_;
};

}  // namespace flosync
