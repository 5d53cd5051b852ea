// The client program flosync_load as a child of this one. A client that fails ends the benchmark.
//
//   LoadProcess clients({"watch", daemon.address(), "1000", "100"});
//   clients.Await("connected");
//   clients.Tell("go");
//   clients.Await("open");
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flosync::bench {

// Not thread-safe.
class LoadProcess {
 public:
  using Figures = std::map<std::string, double>;

  explicit LoadProcess(const std::vector<std::string>& arguments);
  // Ends its input and waits for it.
  ~LoadProcess();
  LoadProcess(const LoadProcess&) = delete;
  LoadProcess& operator=(const LoadProcess&) = delete;

  void Tell(const std::string& line);
  // Waits for the next line, which has to begin with `word`.
  Figures Await(std::string_view word);
  // Both.
  Figures Ask(const std::string& line, std::string_view word) {
    Tell(line);
    return Await(word);
  }

 private:
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace flosync::bench
