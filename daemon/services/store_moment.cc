#include "daemon/services/store_moment.h"

#include "state/store/feed_keys.h"

namespace flosync {
namespace {

absl::Status ReadNumber(const View& view, std::string_view key, std::optional<int64_t>& number) {
  const auto bytes = view.Get(Family::kMeta, key);
  if (!bytes.ok()) return bytes.status();
  if (bytes->has_value()) number = KeyReader(**bytes).Number64();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LastCommit> ReadLastCommit(const View& view) {
  std::optional<int64_t> revision;
  std::optional<int64_t> clock;
  if (absl::Status read = ReadNumber(view, kRevisionKey, revision); !read.ok()) return read;
  if (absl::Status read = ReadNumber(view, "clock", clock); !read.ok()) return read;
  LastCommit last;
  last.revision = revision.value_or(0);
  if (clock) last.clock = Instant{*clock};
  return last;
}

absl::StatusOr<StoreMoment> ReadStoreMoment(const View& view) {
  const auto last = ReadLastCommit(view);
  if (!last.ok()) return last.status();
  const auto epoch = view.Get(Family::kMeta, kEpochKey);
  if (!epoch.ok()) return epoch.status();
  std::optional<int64_t> oldest;
  if (absl::Status read = ReadNumber(view, kFeedOldestKey, oldest); !read.ok()) return read;
  StoreMoment moment;
  static_cast<LastCommit&>(moment) = *last;
  moment.epoch = epoch->value_or("");
  moment.oldest_revision = oldest.value_or(0);
  return moment;
}

}  // namespace flosync
