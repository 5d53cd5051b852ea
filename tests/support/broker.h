// A real Kafka broker of a test's own, on loopback, through ops/kafka/broker.sh.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flosync::testing {

// Owns a folder under the temporary directory and the broker that runs on it. The broker dies with this object, and
// with the test program if that crashes. Not thread-safe.
//
//   auto broker = Broker::Start().value();
//   broker->brokers();           // "127.0.0.1:17042"
//   broker->Kill9().IgnoreError();
//   broker->Restart();           // same folder, same port
class Broker {
 public:
  // Waits until the broker answers. FAILED_PRECONDITION if its jars are not there (./dev setup).
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Broker>> Start();
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  [[nodiscard]] const std::string& brokers() const { return brokers_; }

  absl::Status Stop();
  absl::Status Kill9();
  absl::Status Restart();

 private:
  explicit Broker(std::string dir) : dir_(std::move(dir)) {}
  absl::Status Launch();

  const std::string dir_;
  std::string brokers_;
};

}  // namespace flosync::testing
