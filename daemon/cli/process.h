// What commands that run for long or write the state ask of the process they are.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace flosync {

// As many open files as the system lets this process have; gives how many that are.
int64_t RaiseFileLimit();

// Files and directories made from here on are for their owner alone: the state names doctors.
void KeepFilesToOwner();
// Says so in the log if others than its owner may read what is in `directory`.
void WarnIfOthersMayRead(const std::string& directory);

// While one lives the process ends with exit code 1 once `within` is over, whatever it waits for. The state stands at
// its last commit then, as after a power failure.
class EndsWithin {
 public:
  explicit EndsWithin(std::chrono::milliseconds within);
  ~EndsWithin();
  EndsWithin(const EndsWithin&) = delete;
  EndsWithin& operator=(const EndsWithin&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace flosync
