// Backups of a running daemon's state, and putting one back.
//
// A backup is a copy of the store (state/store/store_backups.h) and of the dead letters; state/FORMAT.md says how they
// lie in the directory. It counts once its last file is written, so what a crash leaves behind is no backup and goes
// with the next one. Backups of one directory share files: copy the whole directory, never a part of it.
//
// Concurrency: Create by one thread at a time, which may be any; Stop from any. RestoreBackup has both directories to
// itself.
//
//   Backups backups(&store, {.directory = "/srv/backup/flosync", .kept = 7});
//   auto made = backups.Create(SystemNow());
//   auto restored = RestoreBackup("/srv/backup/flosync", 0, "/var/lib/flosync", NewEpoch());
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "daemon/publication.h"
#include "state/core/partitions.h"
#include "state/store/store_backups.h"

namespace flosync {

struct BackupOptions {
  std::string directory;
  int32_t kept = 7;  // older ones are removed when a new one is complete
};

class Backups {
 public:
  // Does not own the store. Touches nothing yet.
  Backups(const Store* store, BackupOptions options) : store_(store), options_(std::move(options)) {}

  // Makes a backup; takes as long as copying what the one before does not have. UNAVAILABLE if the directory cannot be
  // written to, CANCELLED after Stop.
  [[nodiscard]] absl::StatusOr<BackupOutcome> Create(Instant now);
  // Ends a Create under way soon.
  void Stop();

 private:
  [[nodiscard]] absl::StatusOr<std::shared_ptr<StoreBackups>> OpenCopies();
  [[nodiscard]] absl::Status RemoveOld(StoreBackups& copies) const;

  const Store* const store_;
  const BackupOptions options_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::shared_ptr<StoreBackups> copies_;
};

// The complete backups of a directory, by number ascending; none if there is no such directory.
[[nodiscard]] absl::StatusOr<std::vector<BackupOutcome>> ListBackups(const std::string& directory);

struct RestoredState {
  BackupOutcome backup;
  std::string epoch;  // the state's own from now on
  Partitions partitions;
};

// Puts backup `id` of the directory, 0 = the latest, into a state directory that is empty or not there, and gives it
// the epoch: what came after the backup may come again otherwise, so resume tokens from then must not hold. All check
// sums are compared before anything is written. NOT_FOUND if there is no such backup, FAILED_PRECONDITION if the state
// directory holds anything, DATA_LOSS if the backup is damaged.
[[nodiscard]] absl::StatusOr<RestoredState> RestoreBackup(const std::string& directory, int64_t id,
                                                          const std::string& state_directory, const std::string& epoch);

}  // namespace flosync
