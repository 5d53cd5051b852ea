// The published services without flosync behind them: what gRPC itself does with the same messages. The ceiling that
// streams and calls are measured against.
//
//   BareServer bare;
//   bare.Load(messages);
//   bare.Release(messages.size());   // to every watcher, as fast as each takes them
//   bare.Answer(figures);            // to every QueryIndicators
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync::bench {

using WatchMessages = std::vector<v1::WatchIndicatorsResponse>;

class BareStream;

// On a free port of loopback. Thread-safe; what is sent or answered is set before clients come.
class BareServer {
 public:
  BareServer();
  ~BareServer();
  BareServer(const BareServer&) = delete;
  BareServer& operator=(const BareServer&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

  // Watchers get a message of progress, then these up to the number released.
  void Load(WatchMessages messages) { messages_ = std::move(messages); }
  // From now on the first `count` of them may go.
  void Release(size_t count);
  // Releases all of them one by one, so far apart; gives when by revision, NowNs.
  std::map<int64_t, int64_t> SendEvery(std::chrono::nanoseconds apart);

  void Answer(const v1::QueryIndicatorsResponse& answer) { figures_.answer = answer; }
  void Answer(const v1::GetDoctorResponse& answer) { doctors_.answer = answer; }

 private:
  friend class BareStream;

  class Figures final : public v1::IndicatorService::CallbackService {
   public:
    explicit Figures(BareServer* server) : server_(server) {}
    grpc::ServerUnaryReactor* QueryIndicators(grpc::CallbackServerContext* context,
                                              const v1::QueryIndicatorsRequest* request,
                                              v1::QueryIndicatorsResponse* response) override;
    grpc::ServerWriteReactor<v1::WatchIndicatorsResponse>* WatchIndicators(
        grpc::CallbackServerContext* context, const v1::WatchIndicatorsRequest* request) override;
    v1::QueryIndicatorsResponse answer;

   private:
    BareServer* server_;
  };
  class Doctors final : public v1::DoctorService::CallbackService {
   public:
    grpc::ServerUnaryReactor* GetDoctor(grpc::CallbackServerContext* context, const v1::GetDoctorRequest* request,
                                        v1::GetDoctorResponse* response) override;
    v1::GetDoctorResponse answer;
  };

  WatchMessages messages_;
  std::atomic<size_t> released_ = 0;
  std::mutex mutex_;
  std::vector<std::weak_ptr<BareStream>> streams_;
  Figures figures_{this};
  Doctors doctors_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace flosync::bench
