// The client of the streaming benchmarks: a program of its own, so that what clients cost is not counted as the
// daemon's. It is told what to do line by line and answers with lines "word name=value …"; times are of the steady
// clock, which both processes share.
//
//   flosync_load watch ADDRESS WATCHERS STALLED [TOKEN]   every watcher has a connection of its own
//     → connected                     all connections are there
//     go            → open            all streams have had their first message; STALLED of them read no more
//     count         → count messages= updates= cpu_seconds=    of those that read, so far
//     until N       → reached seconds=        all that read have had revision N; since `go`
//     arrivals PATH → arrivals                 writes (revision, nanoseconds) of every message with updates
//     drop          → dropped          the stalled ones are cancelled
//   flosync_load call ADDRESS figures|doctor CONNECTIONS IN_FLIGHT SECONDS
//     → called calls= failed= seconds= p50_ms= p99_ms= cpu_seconds=
//
// It ends when its standard input does.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include "tests/bench/measuring.h"

#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync::bench {
namespace {

constexpr std::chrono::seconds kPatience(60);
constexpr double kNanosPerSecond = 1e9;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::vector<std::shared_ptr<grpc::Channel>> ConnectAll(const std::string& address, size_t count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (size_t i = 0; i < count; ++i) {
    channels.push_back(Connect(address));
    channels.back()->GetState(true);
  }
  for (const auto& channel : channels) channel->WaitForConnected(std::chrono::system_clock::now() + kPatience);
  return channels;
}

void Say(const std::string& line) { std::cout << line << std::endl; }

struct Arrival {
  int64_t revision = 0;
  int64_t at_ns = 0;
};

class Watcher final : public grpc::ClientReadReactor<v1::WatchIndicatorsResponse> {
 public:
  Watcher(const std::shared_ptr<grpc::Channel>& channel, bool stalls)
      : stub_(v1::IndicatorService::NewStub(channel)), stalls_(stalls) {}

  void Go(const std::string& token) {
    started_ = true;
    request_.set_resume_token(token);
    stub_->async()->WatchIndicators(&context_, &request_, this);
    StartRead(&message_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    Note();
    if (!stalls_) StartRead(&message_);
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok() && status.error_code() != grpc::StatusCode::CANCELLED) {
      std::cerr << "a stream ended: " << status.error_message() << std::endl;
    }
    done_ = true;
  }

  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] bool stalls() const { return stalls_; }
  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] int64_t messages() const { return messages_; }
  [[nodiscard]] int64_t updates() const { return updates_; }
  // Everything up to this revision has come, and when its last message did.
  [[nodiscard]] int64_t complete() const { return complete_; }
  [[nodiscard]] int64_t complete_at_ns() const { return complete_at_ns_; }
  [[nodiscard]] std::vector<Arrival> arrivals() {
    const std::lock_guard lock(mutex_);
    return arrivals_;
  }

 private:
  void Note() {
    const int64_t now = NowNs();
    open_ = true;
    ++messages_;
    updates_ += message_.updates_size();
    if (message_.updates_size() > 0) {
      const std::lock_guard lock(mutex_);
      arrivals_.push_back({message_.revision(), now});
    }
    if (message_.progress() || message_.revision_complete()) {
      complete_at_ns_ = now;
      complete_ = message_.revision();
    }
  }

  const std::unique_ptr<v1::IndicatorService::Stub> stub_;
  const bool stalls_;
  bool started_ = false;  // of the main thread
  grpc::ClientContext context_;
  v1::WatchIndicatorsRequest request_;
  v1::WatchIndicatorsResponse message_;
  std::atomic<bool> open_ = false;
  std::atomic<bool> done_ = false;
  std::atomic<int64_t> messages_ = 0;
  std::atomic<int64_t> updates_ = 0;
  std::atomic<int64_t> complete_at_ns_ = 0;
  std::atomic<int64_t> complete_ = 0;
  std::mutex mutex_;
  std::vector<Arrival> arrivals_;
};

class Watchers {
 public:
  // So many on each connection; those that stall come first, so that they share theirs with none who read.
  Watchers(const std::string& address, size_t count, size_t stalled, size_t on_a_connection) {
    const auto channels = ConnectAll(address, (count + on_a_connection - 1) / on_a_connection);
    for (size_t i = 0; i < count; ++i) {
      watchers_.push_back(std::make_unique<Watcher>(channels[i / on_a_connection], i < stalled));
    }
    Say("connected");
  }
  ~Watchers() {
    for (const auto& watcher : watchers_) watcher->Cancel();
    WaitFor([](const Watcher& watcher) { return !watcher.started() || watcher.done(); });
  }
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  void Obey(const std::string& token) {
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string word;
      words >> word;
      if (word == "go") Go(token);
      if (word == "count") Count();
      if (word == "until") Until(words);
      if (word == "arrivals") WriteArrivals(words);
      if (word == "drop") Drop();
    }
  }

 private:
  template <typename Holds>
  void WaitFor(const Holds& holds) const {
    for (const auto& watcher : watchers_) {
      while (!holds(*watcher)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void Go(const std::string& token) {
    went_at_ns_ = NowNs();
    for (const auto& watcher : watchers_) watcher->Go(token);
    WaitFor([](const Watcher& watcher) { return watcher.open() || watcher.done(); });
    Say("open");
  }
  void Count() const {
    int64_t messages = 0;
    int64_t updates = 0;
    for (const auto& watcher : watchers_) {
      if (watcher->stalls()) continue;
      messages += watcher->messages();
      updates += watcher->updates();
    }
    std::ostringstream line;
    line << "count messages=" << messages << " updates=" << updates << " cpu_seconds=" << CpuSeconds();
    Say(line.str());
  }
  void Until(std::istringstream& words) const {
    int64_t revision = 0;
    words >> revision;
    int64_t last = went_at_ns_;
    WaitFor([&](const Watcher& watcher) {
      if (watcher.stalls() || watcher.done()) return true;
      if (watcher.complete() < revision) return false;
      last = std::max(last, watcher.complete_at_ns());
      return true;
    });
    std::ostringstream line;
    line << "reached seconds=" << static_cast<double>(last - went_at_ns_) / kNanosPerSecond;
    Say(line.str());
  }
  void WriteArrivals(std::istringstream& words) const {
    std::string path;
    words >> path;
    std::ofstream file(path, std::ios::binary);
    for (const auto& watcher : watchers_) {
      if (watcher->stalls()) continue;
      const std::vector<Arrival> arrivals = watcher->arrivals();
      file.write(reinterpret_cast<const char*>(arrivals.data()),
                 static_cast<std::streamsize>(arrivals.size() * sizeof(Arrival)));
    }
    file.close();
    Say("arrivals");
  }
  void Drop() const {
    for (const auto& watcher : watchers_) {
      if (watcher->stalls()) watcher->Cancel();
    }
    WaitFor([](const Watcher& watcher) { return !watcher.stalls() || watcher.done(); });
    Say("dropped");
  }

  int64_t went_at_ns_ = 0;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

// Asks one question after another.
class Asker {
 public:
  Asker(const std::shared_ptr<grpc::Channel>& channel, bool doctor, int64_t first, int64_t end_at_ns)
      : figures_(v1::IndicatorService::NewStub(channel)),
        doctors_(v1::DoctorService::NewStub(channel)),
        doctor_(doctor),
        next_(first),
        end_at_ns_(end_at_ns) {
    figure_question_.mutable_filter()->add_area_codes("0301");
  }

  void Ask() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->AddMetadata("flosync-purpose", "benchmark");
    asked_at_ns_ = NowNs();
    const auto answered = [this](const grpc::Status& status) { Answered(status); };
    if (doctor_) {
      constexpr int64_t kDoctorsAsked = 5000;
      constexpr int64_t kStep = 10;  // one person in ten is GP
      doctor_question_.set_hpr_number(static_cast<int32_t>(1 + kStep * (next_++ % kDoctorsAsked)));
      doctors_->async()->GetDoctor(context_.get(), &doctor_question_, &doctor_answer_, answered);
    } else {
      figures_->async()->QueryIndicators(context_.get(), &figure_question_, &figure_answer_, answered);
    }
  }
  [[nodiscard]] bool done() const { return done_; }
  // Once it is done.
  [[nodiscard]] const std::vector<int64_t>& took_ns() const { return took_ns_; }
  [[nodiscard]] int64_t failed() const { return failed_; }

 private:
  void Answered(const grpc::Status& status) {
    const int64_t now = NowNs();
    took_ns_.push_back(now - asked_at_ns_);
    if (!status.ok()) ++failed_;
    if (now < end_at_ns_) {
      Ask();
    } else {
      done_ = true;
    }
  }

  const std::unique_ptr<v1::IndicatorService::Stub> figures_;
  const std::unique_ptr<v1::DoctorService::Stub> doctors_;
  const bool doctor_;
  int64_t next_;
  const int64_t end_at_ns_;
  std::unique_ptr<grpc::ClientContext> context_;
  v1::QueryIndicatorsRequest figure_question_;
  v1::QueryIndicatorsResponse figure_answer_;
  v1::GetDoctorRequest doctor_question_;
  v1::GetDoctorResponse doctor_answer_;
  int64_t asked_at_ns_ = 0;
  std::vector<int64_t> took_ns_;
  int64_t failed_ = 0;
  std::atomic<bool> done_ = false;
};

void CallAgainAndAgain(const std::string& address, bool doctor, size_t connections, size_t in_flight, double seconds) {
  const auto channels = ConnectAll(address, connections);
  const Span span;
  const int64_t end = NowNs() + static_cast<int64_t>(seconds * kNanosPerSecond);
  std::vector<std::unique_ptr<Asker>> askers;
  for (size_t i = 0; i < in_flight; ++i) {
    constexpr int64_t kApart = 97;
    askers.push_back(std::make_unique<Asker>(channels[i % connections], doctor, kApart * static_cast<int64_t>(i), end));
    askers.back()->Ask();
  }
  std::vector<int64_t> took;
  int64_t failed = 0;
  for (const auto& asker : askers) {
    while (!asker->done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    took.insert(took.end(), asker->took_ns().begin(), asker->took_ns().end());
    failed += asker->failed();
  }
  std::ostringstream line;
  line << "called calls=" << took.size() << " failed=" << failed << " seconds=" << span.seconds()
       << " p50_ms=" << PercentileMs(took, 0.5) << " p99_ms=" << PercentileMs(took, 0.99)
       << " cpu_seconds=" << span.cpu_seconds();
  Say(line.str());
}

int Run(const std::vector<std::string>& words) {
  if (words.size() >= 5 && words[0] == "watch") {
    Watchers(words[1], std::stoul(words[2]), std::stoul(words[3]), std::stoul(words[4]))
        .Obey(words.size() > 5 ? words[5] : "");
    return 0;
  }
  if (words.size() == 6 && words[0] == "call") {
    CallAgainAndAgain(words[1], words[2] == "doctor", std::stoul(words[3]), std::stoul(words[4]), std::stod(words[5]));
    return 0;
  }
  std::cerr << "flosync_load is started by flosync_bench; see load_client.cc" << std::endl;
  return 2;
}

}  // namespace
}  // namespace flosync::bench

int main(int argc, char** argv) {
  // As the daemon does: what clients spend on looking for deadlocks is missing to what is measured.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return flosync::bench::Run({argv + 1, argv + argc});
}
