#include "daemon/dead_letter_forwarder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/dead_letters.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::milliseconds kLookAgain{500};
constexpr std::chrono::milliseconds kLongestPause{60'000};

}  // namespace

DeadLetterForwarder::DeadLetterForwarder(std::string state_directory, Send send)
    : state_directory_(std::move(state_directory)), send_(std::move(send)) {}

DeadLetterForwarder::~DeadLetterForwarder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeadLetterForwarder::Start() {
  thread_ = std::thread([this] { Run(); });
}

absl::StatusOr<int64_t> DeadLetterForwarder::ReadSent() const {
  std::ifstream file(state_directory_ + "/deadletter.sent");
  if (!file) return 0;
  std::string text;
  std::getline(file, text);
  const auto sent = ParseNumber<int64_t>(text);
  if (sent && *sent >= 0) return *sent;
  return absl::DataLossError(Join(state_directory_, "/deadletter.sent: is no number; remove it to send all again"));
}

absl::Status DeadLetterForwarder::WriteSent(int64_t sent) const {
  const std::string path = state_directory_ + "/deadletter.sent";
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::trunc);
  file << sent << '\n';
  file.close();
  if (file && std::rename(partial.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(Join(path, ": cannot be written; check the disk"));
}

absl::StatusOr<std::vector<TopicMessage>> DeadLetterForwarder::ReadLetters(int64_t from, int64_t& to) const {
  std::vector<TopicMessage> letters;
  to = from;
  std::ifstream file(DeadLetterPath(state_directory_), std::ios::binary);
  if (!file) return letters;
  file.seekg(from);
  std::string line;
  // A line without its end is still being written.
  while (std::ssize(letters) < kMaxLetters && to - from < kMaxBytes && std::getline(file, line) && !file.eof()) {
    to += std::ssize(line) + 1;
    if (auto letter = ParseDeadLetter(line)) {
      letters.push_back(*std::move(letter));
    } else if (!line.empty()) {
      spdlog::warn("a line of the dead-letter file was torn by a crash; its record is noted again below it");
    }
  }
  return letters;
}

absl::StatusOr<int> DeadLetterForwarder::ForwardOnce() {
  auto sent = ReadSent();
  if (!sent.ok()) return sent.status();
  std::error_code none;
  const auto size = std::filesystem::file_size(DeadLetterPath(state_directory_), none);
  if (none) return 0;
  if (*sent > static_cast<int64_t>(size)) sent = 0;
  int64_t to = 0;
  const auto letters = ReadLetters(*sent, to);
  if (!letters.ok()) return letters.status();
  if (to == *sent) return 0;
  if (!letters->empty()) {
    if (absl::Status given = send_(*letters); !given.ok()) return given;
  }
  if (absl::Status written = WriteSent(to); !written.ok()) return written;
  return static_cast<int>(letters->size());
}

void DeadLetterForwarder::Run() {
  std::chrono::milliseconds pause = kLookAgain;
  bool failing = false;
  while (true) {
    const auto forwarded = ForwardOnce();
    if (!forwarded.ok() && !failing) {
      spdlog::warn("dead letters wait in {}: {}", DeadLetterPath(state_directory_),
                   std::string(forwarded.status().message()));
    }
    if (forwarded.ok() && failing) spdlog::info("dead letters are sent again");
    failing = !forwarded.ok();
    pause = failing ? std::min(pause * 2, kLongestPause) : kLookAgain;
    if (forwarded.ok() && *forwarded > 0) pause = std::chrono::milliseconds(0);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, pause, [this] { return stopping_; })) return;
    pause = std::max(pause, kLookAgain);
  }
}

}  // namespace flosync
