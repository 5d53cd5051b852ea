#include "client/call.h"

#include <thread>

namespace flosync::client {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Attempts::Attempts(const Options& options)
    : options_(options), deadline_(steady_clock::now() + milliseconds(options.timeout_ms)), left_(options.attempts) {}

grpc::Status Attempts::Begin(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + (deadline_ - steady_clock::now()));
  return AddCredentials(context, options_);
}

bool Attempts::Again(const grpc::Status& outcome) {
  if (outcome.ok() || !MayPass(outcome) || --left_ <= 0) return false;
  const milliseconds pause = backoff_.Next(outcome);
  // No time for another one: what is known now is the better answer.
  if (steady_clock::now() + pause >= deadline_) return false;
  std::this_thread::sleep_for(pause);
  return true;
}

}  // namespace flosync::client
