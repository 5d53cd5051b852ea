#include "daemon/security/key_set.h"

#include <utility>

#include <spdlog/spdlog.h>

namespace flosync {

KeySet::KeySet(Load load, const KeySetOptions& options) : load_(std::move(load)), options_(options) {
  Refresh();
  thread_ = std::thread([this] { Run(); });
}

KeySet::~KeySet() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::StatusOr<SigningKey> KeySet::Find(std::string_view kid) {
  const std::lock_guard lock(mutex_);
  if (keys_.empty() || Clock::now() > loaded_ + options_.max_age) {
    return absl::UnavailableError("there are no keys that may be trusted");
  }
  const auto found = keys_.find(kid);
  if (found != keys_.end()) return found->second;
  wanted_ = true;
  wake_.notify_all();
  return absl::NotFoundError("the key is not known");
}

absl::Status KeySet::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void KeySet::Refresh() {
  const auto text = load_();
  auto keys = text.ok() ? ParseSigningKeys(*text) : text.status();
  const std::lock_guard lock(mutex_);
  status_ = keys.status();
  if (!keys.ok()) {
    const absl::string_view what = status_.message();
    spdlog::warn("the keys for tokens cannot be loaded, those known stay in use: {}",
                 std::string_view(what.data(), what.size()));
    return;
  }
  keys_ = *std::move(keys);
  loaded_ = Clock::now();
}

void KeySet::Run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    wake_.wait_for(lock, options_.least_pause, [this] { return stopped_; });
    wake_.wait_for(lock, options_.refresh_interval - options_.least_pause, [this] { return stopped_ || wanted_; });
    if (stopped_) return;
    wanted_ = false;
    lock.unlock();
    Refresh();
    lock.lock();
  }
}

}  // namespace flosync
