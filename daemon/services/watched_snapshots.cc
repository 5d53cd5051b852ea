#include "daemon/services/watched_snapshots.h"

#include "daemon/services/convert.h"
#include "daemon/services/feed_reader.h"

namespace flosync {
namespace {

// An empty text leaves the bound open.
grpc::Status ReadBound(const std::string& field, const std::string& text, Day& bound) {
  if (text.empty()) return grpc::Status::OK;
  const auto day = ParseDay(text);
  if (!day) return InvalidField("filter." + field, "is not a date of the form yyyy-MM-dd");
  bound = *day;
  return grpc::Status::OK;
}

}  // namespace

grpc::Status WatchedSnapshots::ReadFilter(const Request& request) {
  const v1::SnapshotFilter& filter = request.filter();
  if (grpc::Status read = ReadBound("first_reference_date", filter.first_reference_date(), first_); !read.ok())
    return read;
  if (grpc::Status read = ReadBound("last_reference_date", filter.last_reference_date(), last_); !read.ok())
    return read;
  if (last_ < first_) return InvalidField("filter.last_reference_date", "is before first_reference_date");
  return grpc::Status::OK;
}

absl::StatusOr<bool> WatchedSnapshots::AddState(const View& view, Response& message) {
  // A few hundred headers at most: twelve a year and their corrections.
  const auto headers = ListSnapshots(view);
  if (!headers.ok()) return headers.status();
  for (const SnapshotHeader& header : *headers) {
    std::string key = SnapshotHeaderKey(header.reference_date, header.edition);
    if (!Matches(header) || key <= last_key_) continue;
    if (message.updates_size() == kMaxUpdatesPerMessage) return false;
    Convert(header, message.add_updates()->mutable_new_snapshot());
    last_key_ = std::move(key);
  }
  return true;
}

absl::StatusOr<bool> WatchedSnapshots::AddUpdate(std::string_view stored, bool look_only, Response& message) const {
  const auto header = DecodeSnapshotHeader(stored);
  if (!header.ok()) return header.status();
  if (!Matches(*header)) return false;
  if (look_only) return true;
  v1::SnapshotUpdate* update = message.add_updates();
  Convert(*header, update->mutable_new_snapshot());
  if (!header->withdrawal) return true;
  *update->mutable_old_snapshot() = update->new_snapshot();
  update->mutable_old_snapshot()->clear_withdrawal();
  return true;
}

}  // namespace flosync
