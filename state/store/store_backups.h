// Copies of a store in a directory of their own, by RocksDB's backup engine: numbered from 1, sharing the files that
// they have in common, each file with its check sum.
//
// Operation: Create copies while the store is written; the copy is of one commit, not before that of the call.
// Concurrency: one call at a time; Stop from any thread. One process at a time may use a directory. Limitations: knows
// the database only; dead letters and what makes a backup complete are the daemon's (daemon/backups.h).
//
//   auto copies = StoreBackups::Open("/srv/backup/flosync/store");
//   auto id = (*copies)->Create(store);
//   absl::Status restored = (*copies)->Restore(*id, "/var/lib/flosync/db");
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <rocksdb/utilities/backup_engine.h>

#include "state/store/store.h"

namespace flosync {

class StoreBackups {
 public:
  // Makes the directory if it is missing. UNAVAILABLE if it cannot be used.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<StoreBackups>> Open(const std::string& directory);

  // The number of the new copy; CANCELLED after Stop.
  [[nodiscard]] absl::StatusOr<int64_t> Create(const Store& store);
  // Ends a Create under way soon, and lets no other begin.
  void Stop() { engine_->StopBackup(); }
  // Of copies that are whole as far as their lists of files tell, ascending.
  [[nodiscard]] std::vector<int64_t> List() const;
  [[nodiscard]] absl::StatusOr<int64_t> SizeBytes(int64_t id) const;
  // A value that the copy has about the store (Family::kMeta); empty if it has none.
  [[nodiscard]] absl::StatusOr<std::string> ReadMeta(int64_t id, std::string_view key) const;
  [[nodiscard]] absl::Status Delete(int64_t id);
  // Reads every file and compares its check sum. DATA_LOSS names the first that differs or is missing.
  [[nodiscard]] absl::Status Verify(int64_t id) const;
  // Writes the database into a directory, which is made and must hold nothing else.
  [[nodiscard]] absl::Status Restore(int64_t id, const std::string& database_directory) const;

 private:
  explicit StoreBackups(rocksdb::BackupEngine* engine) : engine_(engine) {}

  std::unique_ptr<rocksdb::BackupEngine> engine_;
};

}  // namespace flosync
