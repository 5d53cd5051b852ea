#include "tests/support/broker.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/support/source_directory.h"

namespace flosync::testing {
namespace {

struct Outcome {
  int exit_code = 0;
  std::string output;
};

Outcome RunScript(const std::string& arguments, const std::string& dir) {
  const std::string command =
      absl::StrCat(SourceDirectory(), "/ops/kafka/broker.sh ", arguments, " --dir '", dir, "' 2>&1");
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {.exit_code = 1, .output = "popen failed"};
  Outcome outcome;
  std::array<char, 4096> buffer;
  for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.output.append(buffer.data(), n);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  return outcome;
}

absl::Status AsStatus(const std::string& what, const Outcome& outcome) {
  if (outcome.exit_code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the broker could not be ", what, ": ", outcome.output));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> Broker::Start() {
  std::string dir = (std::filesystem::temp_directory_path() / "flosync-broker-XXXXXX").string();
  if (mkdtemp(dir.data()) == nullptr) return absl::InternalError("no temporary directory for the broker");
  std::unique_ptr<Broker> broker(new Broker(dir));
  if (absl::Status status = broker->Launch(); !status.ok()) return status;
  return broker;
}

Broker::~Broker() {
  Kill9().IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

absl::Status Broker::Launch() {
  absl::Status status = AsStatus("started", RunScript(absl::StrCat("start --owner ", getpid()), dir_));
  if (!status.ok()) return status;
  std::string port;
  std::ifstream(dir_ + "/port") >> port;
  brokers_ = absl::StrCat("127.0.0.1:", port);
  return absl::OkStatus();
}

absl::Status Broker::Stop() { return AsStatus("stopped", RunScript("stop", dir_)); }
absl::Status Broker::Kill9() { return AsStatus("killed", RunScript("kill9", dir_)); }
absl::Status Broker::Restart() { return Launch(); }

}  // namespace flosync::testing
