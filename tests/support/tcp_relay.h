// A stretch of network between a client and a server on this machine, which can fail.
//
//   TcpRelay relay(server->port());
//   relay.CutEachAfter(20'000);  // every connection breaks after so many bytes from the server
//   … Connect({.address = relay.address()}) …
//
// Its own thread carries the bytes; all methods from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace flosync {

class TcpRelay {
 public:
  // Listens on a free port of loopback; `target_port` may be nobody's for a while.
  explicit TcpRelay(int target_port);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  [[nodiscard]] std::string address() const;
  // How many bytes of the server each later connection carries before it breaks; asked once for each.
  void CutEachAfter(std::function<size_t()> bytes);
  // Breaks every connection there is.
  void Cut();
  // Connections that broke by CutEachAfter or Cut.
  [[nodiscard]] int cuts() const { return cuts_; }

 private:
  struct Link {
    int client = -1;
    int server = -1;
    size_t bytes_left = 0;
  };

  void Run();
  void Accept();
  // False: one side has gone, or the link has carried what it was to carry.
  bool Carry(Link& link, short client_events, short server_events);
  void Close(Link& link);

  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::function<size_t()> budget_;
  std::atomic<bool> cut_now_ = false;
  std::atomic<bool> ending_ = false;
  std::atomic<int> cuts_ = 0;
  std::vector<Link> links_;  // of the thread
  std::thread thread_;
};

}  // namespace flosync
