// Takes gRPC's connections off its port, and no more than there is room for.
//
// gRPC 1.51 bounds neither connections nor descriptors, and gives its port up for good when one cannot be accepted
// because descriptors have run out. So connections are accepted here and handed over. One beyond the bounds is closed
// at once; what gRPC has closed makes room. An address may hold a part only, so that no single one locks out the rest.
//
//   auto acceptor = ConnectionAcceptor::Listen("127.0.0.1:0", {.most = 1000, .most_of_one_address = 500});
//   (*acceptor)->Start(builder.experimental().AddExternalConnectionAcceptor(…));
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/statusor.h>
#include <grpcpp/server_builder.h>

namespace flosync {

struct ConnectionLimits {
  int32_t most = 4096;
  int32_t most_of_one_address = 2048;
};

class ConnectionAcceptor {
 public:
  // `address` is HOST:PORT; port 0 picks a free one. UNAVAILABLE if it cannot be listened on.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(const std::string& address,
                                                                                  ConnectionLimits limits);
  // Stops.
  ~ConnectionAcceptor();
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // From now on connections go to `to`, on a thread of its own; once.
  void Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> to);
  // Accepts no more; those that stand are gRPC's. A second call does nothing.
  void Stop();

 private:
  // A connection handed over: it stands as long as its descriptor is that socket.
  struct Given {
    int descriptor = -1;
    ino_t socket = 0;
    std::string address;
  };

  explicit ConnectionAcceptor(ConnectionLimits limits) : limits_(limits) {}
  void Run();
  void AcceptFrom(int listener);
  void HandOver(int descriptor, std::string address);
  [[nodiscard]] bool HasRoomFor(const std::string& address);
  // At most one line in a while, however many connections are refused.
  void Complain(const char* what);

  const ConnectionLimits limits_;
  std::vector<int> listeners_;
  int port_ = 0;
  int wake_ = -1;  // an event descriptor that ends the thread
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> to_;
  std::vector<Given> given_;
  std::chrono::steady_clock::time_point quiet_until_;
  std::thread thread_;
};

}  // namespace flosync
