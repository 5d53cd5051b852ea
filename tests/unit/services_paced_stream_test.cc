// PacedStream: where Next is called, and whether it may wait there.
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "daemon/services/paced_stream.h"

#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync {
namespace {

struct Asked {
  bool may_wait = false;
  std::thread::id thread;
};

// Writes, has to read before it writes again, is woken while it says that it rests, and ends.
class ScriptedStream final : public PacedStream {
 public:
  ScriptedStream(StreamHub* hub, Workers* workers, std::unique_ptr<StreamHub::Place> place, std::vector<Asked>* asked)
      : PacedStream(hub, workers, std::move(place)), asked_(asked) {}

 private:
  Step Next(bool may_wait, grpc::ByteBuffer& message, grpc::Status& /*status*/) override {
    asked_->push_back({may_wait, std::this_thread::get_id()});
    const size_t step = asked_->size();
    v1::WatchIndicatorsResponse response;
    response.set_revision(static_cast<int64_t>(step));
    if (step == 1 || step == 3) {
      message = WireOf(response);
      return Step::kWrite;
    }
    if (step == 2) return Step::kAgain;
    if (step == 5) return Step::kFinish;
    Wake();
    return Step::kRest;
  }

  std::vector<Asked>* const asked_;
};

class ScriptedService final
    : public v1::IndicatorService::WithRawCallbackMethod_WatchIndicators<v1::IndicatorService::CallbackService> {
 public:
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchIndicators(grpc::CallbackServerContext* /*context*/,
                                                              const grpc::ByteBuffer* /*request*/) override {
    grpc::Status refusal;
    auto place = hub.Admit("client", refusal);
    const auto stream = std::make_shared<ScriptedStream>(&hub, &workers, std::move(place), &asked);
    stream->Start(std::nullopt);
    return stream.get();
  }

  StreamHub hub{{}};
  Workers workers{1, 0};
  std::vector<Asked> asked;  // handed on with the stream's baton
};

TEST(PacedStream, WaitsOnWorkersOnly) {
  ScriptedService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  ASSERT_TRUE(server);
  const auto stub = v1::IndicatorService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->WatchIndicators(&context, {});
  v1::WatchIndicatorsResponse message;
  std::vector<int64_t> revisions;
  while (stream->Read(&message)) revisions.push_back(message.revision());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(revisions, (std::vector<int64_t>{1, 3}));
  server->Shutdown();
  std::promise<std::thread::id> told;
  service.workers.Post([&told] { told.set_value(std::this_thread::get_id()); });
  const std::thread::id worker = told.get_future().get();

  ASSERT_EQ(service.asked.size(), 5);
  for (size_t i = 0; i < service.asked.size(); ++i) {
    EXPECT_EQ(service.asked[i].may_wait, i % 2 == 0) << i;
    EXPECT_EQ(service.asked[i].thread == worker, i % 2 == 0) << i;
  }
}

}  // namespace
}  // namespace flosync
