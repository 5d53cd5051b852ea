// A daemon within the benchmark: store, core, pipeline, sync loop and gRPC server are the daemon's own; only its source
// is made up, and makes records by a plan that can be changed while it runs.
//
//   BenchDaemon daemon(60'000);
//   daemon.Plan({.resend = true, .changes_per_second = 10});
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/channel.h>

#include "connectors/record.h"
#include "daemon/pipeline.h"
#include "daemon/publication.h"
#include "daemon/services/server.h"
#include "daemon/sync_loop.h"
#include "daemon/writer_commands.h"
#include "tests/bench/scratch_register.h"

namespace flosync::bench {

// What comes from the source.
struct Load {
  // Persons who are no GPs come again, newer versions that change no figure: in whole batches; infinity = as fast as
  // they are taken.
  double resent_per_second = 0;
  // GPs who become specialists or are none any more.
  double changes_per_second = 0;
  // Of these in one poll, and so in one commit.
  int64_t most_changes_at_once = INT64_MAX;
  // Of these in all.
  int64_t most_changes = INT64_MAX;
};

// Open and Poll from one thread, the rest from any.
class PlannedSource final : public RecordSource {
 public:
  // `next_offset` is that of the first record. The register is that of FillRegister.
  PlannedSource(int32_t persons, int64_t next_offset);
  void Plan(const Load& load);

  [[nodiscard]] absl::Status Open(const SourceMarks& /*marks*/) override { return absl::OkStatus(); }
  [[nodiscard]] absl::StatusOr<PolledRecords> Poll(int max_records, std::chrono::milliseconds max_wait) override;
  void Committed(const SourceMarks& /*marks*/) override {}
  [[nodiscard]] SourceHealth Health() const override { return {}; }

 private:
  using Clock = std::chrono::steady_clock;

  // A person's JSON, and where in it the version stands.
  struct Template {
    int32_t number = 0;
    std::string json;
    size_t version_at = 0;
  };
  [[nodiscard]] int64_t ChangesDue(int64_t most) const;
  [[nodiscard]] int64_t ResentDue(int64_t batch) const;
  // When something will be due; never, if nothing is planned.
  [[nodiscard]] Clock::time_point NextDue(int64_t batch) const;
  [[nodiscard]] RawRecord NextChange(Instant at);
  [[nodiscard]] RawRecord NextResent(Instant at);

  const int64_t gps_;
  std::vector<Template> resent_;
  int64_t next_offset_;
  int64_t changes_ = 0;
  int64_t resends_ = 0;
  std::string version_;  // of this round of re-sent persons

  mutable std::mutex mutex_;
  std::condition_variable planned_;
  Load load_;
  Clock::time_point planned_at_;
  int64_t changes_of_plan_ = 0;
  int64_t resent_of_plan_ = 0;
};

class BenchDaemon {
 public:
  explicit BenchDaemon(int32_t persons);
  ~BenchDaemon();
  BenchDaemon(const BenchDaemon&) = delete;
  BenchDaemon& operator=(const BenchDaemon&) = delete;

  void Plan(const Load& load) { source_->Plan(load); }
  // Figures that one GP's change moves, on average.
  [[nodiscard]] double updates_per_change() const { return updates_per_change_; }

  [[nodiscard]] std::string address() const { return server_->address(); }
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() { return server_->InProcessChannel(); }
  [[nodiscard]] int32_t open_streams() const { return server_->open_streams(); }
  [[nodiscard]] std::shared_ptr<const DaemonStatus> status() const { return publication_->status(); }
  // Until nothing has been committed for a while.
  void AwaitQuiet() const;
  // Revision → when its commit was on disk and readers could see it, NowNs.
  [[nodiscard]] std::map<int64_t, int64_t> PublishedAt() const;

 private:
  void MeasureUpdates(int64_t gps);
  void Serve();
  void NotePublished();

  ScratchCore core_;
  double updates_per_change_ = 0;
  std::unique_ptr<Publication> publication_;
  WriterCommands commands_;
  PlannedSource* source_ = nullptr;  // the pipeline's
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<SyncLoop> loop_;
  std::unique_ptr<GrpcServer> server_;
  mutable std::mutex mutex_;
  int64_t noted_ = 0;
  std::map<int64_t, int64_t> published_at_;
  std::thread writer_;
};

}  // namespace flosync::bench
