// The server: health, listening, limits of calls, the end.
#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <set>
#include <thread>

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class ServerTest : public ServicesTest {
 protected:
  grpc::Status Query(const v1::QueryIndicatorsRequest& request, v1::QueryIndicatorsResponse& response) const {
    const auto context = Context();
    return v1::IndicatorService::NewStub(channel_)->QueryIndicators(context.get(), request, &response);
  }
  // 1 SERVING, 2 NOT_SERVING; nothing if the service is unknown. The health messages do not come with Debian's package.
  std::optional<int> Health(const std::string& service) const;
};

std::optional<int> ServerTest::Health(const std::string& service) const {
  google::protobuf::UnknownFieldSet request;
  if (!service.empty()) request.AddLengthDelimited(1, service);
  std::string bytes;
  request.SerializeToString(&bytes);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer in(&slice, 1);
  grpc::ByteBuffer out;
  const auto context = Context();
  grpc::GenericStub stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(context.get(), "/grpc.health.v1.Health/Check", {}, &in, &out,
                 [&done](const grpc::Status& status) { done.set_value(status); });
  if (!done.get_future().get().ok()) return std::nullopt;
  grpc::Slice answer;
  EXPECT_TRUE(out.DumpToSingleSlice(&answer).ok());
  google::protobuf::UnknownFieldSet response;
  EXPECT_TRUE(response.ParseFromArray(answer.begin(), static_cast<int>(answer.size())));
  return response.field_count() == 1 ? static_cast<int>(response.field(0).varint()) : 0;
}

TEST_F(ServerTest, HealthFollowsReadiness) {
  Serve();
  for (const char* service : {"", "flosync.v1.IndicatorService", "flosync.v1.SnapshotService",
                              "flosync.v1.DoctorService", "flosync.v1.PatientListService", "flosync.v1.SyncService"}) {
    EXPECT_EQ(Health(service), 2) << service;
  }
  EXPECT_EQ(Health("flosync.v1.Nonsense"), std::nullopt);
  Publish(true);
  EXPECT_TRUE(Eventually([&] { return Health("") == 1 && Health("flosync.v1.SyncService") == 1; }));
  Publish(false);
  EXPECT_TRUE(Eventually([&] { return Health("flosync.v1.IndicatorService") == 2; }));
}

TEST_F(ServerTest, OnlyLoopbackIsListenedOn) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0"}) {
    ServerOptions options;
    options.address = address;
    options.access_log = AccessLogPath();
    const auto server = GrpcServer::Start(options, publication_.get(), &commands_);
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_NE(std::string(server.status().message()).find("TLS"), std::string::npos) << address;
  }
  for (const char* address : {"", "127.0.0.1", ":0", "127.0.0.1:x", "127.0.0.1:70000", "::1:0", "127.0.0.999:0"}) {
    ServerOptions options;
    options.address = address;
    options.access_log = AccessLogPath();
    EXPECT_FALSE(GrpcServer::Start(options, publication_.get(), &commands_).ok()) << address;
  }
}

TEST_F(ServerTest, PortInUseIsRefused) {
  Serve();
  EXPECT_GT(server_->port(), 0);
  ServerOptions options;
  options.address = server_->address();
  options.access_log = AccessLogPath() + ".other";
  const auto second = GrpcServer::Start(options, publication_.get(), &commands_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, NothingIsAnsweredAfterShutdown) {
  Commit({MakeContract(1, "0301")});
  Serve();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  server_->Shutdown(std::chrono::system_clock::now());
  Publish();  // finds no server
  v1::QueryIndicatorsResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(v1::IndicatorService::NewStub(channel_)->QueryIndicators(&context, {}, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, MessagesBeyondTheLimitAreRefused) {
  ServerOptions options;
  options.max_receive_message_bytes = 1000;
  Serve(options);
  v1::QueryIndicatorsRequest request;
  request.set_page_token(std::string(2000, 'x'));
  v1::QueryIndicatorsResponse response;
  EXPECT_EQ(Query(request, response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, CallsBeyondTheQueueAreRefused) {
  ServerOptions options;
  options.max_queued_calls = 0;
  Serve(options);
  v1::QueryIndicatorsResponse response;
  const grpc::Status status = Query({}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_CALLS");
  EXPECT_TRUE(ReadErrorDetails(status).retry_after.has_value());
}

TEST_F(ServerTest, CompressedRequestsAreRefusedBeforeTheyAreInflated) {
  Serve();
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    v1::QueryIndicatorsRequest request;
    request.set_page_token(std::string(size_t{8} << 20, 'A'));  // 8 kB when packed
    const auto context = Context();
    context->set_compression_algorithm(algorithm);
    v1::QueryIndicatorsResponse response;
    const grpc::Status status =
        v1::IndicatorService::NewStub(channel_)->QueryIndicators(context.get(), request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  }
  v1::QueryIndicatorsResponse response;
  EXPECT_NE(Query({}, response).error_code(), grpc::StatusCode::UNIMPLEMENTED) << "others are answered";
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitAreRefusedUntilOthersHaveEnded) {
  ServerOptions options;
  options.connections = {.most = 3, .most_of_one_address = 2};
  Serve(options);
  channel_.reset();
  const auto connects = [](const std::shared_ptr<grpc::Channel>& channel) {
    return channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(2));
  };
  auto first = NewChannel();
  const auto second = NewChannel();
  ASSERT_TRUE(connects(first));
  ASSERT_TRUE(connects(second));
  EXPECT_FALSE(connects(NewChannel())) << "a third one of one address";
  first.reset();
  EXPECT_TRUE(Eventually([&] { return connects(NewChannel()); }));
}

TEST_F(ServerTest, ConnectionsWithoutCallsAreEndedAndThatWithinTheProcessIsNot) {
  Commit({MakeContract(1, "0301")});
  ServerOptions options;
  options.idle_limit = std::chrono::milliseconds(300);
  Serve(options);
  v1::QueryIndicatorsResponse response;
  EXPECT_TRUE(Query({}, response).ok());
  const auto within = server_->InProcessChannel();
  EXPECT_TRUE(Eventually([&] { return channel_->GetState(false) != GRPC_CHANNEL_READY; }));
  EXPECT_TRUE(Query({}, response).ok()) << "a call connects again";
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const auto context = Context();
  EXPECT_TRUE(v1::IndicatorService::NewStub(within)->QueryIndicators(context.get(), {}, &response).ok());
}

TEST_F(ServerTest, WhatIsNoMethodOfOursIsNoLabel) {
  Serve();
  grpc::GenericStub stub(channel_);
  for (const char* path : {"/flosync.v1.DoctorService/HPR999000011", "/a/b", "/flosync.v1.X/a\"b\\n"}) {
    grpc::ByteBuffer out;
    const grpc::Slice nothing;
    const grpc::ByteBuffer in(&nothing, 1);
    const auto context = Context();
    std::promise<grpc::Status> done;
    stub.UnaryCall(context.get(), path, {}, &in, &out, [&done](const grpc::Status& status) { done.set_value(status); });
    EXPECT_EQ(done.get_future().get().error_code(), grpc::StatusCode::UNIMPLEMENTED) << path;
  }
  EXPECT_TRUE(Health("").has_value());
  std::set<std::string> methods;
  const auto look = [&] {
    for (const auto& family : server_->request_counts().Collect()) {
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.name == "method") methods.insert(label.value);
        }
      }
    }
    return methods.size() == 2;
  };
  EXPECT_TRUE(Eventually(look));
  EXPECT_EQ(methods, (std::set<std::string>{"grpc.health.v1.Health/Check", "unknown"}));
}

TEST_F(ServerTest, StreamsSayThatARequestIsNoMessage) {
  Serve();
  grpc::GenericStub stub(channel_);
  for (const std::string method :
       {"IndicatorService/WatchIndicators", "DoctorService/WatchDoctors", "AlertService/WatchAlerts",
        "SnapshotService/WatchSnapshots", "SnapshotService/ReadSnapshot"}) {
    const grpc::Slice garbage("\xff\xff\xff");
    const grpc::ByteBuffer in(&garbage, 1);
    grpc::ByteBuffer out;
    const auto context = Context();
    std::promise<grpc::Status> done;
    stub.UnaryCall(context.get(), "/flosync.v1." + method, {}, &in, &out,
                   [&done](const grpc::Status& status) { done.set_value(status); });
    const grpc::Status status = done.get_future().get();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(ReadErrorDetails(status).reason, "REQUEST_UNREADABLE") << method;
  }
  EXPECT_EQ(server_->open_streams(), 0);
}

TEST_F(ServerTest, HealthWatchesOfEverybodyTogetherAreBounded) {
  ServerOptions options;
  options.max_streams_per_client = 2000;  // so that one connection holds them all
  Serve(options);
  constexpr size_t kMost = 1000;
  grpc::GenericStub stub(channel_);
  struct Watch final : grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
    void OnReadDone(bool ok) override { told = told || ok; }
    void OnDone(const grpc::Status& status) override {
      code = status.error_code();
      over = true;
    }
    grpc::ClientContext context;
    grpc::ByteBuffer in;
    grpc::Slice nothing;
    grpc::ByteBuffer out{&nothing, 1};
    std::atomic<bool> told = false;
    std::atomic<bool> over = false;
    grpc::StatusCode code = grpc::StatusCode::OK;
  };
  std::vector<std::unique_ptr<Watch>> watches;
  for (size_t i = 0; i < kMost + 5; ++i) {
    Watch& watch = *watches.emplace_back(std::make_unique<Watch>());
    stub.PrepareBidiStreamingCall(&watch.context, "/grpc.health.v1.Health/Watch", {}, &watch);
    watch.StartWriteLast(&watch.out, {});
    watch.StartRead(&watch.in);
    watch.StartCall();
  }
  const auto count = [&](auto what) { return static_cast<size_t>(std::ranges::count_if(watches, what)); };
  EXPECT_TRUE(Eventually([&] { return count([](const auto& watch) { return watch->over.load(); }) == 5; }));
  EXPECT_TRUE(Eventually([&] { return count([](const auto& watch) { return watch->told.load(); }) == kMost; }));
  for (const auto& watch : watches) watch->context.TryCancel();
  EXPECT_TRUE(Eventually([&] { return count([](const auto& watch) { return watch->over.load(); }) == kMost + 5; }));
}

}  // namespace
}  // namespace flosync
