#include "connectors/kafka/kafka_health.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace flosync {
namespace {

constexpr size_t kMaxLineBytes = 300;

}  // namespace

Instant WallClock() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
  return Instant{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  if (text.size() > kMaxLineBytes) text.resize(kMaxLineBytes);
  return text;
}

KafkaHealth::KafkaHealth(std::string brokers) : brokers_(std::move(brokers)) {
  health_ = {
      .connected = false, .disconnected_since = WallClock(), .last_error = absl::StrCat("connecting to ", brokers_)};
}

void KafkaHealth::NoteClientError(const std::string& text) {
  spdlog::debug("kafka: {}", OneLine(text));
  const std::lock_guard lock(mutex_);
  if (!first_client_error_at_) first_client_error_at_ = WallClock();
  // "2/2 brokers are down" follows the error that says why, and must not hide it.
  if (last_client_error_.empty() || !absl::EndsWith(text, "brokers are down")) last_client_error_ = text;
}

void KafkaHealth::ReportRound(Instant begun, bool unanswered, const std::string& problem) {
  const std::lock_guard lock(mutex_);
  std::string line = problem;
  if (unanswered) {
    const std::string& reason = last_client_error_.empty() ? problem : last_client_error_;
    line = OneLine(absl::StrCat("no answer from ", brokers_, ", trying again: ", reason));
  }
  if (line.empty()) {
    if (!health_.connected) spdlog::info("kafka: connected to {}, all topics are being read", brokers_);
    health_ = SourceHealth{};
    warned_ = false;
  } else {
    if (health_.connected) health_.disconnected_since = std::min(begun, first_client_error_at_.value_or(begun));
    if (health_.last_error != line)
      spdlog::log(warned_ ? spdlog::level::debug : spdlog::level::warn, "kafka: {}", line);
    warned_ = true;
    health_.connected = false;
    health_.last_error = std::move(line);
  }
  if (!unanswered) {
    first_client_error_at_.reset();
    last_client_error_.clear();
  }
}

SourceHealth KafkaHealth::Get() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace flosync
