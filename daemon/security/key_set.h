// The issuer's keys, cached and kept current.
//
// Operation: a thread of its own loads the set again every `refresh_interval`, and sooner when a token names a key that
// is not known, but never more often than every `least_pause`. Whoever asks for a key never waits for the network. A
// set that cannot be loaded or read is not taken, and the one before stays in use for `max_age`; after that no token
// can be verified, for keys that the issuer has withdrawn must not be trusted for ever. Thread-safe.
//
//   KeySet keys([] { return DownloadKeys("https://login.example.no/jwks"); }, {});
//   keys.Find("key-2026-1");  // NOT_FOUND, and asks for a refresh
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/security/signing_key.h"

namespace flosync {

struct KeySetOptions {
  std::chrono::milliseconds refresh_interval = std::chrono::seconds(300);
  std::chrono::milliseconds least_pause = std::chrono::seconds(10);
  std::chrono::milliseconds max_age = std::chrono::hours(24);
};

class KeySet {
 public:
  using Load = std::function<absl::StatusOr<std::string>()>;

  // Loads once before it returns; see `status` for how that went.
  KeySet(Load load, const KeySetOptions& options);
  ~KeySet();
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  // NOT_FOUND for an unknown key, UNAVAILABLE while there are none.
  [[nodiscard]] absl::StatusOr<SigningKey> Find(std::string_view kid);
  // How the last loading went.
  [[nodiscard]] absl::Status status() const;

 private:
  using Clock = std::chrono::steady_clock;
  void Run();
  void Refresh();

  const Load load_;
  const KeySetOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  SigningKeys keys_;
  Clock::time_point loaded_;  // the set in use
  absl::Status status_;
  bool wanted_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace flosync
