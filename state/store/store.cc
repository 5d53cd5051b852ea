#include "state/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {"default",   "history", "heads",    "index",
                                                                "cells",     "timers",  "feed",     "deviations",
                                                                "snapshots", "alerts",  "reference"};
constexpr size_t kBlockCacheBytes = 64U << 20U;
constexpr size_t kWriteBufferBytes = 32U << 20U;
// A commit's keys ascend: into a small buffer of their own they go one behind the other. Several make one file.
constexpr size_t kSmallWriteBufferBytes = 2U << 20U;
constexpr int kSmallWriteBuffersAFile = 12;
constexpr int kMostSmallWriteBuffers = 20;
constexpr size_t kAllWriteBuffersBytes = 128U << 20U;
constexpr uint64_t kMostLogBytes = 128U << 20U;
constexpr uint64_t kMostLeftInLogBytes = 8U << 20U;  // when closed in good order
constexpr int kBloomBitsPerKey = 10;
constexpr size_t kLongestKey = 64;  // of history, the family that is rewritten

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status Failed(const std::string& doing, const rocksdb::Status& status) {
  if (status.IsNoSpace()) {
    return absl::InternalError(
        Join("store: ", doing, ": no space left on the disk; make room, then start again: the ", "last commit stands"));
  }
  return absl::DataLossError(Join("store: ", doing, ": ", status.ToString(),
                                  "; check the disk (space, errors), then start again: the last commit stands"));
}

// What opening the database would read again.
uint64_t LogBytes(rocksdb::DB& db) {
  rocksdb::VectorLogPtr logs;
  if (!db.GetSortedWalFiles(logs).ok()) return 0;
  uint64_t bytes = 0;
  for (const auto& log : logs) bytes += log->SizeFileBytes();
  return bytes;
}

// The log is read when the store is opened again: most of a start after a load. False if a write failed.
bool EmptyLog(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  // A family whose last buffer was full, and had no other behind it, still asks for the log of that time. It moves on
  // when a log is begun while it has nothing to write, which takes an entry in another: that there is no key "".
  return db.Flush({}, families).ok() && db.Delete({}, families.front(), "").ok() && db.Flush({}, families.front()).ok();
}

// Every record is in these; the others are small beside them, and read more often.
bool TakesEveryRecord(std::string_view family) {
  return family == FamilyName(Family::kHistory) || family == FamilyName(Family::kHeads);
}

rocksdb::ColumnFamilyOptions FamilyOptions(std::string_view family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kWriteBufferBytes;
  if (TakesEveryRecord(family)) {
    options.write_buffer_size = kSmallWriteBufferBytes;
    options.min_write_buffer_number_to_merge = kSmallWriteBuffersAFile;
    options.max_write_buffer_number = kMostSmallWriteBuffers;
  }
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// RocksDB's own log of its work is not kept: where the disk is full it is written to after a write has failed, at which
// Debian's build aborts. What went wrong is in the statuses.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

std::string_view FamilyName(Family family) { return kFamilyNames.at(static_cast<size_t>(family)); }

void Batch::Put(Family family, std::string_view key, std::string_view value) {
  writes_.Put(store_.Handle(family), ToSlice(key), ToSlice(value));
}

void Batch::Delete(Family family, std::string_view key) { writes_.Delete(store_.Handle(family), ToSlice(key)); }

void Batch::DeleteRange(Family family, std::string_view begin, std::string_view end) {
  writes_.DeleteRange(store_.Handle(family), ToSlice(begin), ToSlice(end));
}

View::View(const Store& store) : store_(store), snapshot_(store.db_->GetSnapshot()) {}
View::~View() { store_.db_->ReleaseSnapshot(snapshot_); }

absl::StatusOr<std::optional<std::string>> View::Get(Family family, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  std::string value;
  const rocksdb::Status status = store_.db_->Get(options, store_.Handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Failed("reading", status);
  return value;
}

absl::Status View::Each(Family family, std::string_view prefix,
                        const std::function<bool(std::string_view, std::string_view)>& visit,
                        std::string_view start) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  const std::unique_ptr<rocksdb::Iterator> it(store_.db_->NewIterator(options, store_.Handle(family)));
  for (it->Seek(ToSlice(start.empty() ? prefix : start)); it->Valid() && it->key().starts_with(ToSlice(prefix));
       it->Next()) {
    if (!visit(ToView(it->key()), ToView(it->value()))) return absl::OkStatus();
  }
  if (!it->status().ok()) return Failed("reading", it->status());
  return absl::OkStatus();
}

absl::Status Store::TakeLock() {
  const std::string path = directory_ + "/flosync.pid";
  lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_fd_ < 0) {
    return absl::FailedPreconditionError(Join("state directory ", directory_, ": cannot write there (",
                                              std::generic_category().message(errno),
                                              "); give a directory that can be written"));
  }
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t got = ::pread(lock_fd_, holder.data(), holder.size() - 1, 0);
    std::string pid(holder.data(), got > 0 ? static_cast<size_t>(got) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return absl::FailedPreconditionError(Join("state directory ", directory_, " is in use by process ", pid,
                                              "; stop that one first, or give another --state"));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_fd_, 0) != 0 ||
      ::pwrite(lock_fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return absl::FailedPreconditionError(
        Join("state directory ", directory_, ": cannot write (", std::generic_category().message(errno), ")"));
  }
  return absl::OkStatus();
}

absl::Status Store::OpenDatabase() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.db_write_buffer_size = kAllWriteBuffersBytes;
  options.max_total_wal_size = kMostLogBytes;
  options.info_log = std::make_shared<NoLog>();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(kFamilyCount);
  for (const char* name : kFamilyNames) families.emplace_back(name, FamilyOptions(name, cache));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory_ + "/db", families, &handles, &db);
  if (!status.ok()) return Failed("opening " + directory_, status);
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory) {
  std::error_code error;
  // It names doctors: where it is made here, it is for its owner alone.
  if (std::filesystem::create_directories(directory, error)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return absl::FailedPreconditionError(Join("state directory ", directory, ": cannot be made (", error.message(),
                                              "); give a directory that can be written"));
  }
  auto store = std::unique_ptr<Store>(new Store());
  store->directory_ = directory;
  if (absl::Status locked = store->TakeLock(); !locked.ok()) return locked;
  if (absl::Status opened = store->OpenDatabase(); !opened.ok()) return opened;
  return store;
}

Store::~Store() {
  if (db_ && !write_failed_ && LogBytes(*db_) > kMostLeftInLogBytes) {
    write_failed_ = !EmptyLog(*db_, {handles_.begin(), handles_.end()});
  }
  // After a failed write there is nothing to be closed in good order: the database would try to write again. The
  // process is about to end, and what was committed is read when it starts again.
  if (write_failed_) {
    static_cast<void>(db_.release());
  }
  if (db_) {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    db_->Close();
  }
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

absl::Status Store::DropOverwritten(Family family, std::string_view prefix, std::atomic<bool>& stop) {
  // The log keeps what any family has not yet written to a file of its own.
  rocksdb::Status status = db_->Flush({}, {handles_.begin(), handles_.end()});
  if (!status.ok()) return Failed("flushing", status);
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = &stop;
  const std::string end = std::string(prefix) + std::string(kLongestKey, '\xff');
  const rocksdb::Slice from = ToSlice(prefix);
  const rocksdb::Slice to = end;
  status = db_->CompactRange(options, Handle(family), &from, &to);
  if (stop) return absl::CancelledError("rewriting the files was stopped");
  return status.ok() ? absl::OkStatus() : Failed("rewriting files", status);
}

uint64_t Store::EstimateEntries(Family family) const {
  uint64_t entries = 0;
  db_->GetIntProperty(Handle(family), rocksdb::DB::Properties::kEstimateNumKeys, &entries);
  return entries;
}

absl::Status Store::Commit(Batch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->Write(options, &batch.writes_);
  write_failed_ = write_failed_ || !status.ok();
  return status.ok() ? absl::OkStatus() : Failed("committing", status);
}

}  // namespace flosync
