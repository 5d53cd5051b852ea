#include "daemon/http/http_server.h"

#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/http/connection.h"
#include "daemon/http/tls_context.h"
#include "domain/text.h"

namespace flosync {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kWithError = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause(100);

}  // namespace

// Everything in it runs on its own thread, but for what says otherwise.
class HttpServer::Engine {
 public:
  Engine(const HttpOptions& options, HttpHandler* handler, TlsFiles tls)
      : tls_(std::move(tls)), acceptor_(traffic_.io), tls_timer_(traffic_.io) {
    traffic_.options = options;
    traffic_.handler = handler;
  }
  // The owner's thread, as the next three.
  ~Engine() {
    asio::post(traffic_.io, [this] { End(); });
    if (thread_.joinable()) thread_.join();
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] absl::Status Listen();
  void Run() {
    asio::co_spawn(traffic_.io, Accept(), asio::detached);
    if (tls_.current() != nullptr) asio::co_spawn(traffic_.io, WatchTls(), asio::detached);
    thread_ = std::thread([this] { traffic_.io.run(); });
  }
  void BeginShutdown() {
    asio::post(traffic_.io, [this] { Close(); });
  }
  // Any thread.
  [[nodiscard]] std::string address() const { return Join(host_, ":", port_); }

 private:
  [[nodiscard]] asio::awaitable<void> Accept();
  [[nodiscard]] asio::awaitable<void> WatchTls();
  // Ends the connection that has waited longest for its client to ask, or if all have asked, to take its answer.
  [[nodiscard]] bool MakeRoom();
  // Nothing new.
  void Close();
  // Nothing at all.
  void End();

  HttpTraffic traffic_;
  std::string host_;
  int port_ = 0;
  TlsFiles tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer tls_timer_;
  std::thread thread_;
};

absl::Status HttpServer::Engine::Listen() {
  const size_t colon = traffic_.options.address.rfind(':');
  host_ = traffic_.options.address.substr(0, colon);
  std::string name = host_;
  if (name.starts_with('[')) name = name.substr(1, name.size() - 2);
  error_code error;
  tcp::resolver resolver(traffic_.io);
  const auto found = resolver.resolve(name, traffic_.options.address.substr(colon + 1), error);
  if (!error) {
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (error) {
    return absl::UnavailableError(Join("cannot listen on ", traffic_.options.address, " for HTTP (", error.message(),
                                       "): is another process using the port? Give another one, or 0 for any"));
  }
  port_ = acceptor_.local_endpoint().port();
  return absl::OkStatus();
}

asio::awaitable<void> HttpServer::Engine::Accept() {
  asio::steady_timer pause(traffic_.io);
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kWithError);
    if (!acceptor_.is_open()) break;
    if (error) {
      // Such as no file descriptors left.
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kWithError);
      continue;
    }
    const bool full = static_cast<int32_t>(traffic_.all.size()) >= traffic_.options.max_connections;
    if (full && !MakeRoom()) continue;  // all wait for the daemon; the new one is closed
    ServeConnection(&traffic_, std::move(socket), tls_.current());
  }
}

bool HttpServer::Engine::MakeRoom() {
  const auto& idle = traffic_.waiting.empty() ? traffic_.answering : traffic_.waiting;
  if (idle.empty()) return false;
  idle.front()->CutOff();  // which takes it out of the list
  return true;
}

asio::awaitable<void> HttpServer::Engine::WatchTls() {
  while (!traffic_.closing) {
    tls_timer_.expires_after(std::chrono::seconds(traffic_.options.tls.reload_seconds));
    const auto [error] = co_await tls_timer_.async_wait(kWithError);
    if (!error) tls_.LookAgain();
  }
}

void HttpServer::Engine::Close() {
  if (std::exchange(traffic_.closing, true)) return;
  error_code ignored;
  acceptor_.close(ignored);
  tls_timer_.cancel();
  while (!traffic_.waiting.empty()) traffic_.waiting.front()->CutOff();
}

void HttpServer::Engine::End() {
  Close();
  for (HttpConnection* connection : traffic_.all) connection->CutOff();
}

HttpServer::HttpServer(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options, HttpHandler* handler) {
  auto tls = TlsFiles::Open(options.tls);
  if (!tls.ok()) return tls.status();
  auto engine = std::make_unique<Engine>(options, handler, *std::move(tls));
  if (absl::Status listening = engine->Listen(); !listening.ok()) return listening;
  engine->Run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(engine)));
}

std::string HttpServer::address() const { return engine_->address(); }

void HttpServer::BeginShutdown() { engine_->BeginShutdown(); }

}  // namespace flosync
