#include "tests/bench/bare_server.h"

#include <thread>
#include <utility>

#include "domain/text.h"
#include "tests/bench/measuring.h"
#include "tests/support/must.h"

namespace flosync::bench {

// One message in flight; rests when there is nothing to send. `busy_` is a baton, as in PacedStream.
class BareStream final : public grpc::ServerWriteReactor<v1::WatchIndicatorsResponse>,
                         public std::enable_shared_from_this<BareStream> {
 public:
  explicit BareStream(const BareServer* server) : server_(server) { opening_.set_progress(true); }

  void Start() {
    self_ = shared_from_this();
    StartWrite(&opening_);
  }
  void Wake() {
    if (TakeBaton()) Send();
  }

 private:
  bool TakeBaton() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(busy_, true);
  }
  void Send() {
    while (true) {
      if (cancelled_) return Finish(grpc::Status::CANCELLED);
      if (next_ < server_->released_) return StartWrite(&server_->messages_[next_++]);
      const std::lock_guard lock(mutex_);
      // What came between the question and the lock is not missed.
      if (cancelled_ || next_ < server_->released_) continue;
      busy_ = false;
      return;
    }
  }
  void OnWriteDone(bool ok) override {
    if (!ok) cancelled_ = true;
    Send();
  }
  void OnCancel() override {
    cancelled_ = true;
    Wake();
  }
  void OnDone() override { const auto last = std::move(self_); }

  const BareServer* server_;
  v1::WatchIndicatorsResponse opening_;
  std::shared_ptr<BareStream> self_;
  std::mutex mutex_;
  bool busy_ = true;
  std::atomic<bool> cancelled_ = false;
  size_t next_ = 0;
};

grpc::ServerUnaryReactor* BareServer::Figures::QueryIndicators(grpc::CallbackServerContext* context,
                                                               const v1::QueryIndicatorsRequest* /*request*/,
                                                               v1::QueryIndicatorsResponse* response) {
  *response = answer;
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchIndicatorsResponse>* BareServer::Figures::WatchIndicators(
    grpc::CallbackServerContext* /*context*/, const v1::WatchIndicatorsRequest* /*request*/) {
  const auto stream = std::make_shared<BareStream>(server_);
  {
    const std::lock_guard lock(server_->mutex_);
    server_->streams_.push_back(stream);
  }
  stream->Start();
  return stream.get();
}

grpc::ServerUnaryReactor* BareServer::Doctors::GetDoctor(grpc::CallbackServerContext* context,
                                                         const v1::GetDoctorRequest* /*request*/,
                                                         v1::GetDoctorResponse* response) {
  *response = answer;
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

BareServer::BareServer() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&figures_);
  builder.RegisterService(&doctors_);
  server_ = builder.BuildAndStart();
  if (!server_) Must(absl::UnavailableError("the bare server cannot listen on loopback"));
  address_ = Join("127.0.0.1:", port);
}

BareServer::~BareServer() { server_->Shutdown(std::chrono::system_clock::now()); }

void BareServer::Release(size_t count) {
  released_ = count;
  std::vector<std::shared_ptr<BareStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : streams_) {
      if (auto stream = weak.lock()) streams.push_back(std::move(stream));
    }
  }
  for (const auto& stream : streams) stream->Wake();
}

std::map<int64_t, int64_t> BareServer::SendEvery(std::chrono::nanoseconds apart) {
  std::map<int64_t, int64_t> sent_at;
  auto at = std::chrono::steady_clock::now();
  for (size_t i = 0; i < messages_.size(); ++i) {
    std::this_thread::sleep_until(at += apart);
    sent_at.emplace(messages_[i].revision(), NowNs());
    Release(i + 1);
  }
  return sent_at;
}

}  // namespace flosync::bench
