#include "state/store/store_backups.h"

#include <filesystem>
#include <system_error>

#include "domain/text.h"

namespace flosync {
namespace {

absl::Status Failed(const std::string& doing, const rocksdb::Status& status) {
  const std::string text = Join("backup: ", doing, ": ", status.ToString());
  if (status.IsIncomplete()) return absl::CancelledError(Join(text, "; the daemon is stopping"));
  if (status.IsNotFound() || status.IsCorruption()) {
    return absl::DataLossError(Join(text, "; use another backup, or make a new one in an empty directory"));
  }
  return absl::UnavailableError(Join(text, "; check the directory for backups (space, rights), then try again"));
}

rocksdb::BackupID ToId(int64_t id) { return static_cast<rocksdb::BackupID>(id); }

}  // namespace

absl::StatusOr<std::unique_ptr<StoreBackups>> StoreBackups::Open(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(
        Join("backup: ", directory, ": cannot be made (", error.message(), "); give a directory that can be written"));
  }
  rocksdb::BackupEngine* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(directory), rocksdb::Env::Default(), &engine);
  if (!opened.ok()) return Failed(directory, opened);
  return std::unique_ptr<StoreBackups>(new StoreBackups(engine));
}

absl::StatusOr<int64_t> StoreBackups::Create(const Store& store) {
  rocksdb::CreateBackupOptions options;
  // Files that are full are shared with other copies; the log never is.
  options.flush_before_backup = true;
  rocksdb::BackupID id = 0;
  const rocksdb::Status status = engine_->CreateNewBackup(options, store.db_.get(), &id);
  if (!status.ok()) return Failed("copying the store", status);
  return id;
}

std::vector<int64_t> StoreBackups::List() const {
  std::vector<rocksdb::BackupInfo> infos;
  engine_->GetBackupInfo(&infos);
  std::vector<int64_t> ids;
  for (const rocksdb::BackupInfo& info : infos) ids.push_back(info.backup_id);
  return ids;
}

absl::StatusOr<int64_t> StoreBackups::SizeBytes(int64_t id) const {
  rocksdb::BackupInfo info;
  const rocksdb::Status status = engine_->GetBackupInfo(ToId(id), &info);
  if (!status.ok()) return Failed(Join("number ", id), status);
  return static_cast<int64_t>(info.size);
}

absl::StatusOr<std::string> StoreBackups::ReadMeta(int64_t id, std::string_view key) const {
  rocksdb::BackupInfo info;
  rocksdb::Status status = engine_->GetBackupInfo(ToId(id), &info, /*include_file_details=*/true);
  if (!status.ok()) return Failed(Join("number ", id), status);
  rocksdb::DBOptions options;
  options.env = info.env_for_open.get();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, info.name_for_open, {{rocksdb::kDefaultColumnFamilyName, {}}},
                                        &handles, &opened);
  if (!status.ok()) return Failed(Join("number ", id, " cannot be opened"), status);
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string value;
  status = db->Get({}, {key.data(), key.size()}, &value);
  db->DestroyColumnFamilyHandle(handles.front());
  if (!status.ok() && !status.IsNotFound()) return Failed(Join("reading number ", id), status);
  return value;
}

absl::Status StoreBackups::Delete(int64_t id) {
  const rocksdb::Status status = engine_->DeleteBackup(ToId(id));
  return status.ok() ? absl::OkStatus() : Failed(Join("removing number ", id), status);
}

absl::Status StoreBackups::Verify(int64_t id) const {
  const rocksdb::Status status = engine_->VerifyBackup(ToId(id), /*verify_with_checksum=*/true);
  return status.ok() ? absl::OkStatus() : Failed(Join("number ", id, " is not as it was made"), status);
}

absl::Status StoreBackups::Restore(int64_t id, const std::string& database_directory) const {
  std::error_code error;
  std::filesystem::create_directories(database_directory, error);
  if (error) return absl::UnavailableError(Join(database_directory, ": cannot be made (", error.message(), ")"));
  const rocksdb::Status status = engine_->RestoreDBFromBackup(ToId(id), database_directory, database_directory);
  return status.ok() ? absl::OkStatus() : Failed(Join("restoring number ", id), status);
}

}  // namespace flosync
