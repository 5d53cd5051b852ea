// Ctrl-C, SIGTERM and SIGHUP as a question a loop can ask.
#pragma once

namespace flosync {

// While one lives, SIGINT, SIGTERM and SIGHUP do not end the process but are remembered. One at a time; Requested from
// any thread.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  [[nodiscard]] bool Requested() const;
};

}  // namespace flosync
