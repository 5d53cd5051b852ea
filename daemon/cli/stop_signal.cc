#include "daemon/cli/stop_signal.h"

#include <csignal>

namespace flosync {
namespace {

volatile std::sig_atomic_t requested = 0;

void Remember(int /*signal*/) { requested = 1; }

}  // namespace

StopSignal::StopSignal() {
  requested = 0;
  std::signal(SIGINT, Remember);
  std::signal(SIGTERM, Remember);
  std::signal(SIGHUP, Remember);  // the terminal is gone; there is nothing to be read anew
  // A log collector that goes away must not take the daemon with it; writing then fails, which is no reason to stop.
  std::signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

bool StopSignal::Requested() const { return requested != 0; }

}  // namespace flosync
