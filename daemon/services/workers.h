// A few threads that do what gRPC's own must not: read the store.
//
// Operation: tasks run in the order posted; timers run when due, on the same threads. Nothing here waits for a
// consumer: who has to wait posts a task again when it can go on. Concurrency: every method from any thread, tasks
// included; only Stop and the destructor from none of its own threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace flosync {

class Workers {
 public:
  using Task = std::function<void()>;
  using Clock = std::chrono::steady_clock;
  // 0 = none.
  using TimerId = int64_t;

  Workers(int threads, size_t max_queued_tasks);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // For callers that have a bounded number of tasks, such as one a stream.
  void Post(Task task);
  // False, and nothing is done, when as many tasks wait as may.
  [[nodiscard]] bool TryPost(Task task);

  [[nodiscard]] TimerId At(Clock::time_point due, Task task);
  // A timer that is running or has run stays as it is.
  void Cancel(TimerId id);

  // Waits for running tasks; those that wait are dropped. Nothing runs afterwards.
  void Stop();

 private:
  using TimerKey = std::pair<Clock::time_point, TimerId>;

  void Run();
  // Waits for something to do; an empty task = stop.
  [[nodiscard]] Task Take();

  const size_t max_queued_tasks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::deque<Task> queue_;
  std::map<TimerKey, Task> timers_;
  std::map<TimerId, Clock::time_point> due_of_;
  TimerId next_timer_ = 1;
  std::vector<std::thread> threads_;
};

}  // namespace flosync
