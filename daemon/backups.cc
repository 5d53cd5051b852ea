#include "daemon/backups.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "daemon/dead_letters.h"
#include "daemon/output_file.h"
#include "domain/text.h"
#include "state/core/core.h"
#include "state/store/codec.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDescription = "backup";  // the file that makes a backup complete
constexpr std::string_view kDeadLetters = "deadletter.ndjson";
constexpr std::string_view kDeadLettersSent = "deadletter.sent";
constexpr std::string_view kRestoring = "restoring";  // in a state directory, until all is in place

std::string StorePath(const std::string& directory) { return directory + "/store"; }
fs::path PlaceOf(const std::string& directory, int64_t id) { return fs::path(directory) / std::to_string(id); }

absl::Status Unwritable(const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(Join(path.string(), ": cannot be written (", error.message(),
                                     "); check the disk (space, rights), then try again"));
}

// SHA-256 of a file, hex; empty if it is not there.
absl::StatusOr<std::string> HashOf(const fs::path& path) {
  constexpr size_t kPieceBytes = 1U << 20U;
  std::error_code error;
  if (!fs::exists(path, error)) return std::string();
  std::ifstream file(path, std::ios::binary);
  Sha256 sha;
  std::string piece(kPieceBytes, '\0');
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    sha.Add(std::string_view(piece).substr(0, static_cast<size_t>(file.gcount())));
  } while (file);
  if (!file.eof()) return absl::DataLossError(Join(path.string(), ": cannot be read; check the disk"));
  return sha.Hex();
}

// Nothing happens if there is no such file.
absl::Status CopyIfThere(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from, error)) return absl::OkStatus();
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return Unwritable(to, error);
  return SyncPath(to.string());
}

absl::Status WriteDescription(const fs::path& place, const BackupOutcome& backup, const std::string& letters_hash) {
  store::v1::StoredBackup stored;
  stored.set_id(backup.id);
  stored.set_created_ms(backup.created_at.ms);
  stored.set_revision(backup.revision);
  stored.set_epoch(backup.epoch);
  stored.set_size_bytes(backup.size_bytes);
  stored.set_dead_letters_sha256(letters_hash);
  const std::string path = (place / kDescription).string();
  if (absl::Status written = WriteOutputFile(path, stored.SerializeAsString()); !written.ok()) return written;
  for (const std::string& synced : {path, place.string(), place.parent_path().string()}) {
    if (absl::Status done = SyncPath(synced); !done.ok()) return done;
  }
  return absl::OkStatus();
}

// Nothing if the backup is not complete.
absl::StatusOr<std::optional<store::v1::StoredBackup>> ReadDescription(const fs::path& place) {
  std::ifstream file(place / kDescription, std::ios::binary);
  if (!file) return std::optional<store::v1::StoredBackup>();
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) return std::optional<store::v1::StoredBackup>();
  auto stored = ParseStored<store::v1::StoredBackup>(bytes);
  if (!stored.ok()) return stored.status();
  return std::optional(*std::move(stored));
}

BackupOutcome Outcome(const store::v1::StoredBackup& in) {
  return {in.id(), {in.created_ms()}, in.revision(), in.epoch(), in.size_bytes()};
}

absl::StatusOr<int64_t> RevisionOf(const StoreBackups& copies, int64_t id) {
  const auto bytes = copies.ReadMeta(id, kRevisionKey);
  if (!bytes.ok()) return bytes.status();
  return bytes->empty() ? 0 : KeyReader(*bytes).Number64();
}

absl::Status CheckEmpty(const fs::path& state) {
  std::error_code error;
  if (!fs::exists(state, error)) return absl::OkStatus();
  for (fs::directory_iterator it(state, error), end; !error && it != end; it.increment(error)) {
    // An attempt that was cut off is begun again.
    if (it->path().filename() == kRestoring) continue;
    return absl::FailedPreconditionError(Join(state.string(), ": holds ", it->path().filename().string(),
                                              "; give a directory that is empty or not there, or move this one away"));
  }
  if (error) return absl::FailedPreconditionError(Join(state.string(), ": cannot be read (", error.message(), ")"));
  return absl::OkStatus();
}

// The restored store under its new name; tells where its sources stand.
absl::Status Rename(const std::string& directory, RestoredState& restored) {
  auto store = Store::Open(directory);
  if (!store.ok()) return store.status();
  const View view(**store);
  if (absl::Status format = CheckStoreFormat(view, directory); !format.ok()) return format;
  if (absl::Status loaded = restored.partitions.Load(view); !loaded.ok()) return loaded;
  const auto revision = view.Get(Family::kMeta, kRevisionKey);
  if (!revision.ok()) return revision.status();
  const int64_t is = revision->has_value() ? KeyReader(**revision).Number64() : 0;
  if (is != restored.backup.revision) {
    return absl::DataLossError(Join("the restored state has revision ", is, " and should have ",
                                    restored.backup.revision, "; use another backup"));
  }
  Batch batch(**store);
  batch.Put(Family::kMeta, kEpochKey, restored.epoch);
  return (*store)->Commit(batch);
}

// Moves what was restored to its place, the store last: it is what makes a state.
absl::Status PutInPlace(const fs::path& place, const fs::path& state) {
  for (const std::string_view name : {kDeadLettersSent, kDeadLetters}) {
    if (absl::Status copied = CopyIfThere(place / name, state / name); !copied.ok()) return copied;
  }
  std::error_code error;
  fs::rename(state / kRestoring / "db", state / "db", error);
  if (error) return Unwritable(state / "db", error);
  fs::remove_all(state / kRestoring, error);
  return SyncPath(state.string());
}

}  // namespace

absl::StatusOr<std::shared_ptr<StoreBackups>> Backups::OpenCopies() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return absl::CancelledError("the daemon is stopping; try again when it is back");
  if (copies_) return copies_;
  // The whole register is in there: not for others to read.
  std::error_code error;
  if (fs::create_directories(options_.directory, error)) {
    fs::permissions(options_.directory, fs::perms::owner_all, error);
  }
  if (error) return Unwritable(options_.directory, error);
  auto opened = StoreBackups::Open(StorePath(options_.directory));
  if (!opened.ok()) return opened.status();
  copies_ = *std::move(opened);
  return copies_;
}

void Backups::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (copies_) copies_->Stop();
}

absl::StatusOr<BackupOutcome> Backups::Create(Instant now) {
  const auto copies = OpenCopies();
  if (!copies.ok()) return copies.status();
  const auto id = (*copies)->Create(*store_);
  if (!id.ok()) return id.status();
  BackupOutcome backup;
  backup.id = *id;
  backup.created_at = now;
  const auto revision = RevisionOf(**copies, *id);
  if (!revision.ok()) return revision.status();
  backup.revision = *revision;
  auto epoch = (*copies)->ReadMeta(*id, kEpochKey);
  if (!epoch.ok()) return epoch.status();
  backup.epoch = *std::move(epoch);
  const auto size = (*copies)->SizeBytes(*id);
  if (!size.ok()) return size.status();
  const fs::path place = PlaceOf(options_.directory, *id);
  std::error_code error;
  fs::create_directories(place, error);
  if (error) return Unwritable(place, error);
  // Letters are written before the commit they belong to, so a later copy of them lacks none. How far they were sent is
  // copied first: it must not lie beyond their end.
  const fs::path state(store_->directory());
  for (const std::string_view name : {kDeadLettersSent, kDeadLetters}) {
    if (absl::Status copied = CopyIfThere(state / name, place / name); !copied.ok()) return copied;
  }
  const auto hash = HashOf(place / kDeadLetters);
  if (!hash.ok()) return hash.status();
  backup.size_bytes = *size + (hash->empty() ? 0 : static_cast<int64_t>(fs::file_size(place / kDeadLetters, error)));
  if (absl::Status written = WriteDescription(place, backup, *hash); !written.ok()) return written;
  if (absl::Status removed = RemoveOld(**copies); !removed.ok()) return removed;
  return backup;
}

absl::Status Backups::RemoveOld(StoreBackups& copies) const {
  const auto complete = ListBackups(options_.directory);
  if (!complete.ok()) return complete.status();
  std::set<int64_t> keep;
  for (auto it = complete->rbegin(); it != complete->rend() && std::ssize(keep) < options_.kept; ++it)
    keep.insert(it->id);
  for (const int64_t id : copies.List()) {
    if (keep.contains(id)) continue;
    // First of all it must not look like one any more.
    std::error_code error;
    fs::remove(PlaceOf(options_.directory, id) / kDescription, error);
    fs::remove_all(PlaceOf(options_.directory, id), error);
    if (error) return Unwritable(PlaceOf(options_.directory, id), error);
    if (absl::Status removed = copies.Delete(id); !removed.ok()) return removed;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<BackupOutcome>> ListBackups(const std::string& directory) {
  std::vector<BackupOutcome> backups;
  std::error_code error;
  if (!fs::exists(directory, error)) return backups;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!ParseNumber<int64_t>(it->path().filename().string())) continue;
    const auto stored = ReadDescription(it->path());
    if (!stored.ok()) return stored.status();
    if (*stored) backups.push_back(Outcome(**stored));
  }
  if (error) return absl::UnavailableError(Join(directory, ": cannot be read (", error.message(), ")"));
  std::ranges::sort(backups, {}, &BackupOutcome::id);
  return backups;
}

absl::StatusOr<RestoredState> RestoreBackup(const std::string& directory, int64_t id,
                                            const std::string& state_directory, const std::string& epoch) {
  const auto backups = ListBackups(directory);
  if (!backups.ok()) return backups.status();
  const auto found = std::ranges::find_if(backups->rbegin(), backups->rend(),
                                          [id](const BackupOutcome& backup) { return id == 0 || backup.id == id; });
  if (found == backups->rend()) {
    return absl::NotFoundError(Join(directory, ": there is no such backup in it; it has ", backups->size(),
                                    "; give the directory that backup.directory names"));
  }
  const fs::path state(state_directory);
  if (absl::Status empty = CheckEmpty(state); !empty.ok()) return empty;
  const auto copies = StoreBackups::Open(StorePath(directory));
  if (!copies.ok()) return copies.status();
  if (absl::Status whole = (*copies)->Verify(found->id); !whole.ok()) return whole;
  const fs::path place = PlaceOf(directory, found->id);
  const auto description = ReadDescription(place);
  if (!description.ok()) return description.status();
  const auto hash = HashOf(place / kDeadLetters);
  if (!hash.ok()) return hash.status();
  if (*hash != (*description)->dead_letters_sha256()) {
    return absl::DataLossError(Join((place / kDeadLetters).string(), ": is not as it was made; use another backup"));
  }
  RestoredState restored;
  restored.backup = *found;
  restored.epoch = epoch;
  std::error_code error;
  fs::remove_all(state / kRestoring, error);
  const std::string restoring = (state / kRestoring).string();
  if (absl::Status copied = (*copies)->Restore(found->id, restoring + "/db"); !copied.ok()) return copied;
  if (absl::Status renamed = Rename(restoring, restored); !renamed.ok()) return renamed;
  if (absl::Status put = PutInPlace(place, state); !put.ok()) return put;
  return restored;
}

}  // namespace flosync
