// Connections of the HTTP server: each is a coroutine on its one thread, which everything here runs on.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/ssl.h>

#include "daemon/http/http_server.h"

namespace flosync {

class HttpConnection;

// What the connections of a server have in common.
struct HttpTraffic {
  HttpOptions options;
  HttpHandler* handler = nullptr;
  boost::asio::io_context io;
  // Those whose client has not asked yet, or has been refused and not gone yet; those whose client has not taken its
  // answer yet; both with the longest waiting first. And all.
  std::list<HttpConnection*> waiting;
  std::list<HttpConnection*> answering;
  std::list<HttpConnection*> all;
  int64_t answer_bytes = 0;  // made and not yet sent
  bool closing = false;      // each ends with the answer it is at
};

// A socket that can be cut off, and a deadline that does so.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  explicit HttpConnection(HttpTraffic* traffic) : traffic_(traffic), timer_(traffic->io) {
    traffic_->all.push_back(this);
  }
  virtual ~HttpConnection() {
    AwaitClient(nullptr);
    traffic_->all.remove(this);
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Whatever is under way on the socket fails, now and later.
  void CutOff();

 protected:
  [[nodiscard]] virtual boost::asio::ip::tcp::socket& Socket() = 0;

  // What is under way on the socket from now on fails after so long, until a deadline is set again or cleared.
  void SetDeadline(std::chrono::milliseconds in);
  void ClearDeadline();
  // The deadline set last has passed.
  [[nodiscard]] bool late() const { return late_; }
  // In one of the lists of those whose client is waited for, or in none of them.
  void AwaitClient(std::list<HttpConnection*>* list);

  HttpTraffic* const traffic_;

 private:
  void AwaitDeadline();

  boost::asio::steady_timer timer_;
  int64_t deadline_ = 0;  // which one; a timer may have fired for one before
  bool late_ = false;
  std::list<HttpConnection*>* list_ = nullptr;
  std::list<HttpConnection*>::iterator place_;  // in the list, if there is one
};

// Serves what has been accepted to its end; over TLS where there is a context.
void ServeConnection(HttpTraffic* traffic, boost::asio::ip::tcp::socket socket, SSL_CTX* tls);

}  // namespace flosync
