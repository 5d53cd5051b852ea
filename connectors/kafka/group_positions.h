// The source's positions, written to the consumer group so that lag tools can show them.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "connectors/kafka/handles.h"
#include "connectors/record.h"

namespace flosync {

// Operation: Offer keeps the newest marks; Serve sends them when no earlier request is under way, and notes a failure.
// Nothing is ever read back. A client of its own does this, which holds no partitions: a commit that meets a foreign
// member of the group makes librdkafka give its partitions up, and here it has none to lose. (The administrator's
// request for the same, alter consumer group offsets, ends the process by an assertion in librdkafka 2.0.2 when the
// broker goes away meanwhile.)
//
// Concurrency: Offer from any thread, the rest from one.
class GroupPositions {
 public:
  // `client` is a consumer in the group to write to, with nothing assigned.
  GroupPositions(ClientHandle client, std::string group_id);
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

  const ClientHandle client_;
  const std::string group_id_;
  QueueHandle answers_;
  bool under_way_ = false;
  SourceMarks sent_;
  std::string last_error_;
  std::chrono::steady_clock::time_point next_try_;
  std::mutex mutex_;
  SourceMarks waiting_;
};

}  // namespace flosync
