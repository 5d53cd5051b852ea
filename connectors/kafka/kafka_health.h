// What operators are told about the connection to the brokers.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "connectors/record.h"

namespace flosync {

// The machine's clock, as Instant.
[[nodiscard]] Instant WallClock();

// One line of at most 300 bytes, whatever a library had to say.
[[nodiscard]] std::string OneLine(std::string text);

// "Connected" means that the brokers answer and every configured topic is being read. librdkafka reports each failed
// attempt, the watch each round of questions; a round decides, and the client's own words give the reason. Thread-safe.
class KafkaHealth {
 public:
  explicit KafkaHealth(std::string brokers);

  // An error that librdkafka met and is going to retry.
  void NoteClientError(const std::string& text);
  // The outcome of one round begun at `begun`. `unanswered`: the brokers could not be asked, for the reason `problem`;
  // else `problem` is what the answers showed to be wrong, empty if nothing.
  void ReportRound(Instant begun, bool unanswered, const std::string& problem);

  [[nodiscard]] SourceHealth Get() const;

 private:
  const std::string brokers_;
  mutable std::mutex mutex_;
  SourceHealth health_;
  std::optional<Instant> first_client_error_at_;  // since the last round that went well
  std::string last_client_error_;
  bool warned_ = false;  // one warning for each time of trouble; how its text changes meanwhile goes to debug
};

}  // namespace flosync
