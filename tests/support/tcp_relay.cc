#include "tests/support/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kNeverCut = SIZE_MAX;
constexpr int kTickMs = 5;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* AsSockaddr(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

// Moves what is there, up to `at_most` bytes; -1 when the sender has gone or the receiver takes nothing.
ssize_t Move(int from, int to, size_t at_most) {
  std::array<char, 16'384> buffer{};
  const ssize_t size = recv(from, buffer.data(), std::min(at_most, buffer.size()), 0);
  if (size <= 0) return -1;
  for (ssize_t sent = 0; sent < size;) {
    const ssize_t now = send(to, buffer.data() + sent, static_cast<size_t>(size - sent), MSG_NOSIGNAL);
    if (now <= 0) return -1;
    sent += now;
  }
  return size;
}

}  // namespace

TcpRelay::TcpRelay(int target_port) : target_port_(target_port), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  const bool listening = bind(listener_, AsSockaddr(address), size) == 0 && listen(listener_, SOMAXCONN) == 0 &&
                         getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!listening) std::abort();
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

TcpRelay::~TcpRelay() {
  ending_ = true;
  thread_.join();
  close(listener_);
}

std::string TcpRelay::address() const { return Join("127.0.0.1:", port_); }

void TcpRelay::CutEachAfter(std::function<size_t()> bytes) {
  const std::lock_guard lock(mutex_);
  budget_ = std::move(bytes);
}

void TcpRelay::Cut() { cut_now_ = true; }

void TcpRelay::Run() {
  while (!ending_) {
    std::vector<pollfd> sockets = {{listener_, POLLIN, 0}};
    for (const Link& link : links_) {
      sockets.push_back({link.client, POLLIN, 0});
      sockets.push_back({link.server, POLLIN, 0});
    }
    poll(sockets.data(), sockets.size(), kTickMs);
    const bool cut = cut_now_.exchange(false);
    for (size_t i = 0; i < links_.size(); ++i) {
      if (cut) ++cuts_;
      if (cut || !Carry(links_[i], sockets[2 * i + 1].revents, sockets[2 * i + 2].revents)) Close(links_[i]);
    }
    std::erase_if(links_, [](const Link& link) { return link.client < 0; });
    if (sockets[0].revents != 0) Accept();
  }
  for (Link& link : links_) Close(link);
}

void TcpRelay::Accept() {
  Link link{.client = accept(listener_, nullptr, nullptr), .server = socket(AF_INET, SOCK_STREAM, 0), .bytes_left = 0};
  const sockaddr_in target = Loopback(target_port_);
  if (connect(link.server, AsSockaddr(target), sizeof(target)) != 0) return Close(link);
  const std::lock_guard lock(mutex_);
  link.bytes_left = budget_ ? budget_() : kNeverCut;
  links_.push_back(link);
}

bool TcpRelay::Carry(Link& link, short client_events, short server_events) {
  if (client_events != 0 && Move(link.client, link.server, kNeverCut) < 0) return false;
  if (server_events == 0) return true;
  const ssize_t moved = Move(link.server, link.client, link.bytes_left);
  if (moved < 0) return false;
  if (link.bytes_left == kNeverCut) return true;
  link.bytes_left -= static_cast<size_t>(moved);
  if (link.bytes_left > 0) return true;
  ++cuts_;
  return false;
}

void TcpRelay::Close(Link& link) {
  close(link.client);
  close(link.server);
  link.client = -1;
}

}  // namespace flosync
