// How often each client may call: a bucket of one second's calls for each, filled evenly. Thread-safe. The clients
// heard of last are remembered, up to a bound; one that was forgotten begins with a full bucket.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "domain/oslo.h"

namespace flosync {

class RateLimiter {
 public:
  RateLimiter(int32_t max_calls_per_second, size_t max_clients)
      : max_calls_per_second_(max_calls_per_second), max_clients_(max_clients) {}

  // Takes a call from the client's bucket; false if it is empty. `now` from a clock that is never set back.
  [[nodiscard]] bool Take(const std::string& client, Instant now);
  [[nodiscard]] size_t clients() const;

 private:
  struct Bucket {
    std::string client;
    double calls = 0;
    Instant filled;
  };
  // The client's bucket, filled up to now, as the one heard of last.
  [[nodiscard]] Bucket& Fill(const std::string& client, Instant now);

  const int32_t max_calls_per_second_;
  const size_t max_clients_;
  mutable std::mutex mutex_;
  std::list<Bucket> buckets_;  // heard of last first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_client_;
};

}  // namespace flosync
