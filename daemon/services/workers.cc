#include "daemon/services/workers.h"

namespace flosync {

Workers::Workers(int threads, size_t max_queued_tasks) : max_queued_tasks_(max_queued_tasks) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

Workers::~Workers() { Stop(); }

void Workers::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
}

bool Workers::TryPost(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= max_queued_tasks_) return false;
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

Workers::TimerId Workers::At(Clock::time_point due, Task task) {
  TimerId id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return 0;
    id = next_timer_++;
    timers_.emplace(TimerKey(due, id), std::move(task));
    due_of_[id] = due;
  }
  changed_.notify_one();
  return id;
}

void Workers::Cancel(TimerId id) {
  Task dropped;  // what a task holds is let go outside the lock
  const std::lock_guard lock(mutex_);
  const auto due = due_of_.find(id);
  if (due == due_of_.end()) return;
  const auto timer = timers_.find({due->second, id});
  dropped = std::move(timer->second);
  timers_.erase(timer);
  due_of_.erase(due);
}

void Workers::Stop() {
  std::deque<Task> queue;
  std::map<TimerKey, Task> timers;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    queue.swap(queue_);
    timers.swap(timers_);
    due_of_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Workers::Task Workers::Take() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    // Timers go first: they are few, and a long queue must not make them late.
    if (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
      auto timer = timers_.extract(timers_.begin());
      due_of_.erase(timer.key().second);
      return std::move(timer.mapped());
    }
    if (!queue_.empty()) {
      Task task = std::move(queue_.front());
      queue_.pop_front();
      return task;
    }
    if (timers_.empty()) {
      changed_.wait(lock);
    } else {
      const Clock::time_point due = timers_.begin()->first.first;
      changed_.wait_until(lock, due);
    }
  }
  return {};
}

void Workers::Run() {
  while (const Task task = Take()) task();
}

}  // namespace flosync
