// A running daemon: store, core, pipeline, sync loop, gRPC and HTTP servers put together.
//
//   auto daemon = Daemon::Start(config);
//   (*daemon)->address();      // where it listens
//   auto status = (*daemon)->Wait();  // until Stop, or until something only an operator can mend
//
// Start returns once requests are answered: the state of the last commit is served while newer records are still being
// read. Concurrency: Wait and Stop from any thread; destruction stops.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/auditor.h"
#include "daemon/backups.h"
#include "daemon/config.h"
#include "daemon/dead_letter_forwarder.h"
#include "daemon/http/http_server.h"
#include "daemon/publication.h"
#include "daemon/redrive.h"
#include "daemon/rest/site.h"
#include "daemon/services/server.h"
#include "daemon/sync_loop.h"
#include "daemon/writer_commands.h"

namespace flosync {

// What a process may open where nobody has raised it.
inline constexpr int64_t kUsualOpenFiles = 1024;

class Daemon {
 public:
  // Errors say what is wrong and what to do.
  // `max_open_files` is what the process may have; it bounds gRPC's connections.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Daemon>> Start(const Config& config,
                                                                     int64_t max_open_files = kUsualOpenFiles);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // HOST:PORT of the gRPC server.
  [[nodiscard]] std::string address() const { return server_->address(); }
  // HOST:PORT of the HTTP server; "off" without one.
  [[nodiscard]] std::string http_address() const { return http_ ? http_->address() : "off"; }
  [[nodiscard]] std::shared_ptr<const DaemonStatus> status() const { return publication_->status(); }
  // Waits until the daemon has ended, and says why.
  [[nodiscard]] absl::Status Wait();
  // Waits at most `for_ms`; nothing while the daemon still runs.
  [[nodiscard]] std::optional<absl::Status> WaitFor(int64_t for_ms);
  void Stop();

 private:
  Daemon() = default;
  [[nodiscard]] absl::Status Assemble(const Config& config, int64_t max_open_files);
  [[nodiscard]] absl::Status ForwardDeadLetters(const Config& config);
  void LookForBackups(const BackupConfig& config);
  [[nodiscard]] absl::Status ServeHttp(const Config& config);

  std::unique_ptr<Store> store_;
  std::unique_ptr<const Geography> geography_;
  std::unique_ptr<const Definitions> definitions_;  // where there are more than the shipped ones
  std::unique_ptr<Core> core_;
  std::unique_ptr<Publication> publication_;
  WriterCommands commands_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<SyncLoop> loop_;
  std::unique_ptr<TopicWriter> dead_letter_topic_;
  std::unique_ptr<DeadLetterForwarder> dead_letters_;
  std::unique_ptr<Backups> backups_;  // where a directory for them is set
  std::unique_ptr<Redrive> redrive_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<Auditor> auditor_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::optional<absl::Status> ended_;
};

}  // namespace flosync
