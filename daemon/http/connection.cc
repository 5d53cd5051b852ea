#include "daemon/http/connection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include "domain/text.h"

namespace flosync {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::empty_body>;

constexpr auto kWithError = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kCancelAgain(100);
// What a client still sends after it has been refused is read for so long and so much, or it would not see why.
constexpr std::chrono::milliseconds kLinger(2000);
constexpr size_t kMostLingeringBytes = size_t{16} << 20;
constexpr size_t kReadBytes = 8192;

// As gRPC writes peers: "ipv4:192.0.2.7", "ipv6:%5B::1%5D".
std::string AddressOf(const tcp::socket& socket) {
  error_code error;
  asio::ip::address address = socket.remote_endpoint(error).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.is_v4() ? Join("ipv4:", address.to_string()) : Join("ipv6:%5B", address.to_string(), "%5D");
}

std::string PeerCertificate(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), X509_free);
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || PEM_write_bio_X509(out.get(), certificate.get()) != 1) return {};
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<size_t>(length)};
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  // The program stays in the locale "C", whose names of days and months are those of HTTP.
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

std::string_view Text(beast::string_view text) { return {text.data(), text.size()}; }

// How reading a request ended.
struct Arrived {
  bool whole = false;
  std::optional<HttpRefusal> refusal;  // neither: the client is gone, or said nothing
};

std::optional<HttpRefusal> RefusalOf(const Parser& parser) {
  const http::verb method = parser.get().method();
  if (method != http::verb::get && method != http::verb::head) return HttpRefusal::kMethodNotAllowed;
  const auto count = [&parser](http::field name) {
    const auto [from, to] = parser.get().equal_range(name);
    return std::distance(from, to);
  };
  constexpr int kHttp11 = 11;
  // Two readers of the same bytes must not see different requests: where a body ends, and for whom it is.
  if (count(http::field::transfer_encoding) > 0 || count(http::field::content_length) > 1)
    return HttpRefusal::kMalformed;
  if (count(http::field::host) > 1 || (parser.get().version() == kHttp11 && count(http::field::host) == 0)) {
    return HttpRefusal::kMalformed;
  }
  const auto length = parser.content_length();
  if (length && *length > 0) return HttpRefusal::kBodyNotTaken;
  return std::nullopt;
}

std::optional<HttpRefusal> RefusalOf(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return HttpRefusal::kHeaderTooLarge;
  const bool syntax = error.category() == make_error_code(http::error::bad_version).category();
  if (!syntax || error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  return HttpRefusal::kMalformed;
}

}  // namespace

void HttpConnection::CutOff() {
  AwaitClient(nullptr);
  error_code ignored;
  Socket().close(ignored);
}

void HttpConnection::SetDeadline(std::chrono::milliseconds in) {
  ClearDeadline();
  timer_.expires_after(in);
  AwaitDeadline();
}

void HttpConnection::ClearDeadline() {
  late_ = false;
  ++deadline_;
  timer_.cancel();
}

void HttpConnection::AwaitDeadline() {
  timer_.async_wait([weak = weak_from_this(), which = deadline_](error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->deadline_ != which) return;
    self->late_ = true;
    error_code ignored;
    self->Socket().cancel(ignored);
    // An operation of several steps may have been between two of them.
    self->timer_.expires_after(kCancelAgain);
    self->AwaitDeadline();
  });
}

void HttpConnection::AwaitClient(std::list<HttpConnection*>* list) {
  if (list_ == list) return;
  if (list_ != nullptr) list_->erase(place_);
  list_ = list;
  if (list_ != nullptr) place_ = list_->insert(list_->end(), this);
}

namespace {

// One connection from its first byte to its last; a coroutine holds it.
template <typename Stream>
class ConnectionOver final : public HttpConnection {
 public:
  ConnectionOver(HttpTraffic* traffic, Stream stream)
      : HttpConnection(traffic), stream_(std::move(stream)), address_(AddressOf(beast::get_lowest_layer(stream_))) {
    buffer_.max_size(static_cast<size_t>(traffic->options.max_header_bytes) + kReadBytes);
  }

  [[nodiscard]] asio::awaitable<void> Serve();

 private:
  [[nodiscard]] tcp::socket& Socket() override { return beast::get_lowest_layer(stream_); }

  [[nodiscard]] asio::awaitable<bool> Handshake();
  [[nodiscard]] asio::awaitable<Arrived> Read(Parser& parser, bool first);
  [[nodiscard]] asio::awaitable<HttpAnswer> Ask(HttpRequest request);
  [[nodiscard]] asio::awaitable<bool> Write(const HttpAnswer& answer, bool head, bool keep_alive);
  [[nodiscard]] asio::awaitable<void> Linger();
  [[nodiscard]] HttpRequest Describe(const Parser& parser);

  Stream stream_;
  const std::string address_;
  std::string certificate_pem_;
  beast::flat_buffer buffer_;
};

template <typename Stream>
asio::awaitable<bool> ConnectionOver<Stream>::Handshake() {
  if constexpr (!std::is_same_v<Stream, tcp::socket>) {
    AwaitClient(&traffic_->waiting);
    SetDeadline(traffic_->options.request_deadline);
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kWithError);
    if (error || late()) co_return false;
    certificate_pem_ = PeerCertificate(stream_.native_handle());
  }
  co_return true;
}

template <typename Stream>
asio::awaitable<Arrived> ConnectionOver<Stream>::Read(Parser& parser, bool first) {
  const HttpOptions& options = traffic_->options;
  parser.header_limit(static_cast<uint32_t>(options.max_header_bytes));
  parser.body_limit(boost::none);  // whether there is one is looked at below
  AwaitClient(&traffic_->waiting);
  if (!first && buffer_.size() == 0) {
    // Between two requests a client may rest for longer than within one.
    SetDeadline(options.idle_limit);
    const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kWithError);
    if (error || late()) co_return Arrived{};
    buffer_.commit(bytes);
  }
  SetDeadline(options.request_deadline);
  const auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kWithError);
  AwaitClient(nullptr);
  const bool late_now = late();
  ClearDeadline();
  if (late_now) co_return Arrived{.refusal = HttpRefusal::kTooSlow};
  if (error) co_return Arrived{.refusal = RefusalOf(error)};
  const auto refusal = RefusalOf(parser);
  co_return Arrived{.whole = !refusal, .refusal = refusal};
}

template <typename Stream>
HttpRequest ConnectionOver<Stream>::Describe(const Parser& parser) {
  HttpRequest request;
  request.target = Text(parser.get().target());
  for (const auto& field : parser.get()) {
    request.fields.emplace_back(Lower(Text(field.name_string())), Text(field.value()));
  }
  request.address = address_;
  request.certificate_pem = certificate_pem_;
  return request;
}

template <typename Stream>
asio::awaitable<HttpAnswer> ConnectionOver<Stream>::Ask(HttpRequest request) {
  const auto start = [this](auto resume, HttpRequest asked) {
    // The server goes on as long as an answer is awaited.
    auto work = asio::make_work_guard(traffic_->io);
    auto shared = std::make_shared<decltype(resume)>(std::move(resume));
    traffic_->handler->Handle(std::move(asked), [shared, work = std::move(work)](HttpAnswer answer) {
      asio::post(work.get_executor(), [shared, answer = std::move(answer)]() mutable { (*shared)(std::move(answer)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(HttpAnswer)>(start, asio::use_awaitable,
                                                                                           std::move(request));
}

template <typename Stream>
asio::awaitable<bool> ConnectionOver<Stream>::Write(const HttpAnswer& answer, bool head, bool keep_alive) {
  constexpr unsigned kHttp11 = 11;
  http::response<http::span_body<const char>> response(static_cast<http::status>(answer.status), kHttp11);
  response.set(http::field::date, HttpDate());
  response.set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.fields) response.set(name, value);
  response.keep_alive(keep_alive);
  // What has not changed has no length of its own.
  const bool not_modified = response.result() == http::status::not_modified;
  if (not_modified) response.erase(http::field::content_type);
  if (!not_modified) response.content_length(answer.body.size());
  if (!head && !not_modified) response.body() = {answer.body.data(), answer.body.size()};
  http::response_serializer<http::span_body<const char>> serializer(response);
  SetDeadline(traffic_->options.answer_deadline);
  AwaitClient(&traffic_->answering);
  error_code error;
  if (head || not_modified) {
    error = std::get<0>(co_await http::async_write_header(stream_, serializer, kWithError));
  } else {
    error = std::get<0>(co_await http::async_write(stream_, serializer, kWithError));
  }
  const bool sent = !error && !late();
  AwaitClient(nullptr);
  ClearDeadline();
  co_return sent;
}

template <typename Stream>
asio::awaitable<void> ConnectionOver<Stream>::Linger() {
  error_code ignored;
  if constexpr (std::is_same_v<Stream, tcp::socket>) Socket().shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.consume(buffer_.size());
  AwaitClient(&traffic_->waiting);
  SetDeadline(kLinger);
  for (size_t read = 0; read < kMostLingeringBytes;) {
    const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kWithError);
    if (error || late()) break;
    read += bytes;
  }
}

template <typename Stream>
asio::awaitable<void> ConnectionOver<Stream>::Serve() {
  bool going_on = co_await Handshake();
  for (bool first = true; going_on; first = false) {
    Parser parser;
    const Arrived arrived = co_await Read(parser, first);
    if (!arrived.whole && !arrived.refusal) break;
    HttpAnswer answer;
    if (arrived.refusal) {
      answer = traffic_->handler->Refuse(*arrived.refusal);
    } else {
      answer = co_await Ask(Describe(parser));
    }
    if (traffic_->answer_bytes + static_cast<int64_t>(answer.body.size()) > traffic_->options.max_answer_bytes) {
      answer = traffic_->handler->Refuse(HttpRefusal::kTooMuchUnderWay);
    }
    const auto size = static_cast<int64_t>(answer.body.size());
    traffic_->answer_bytes += size;
    going_on = arrived.whole && parser.keep_alive() && !traffic_->closing;
    const bool sent = co_await Write(answer, parser.get().method() == http::verb::head, going_on);
    traffic_->answer_bytes -= size;
    going_on = going_on && sent;
    if (sent && arrived.refusal) co_await Linger();
  }
  if constexpr (!std::is_same_v<Stream, tcp::socket>) {
    AwaitClient(&traffic_->waiting);
    SetDeadline(kLinger);
    co_await stream_.async_shutdown(kWithError);
  }
  ClearDeadline();
}

template <typename Stream>
void Begin(HttpTraffic* traffic, Stream stream) {
  asio::co_spawn(  // the coroutine holds the connection
      traffic->io,
      [](auto held) -> asio::awaitable<void> {
        co_await held->Serve();
      }(std::make_shared<ConnectionOver<Stream>>(traffic, std::move(stream))),
      asio::detached);
}

}  // namespace

void ServeConnection(HttpTraffic* traffic, tcp::socket socket, SSL_CTX* tls) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (tls == nullptr) return Begin(traffic, std::move(socket));
  SSL_CTX_up_ref(tls);  // which the context below gives back
  asio::ssl::context context(tls);
  Begin(traffic, beast::ssl_stream<tcp::socket>(std::move(socket), context));
}

}  // namespace flosync
