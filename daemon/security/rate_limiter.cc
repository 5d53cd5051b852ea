#include "daemon/security/rate_limiter.h"

#include <algorithm>

namespace flosync {

RateLimiter::Bucket& RateLimiter::Fill(const std::string& client, Instant now) {
  const double full = max_calls_per_second_;
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) {
    if (buckets_.size() >= max_clients_) {
      by_client_.erase(buckets_.back().client);
      buckets_.pop_back();
    }
    buckets_.push_front({client, full, now});
    by_client_[client] = buckets_.begin();
    return buckets_.front();
  }
  buckets_.splice(buckets_.begin(), buckets_, found->second);
  Bucket& bucket = buckets_.front();
  const auto passed_ms = static_cast<double>(std::max<int64_t>(now.ms - bucket.filled.ms, 0));
  bucket.calls = std::min(full, bucket.calls + passed_ms * full / 1000);
  bucket.filled = now;
  return bucket;
}

bool RateLimiter::Take(const std::string& client, Instant now) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = Fill(client, now);
  if (bucket.calls < 1) return false;
  bucket.calls -= 1;
  return true;
}

size_t RateLimiter::clients() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace flosync
