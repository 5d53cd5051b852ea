// What is asked and answered over HTTP, and who answers. Values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flosync {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

// A GET or HEAD that has arrived whole.
struct HttpRequest {
  std::string target;           // as sent: "/api/v1/snapshots?page_size=2"
  HttpFields fields;            // names in lower case, in the order sent; one may come several times
  std::string address;          // of the peer without its port, as gRPC writes it: "ipv4:192.0.2.7"
  std::string certificate_pem;  // the peer's, as verified by TLS; empty = none

  // The values under `name`, in order.
  [[nodiscard]] std::vector<std::string> Values(std::string_view name) const;
};

struct HttpAnswer {
  int32_t status = 200;
  std::string content_type;
  HttpFields fields;  // beside those of the length, the type and the connection
  std::string body;   // left out for HEAD
};

// What the server refuses by itself; all but the last before anybody has looked at what is asked, and then the
// connection is closed.
enum class HttpRefusal : uint8_t {
  kMalformed = 0,         // 400: not HTTP/1.0 or 1.1, a Transfer-Encoding, not one Host
  kMethodNotAllowed = 1,  // 405: neither GET nor HEAD
  kTooSlow = 2,           // 408
  kBodyNotTaken = 3,      // 413
  kHeaderTooLarge = 4,    // 431: request line and header fields
  kTooMuchUnderWay = 5,   // 503: answers under way take all the memory there is for them
};

class HttpHandler {
 public:
  using Done = std::function<void(HttpAnswer)>;
  HttpHandler() = default;
  virtual ~HttpHandler() = default;
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;

  // Calls `done` once, sooner or later, on any thread. Called on the thread that drives all connections: it must not
  // wait.
  virtual void Handle(HttpRequest request, Done done) = 0;
  // The answer to what is refused; at once.
  virtual HttpAnswer Refuse(HttpRefusal why) = 0;
};

}  // namespace flosync
