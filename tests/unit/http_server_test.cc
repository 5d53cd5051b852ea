// The HTTP server by itself: what its bounds do, with a handler that the test holds in its hands; and the site on it.
#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/rest/site.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

// A connection to a server on this machine; reading gives up after a while.
class Client {
 public:
  explicit Client(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Send(const std::string& text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  // False if the connection ends instead.
  [[nodiscard]] bool ReadFirstByte() const {
    char byte = 0;
    return ::recv(socket_, &byte, 1, 0) == 1;
  }
  // Everything until the connection ends.
  [[nodiscard]] std::string ReadAll() const {
    std::string all;
    std::array<char, 4096> bytes{};
    for (ssize_t count = 0; (count = ::recv(socket_, bytes.data(), bytes.size(), 0)) > 0;) {
      all.append(bytes.data(), static_cast<size_t>(count));
    }
    return all;
  }

 private:
  const int socket_;
};

class HeldHandler final : public HttpHandler {
 public:
  void Handle(HttpRequest request, Done done) override {
    const std::lock_guard lock(mutex_);
    asked_.emplace_back(std::move(request), std::move(done));
  }
  HttpAnswer Refuse(HttpRefusal why) override {
    HttpAnswer answer;
    answer.status = why == HttpRefusal::kTooSlow ? 408 : why == HttpRefusal::kTooMuchUnderWay ? 503 : 400;
    return answer;
  }
  [[nodiscard]] size_t waiting() {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }
  // Answers what has been asked first.
  HttpRequest Answer(std::string body) {
    const std::lock_guard lock(mutex_);
    auto [request, done] = std::move(asked_.front());
    asked_.erase(asked_.begin());
    HttpAnswer answer;
    answer.content_type = "text/plain";
    answer.body = std::move(body);
    done(std::move(answer));
    return request;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<HttpRequest, Done>> asked_;
};

constexpr const char* kClose = "GET /x?y=1 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one: 2\r\nConnection: close\r\n\r\n";

class HttpServerTest : public ServicesTest {
 protected:
  void Start(HttpOptions options = {}) {
    auto started = HttpServer::Start(options, &handler_);
    ASSERT_TRUE(started.ok()) << started.status();
    http_ = *std::move(started);
  }
  HeldHandler handler_;
  std::unique_ptr<HttpServer> http_;
};

TEST_F(HttpServerTest, RequestsArriveAsSent) {
  Start();
  const Client client(http_->address());
  client.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  const HttpRequest request = handler_.Answer("here");
  EXPECT_EQ(request.target, "/x?y=1");
  EXPECT_EQ(request.address, "ipv4:127.0.0.1");
  EXPECT_EQ(request.Values("x-one"), (std::vector<std::string>{"1", "2"}));
  EXPECT_NE(client.ReadAll().find("Content-Length: 4\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, ASlowRequestIsRefusedAtItsDeadlineWhateverDripsIn) {
  HttpOptions options;
  options.request_deadline = std::chrono::milliseconds(300);
  Start(options);
  const Client client(http_->address());
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(600)) {
    client.Send("G");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(client.ReadAll().starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, AnIdleConnectionEndsWithoutAWord) {
  HttpOptions options;
  options.idle_limit = std::chrono::milliseconds(100);
  Start(options);
  const Client client(http_->address());
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  handler_.Answer("one");
  const std::string all = client.ReadAll();
  EXPECT_TRUE(all.ends_with("\r\n\r\none")) << all;
}

TEST_F(HttpServerTest, TheLongestWaitingGoesForANewOneAndNeverOneThatHasAsked) {
  HttpOptions options;
  options.max_connections = 3;
  Start(options);
  const Client asking(http_->address());
  asking.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  const Client first(http_->address());
  first.Send("GET");
  const Client second(http_->address());
  const Client third(http_->address());
  EXPECT_EQ(first.ReadAll(), "");
  second.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 2; }));
  handler_.Answer("a");
  handler_.Answer("b");
  EXPECT_TRUE(asking.ReadAll().ends_with("a"));
  EXPECT_TRUE(second.ReadAll().ends_with("b"));
}

TEST_F(HttpServerTest, WhoDoesNotTakeAnAnswerGoesForANewOneOnceAllHaveAsked) {
  HttpOptions options;
  options.max_connections = 2;
  Start(options);
  constexpr size_t kMoreThanASocketTakes = size_t{64} << 20;
  const Client slowest(http_->address());
  const Client slow(http_->address());
  for (const Client* client : {&slowest, &slow}) {
    client->Send(kClose);
    ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
    handler_.Answer(std::string(kMoreThanASocketTakes, 'x'));
    ASSERT_TRUE(client->ReadFirstByte());
  }
  const Client late(http_->address());
  late.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; })) << "clients that take nothing lock nobody out";
  handler_.Answer("here");
  EXPECT_NE(late.ReadAll().find("here"), std::string::npos);
  EXPECT_LT(slowest.ReadAll().size(), kMoreThanASocketTakes);
  EXPECT_GT(slow.ReadAll().size(), kMoreThanASocketTakes) << "one goes for one that comes";
}

TEST_F(HttpServerTest, WhoWasRefusedAndStaysGoesForANewOne) {
  HttpOptions options;
  options.max_connections = 1;
  Start(options);
  const Client refused(http_->address());
  refused.Send("what\r\n\r\n");
  ASSERT_TRUE(refused.ReadFirstByte());
  const Client late(http_->address());
  late.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  handler_.Answer("here");
  EXPECT_NE(late.ReadAll().find("here"), std::string::npos);
}

TEST_F(HttpServerTest, AnswersAreDated) {
  Start();
  const Client client(http_->address());
  client.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  handler_.Answer("here");
  const std::string answer = client.ReadAll();
  const size_t at = answer.find("\r\nDate: ");
  ASSERT_NE(at, std::string::npos) << answer;
  std::tm said{};
  const char* rest = ::strptime(answer.c_str() + at, "\r\nDate: %a, %d %b %Y %H:%M:%S GMT\r\n", &said);
  ASSERT_NE(rest, nullptr) << answer;
  EXPECT_NEAR(static_cast<double>(::timegm(&said)), static_cast<double>(std::time(nullptr)), 60);
}

TEST_F(HttpServerTest, AnswersThatTakeTooMuchMemoryTogetherAreRefused) {
  HttpOptions options;
  options.max_answer_bytes = 100;
  Start(options);
  const Client client(http_->address());
  client.Send(kClose);
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  handler_.Answer(std::string(101, 'x'));
  EXPECT_TRUE(client.ReadAll().starts_with("HTTP/1.1 503 "));
}

TEST_F(HttpServerTest, WhatWasAskedBeforeTheEndIsAnsweredAndNothingElse) {
  Start();
  const Client asking(http_->address());
  asking.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const Client idle(http_->address());
  ASSERT_TRUE(Eventually([&] { return handler_.waiting() == 1; }));
  http_->BeginShutdown();
  EXPECT_EQ(idle.ReadAll(), "");
  handler_.Answer("last");
  EXPECT_TRUE(asking.ReadAll().ends_with("last"));
  http_.reset();
}

TEST_F(HttpServerTest, ThePortIsItsOwn) {
  Start();
  HeldHandler other;
  HttpOptions options;
  options.address = http_->address();
  EXPECT_EQ(HttpServer::Start(options, &other).status().code(), absl::StatusCode::kUnavailable);
}

// The site as the daemon has it, for questions that a daemon on loopback does not show.
TEST_F(HttpServerTest, MetricsOffLoopbackNeedWhatTheStatusNeeds) {
  ServerOptions options;
  options.security.tokens.issuer = "https://issuer.example";
  options.security.tokens.audience = "flosync";
  options.security.tokens.keys = "http://127.0.0.1:1/keys";
  Serve(options);
  Site site({.own_names_only = false, .open_metrics = false, .max_header_bytes = 16'384}, server_.get());
  int32_t status = 0;
  HttpRequest request;
  request.target = "/metrics";
  request.address = "ipv4:192.0.2.7";
  site.Handle(request, [&status](const HttpAnswer& answer) { status = answer.status; });
  EXPECT_EQ(status, 401);
  request.target = "/healthz";
  site.Handle(request, [&status](const HttpAnswer& answer) { status = answer.status; });
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace flosync
