#include "daemon/services/connection_acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <spdlog/spdlog.h>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::milliseconds kPauseWithoutDescriptors(100);
constexpr std::chrono::seconds kComplainInterval(10);

using Found = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Found Resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
  return {found, freeaddrinfo};
}

// The listening socket, or -1.
int ListenOn(const addrinfo& at) {
  const int listener = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  const int on = 1;
  // A port that was in use a moment ago may be listened on again; one that is in use may not.
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6) ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(listener, at.ai_addr, at.ai_addrlen) == 0 && ::listen(listener, SOMAXCONN) == 0) return listener;
  ::close(listener);
  return -1;
}

int PortOf(int listener) {
  sockaddr_storage at{};
  socklen_t length = sizeof at;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &length) != 0) return 0;
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(at).sin6_port
                                        : reinterpret_cast<const sockaddr_in&>(at).sin_port);
}

std::string AddressOf(const sockaddr_storage& peer, socklen_t length) {
  std::array<char, NI_MAXHOST> host{};
  const int result = ::getnameinfo(reinterpret_cast<const sockaddr*>(&peer), length, host.data(), host.size(), nullptr,
                                   0, NI_NUMERICHOST);
  return result == 0 ? std::string(host.data()) : std::string();
}

ino_t SocketOf(int descriptor) {
  struct stat info {};
  return ::fstat(descriptor, &info) == 0 && S_ISSOCK(info.st_mode) ? info.st_ino : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(const std::string& address,
                                                                               ConnectionLimits limits) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  auto made = std::unique_ptr<ConnectionAcceptor>(new ConnectionAcceptor(limits));
  const Found found = Resolve(host, address.substr(colon + 1));
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    // A name may stand for several addresses; with port 0 they could not have the same one.
    if (made->port_ != 0 && address.ends_with(":0")) break;
    const int listener = ListenOn(*at);
    if (listener < 0) continue;
    made->listeners_.push_back(listener);
    made->port_ = PortOf(listener);
  }
  made->wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made->port_ != 0 && made->wake_ >= 0) return made;
  return absl::UnavailableError(
      Join("cannot listen on ", address, ": is another process using the port? Give another one, or 0 for any"));
}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  if (wake_ >= 0) ::close(wake_);
}

void ConnectionAcceptor::Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> to) {
  to_ = std::move(to);
  thread_ = std::thread([this] { Run(); });
}

void ConnectionAcceptor::Stop() {
  const uint64_t one = 1;
  if (thread_.joinable() && ::write(wake_, &one, sizeof one) == sizeof one) thread_.join();
  for (const int listener : listeners_) ::close(listener);
  listeners_.clear();
}

void ConnectionAcceptor::Run() {
  std::vector<pollfd> watched{{wake_, POLLIN, 0}};
  for (const int listener : listeners_) watched.push_back({listener, POLLIN, 0});
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched.front().revents != 0) return;
    for (size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents != 0) AcceptFrom(watched[i].fd);
    }
  }
}

void ConnectionAcceptor::AcceptFrom(int listener) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const int descriptor = ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) return HandOver(descriptor, AddressOf(peer, length));
  if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;  // the client is gone again
  Complain("there are no file descriptors left for connections");
  std::this_thread::sleep_for(kPauseWithoutDescriptors);
}

bool ConnectionAcceptor::HasRoomFor(const std::string& address) {
  const auto full = [&] {
    return static_cast<int32_t>(given_.size()) >= limits_.most ||
           std::ranges::count(given_, address, &Given::address) >= limits_.most_of_one_address;
  };
  if (!full()) return true;
  std::erase_if(given_, [](const Given& one) { return SocketOf(one.descriptor) != one.socket; });
  return !full();
}

void ConnectionAcceptor::HandOver(int descriptor, std::string address) {
  if (!HasRoomFor(address)) {
    ::close(descriptor);
    return Complain("connections beyond the limit are refused");
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  given_.push_back({descriptor, SocketOf(descriptor), std::move(address)});
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.fd = descriptor;
  to_->HandleNewConnection(&connection);
}

void ConnectionAcceptor::Complain(const char* what) {
  const auto now = std::chrono::steady_clock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kComplainInterval;
  spdlog::warn("gRPC: {}; see who holds so many", what);
}

}  // namespace flosync
