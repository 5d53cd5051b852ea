// The one place that touches the disk: a RocksDB with a column family for each kind of thing kept (state/FORMAT.md).
//
// Operation: the writer builds a Batch and commits it; every commit is one WriteBatch, synced, so what belongs together
// is never seen apart. Readers take a View, a consistent state of the store as of one commit. Concurrency: Commit by
// one thread at a time; Views from any thread; a View must not outlive its Store. Limitations: one process at a time
// may have a store open; a second one is told the holder's pid.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace flosync {

enum class Family : uint8_t {
  kMeta,
  kHistory,
  kHeads,
  kIndex,
  kCells,
  kTimers,
  kFeed,
  kDeviations,
  kSnapshots,
  kAlerts,
  kReference,
};
inline constexpr int kFamilyCount = 11;
// Its name in the database: "history", …; "default" for kMeta.
[[nodiscard]] std::string_view FamilyName(Family family);

class Store;

// What one commit writes. Not thread-safe.
class Batch {
 public:
  explicit Batch(const Store& store) : store_(store) {}
  void Put(Family family, std::string_view key, std::string_view value);
  void Delete(Family family, std::string_view key);
  // Every key of the family from `begin` up to and not including `end`.
  void DeleteRange(Family family, std::string_view begin, std::string_view end);

 private:
  friend class Store;
  const Store& store_;
  rocksdb::WriteBatch writes_;
};

// The store as of one commit.
class View {
 public:
  explicit View(const Store& store);
  ~View();
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  // Nothing = no such key. DATA_LOSS if the store cannot read it.
  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(Family family, std::string_view key) const;
  // Calls `visit` with every key that has the prefix, ascending, from `start` on if given; false from it ends the walk.
  [[nodiscard]] absl::Status Each(Family family, std::string_view prefix,
                                  const std::function<bool(std::string_view key, std::string_view value)>& visit,
                                  std::string_view start = {}) const;

 private:
  const Store& store_;
  const rocksdb::Snapshot* snapshot_;
};

class Store {
 public:
  // Opens the store in `directory`, made for its owner alone if missing. FAILED_PRECONDITION if another process holds
  // it; names its pid.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& directory);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Applies the batch and waits until it is on disk. After an error nothing of the batch may be relied on: end the
  // process, for what the store holds in memory is not given back then. INTERNAL where the disk is full.
  [[nodiscard]] absl::Status Commit(Batch& batch);
  // Rewrites the files until no byte is left of what was overwritten or deleted below the prefix, but for what a View
  // that is open meanwhile still shows: that goes some time after it. Takes as long as writing everything below the
  // prefix anew. Any thread, beside commits; CANCELLED soon after `stop` is set.
  [[nodiscard]] absl::Status DropOverwritten(Family family, std::string_view prefix, std::atomic<bool>& stop);
  [[nodiscard]] const std::string& directory() const { return directory_; }
  // How many entries a family has, as the database guesses without reading them.
  [[nodiscard]] uint64_t EstimateEntries(Family family) const;

 private:
  friend class Batch;
  friend class StoreBackups;
  friend class View;
  Store() = default;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }
  [[nodiscard]] absl::Status TakeLock();
  [[nodiscard]] absl::Status OpenDatabase();

  std::string directory_;
  int lock_fd_ = -1;
  bool write_failed_ = false;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};
};

}  // namespace flosync
