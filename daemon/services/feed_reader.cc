#include "daemon/services/feed_reader.h"

#include <string>

#include "state/store/feed_keys.h"

namespace flosync {
namespace {

// Entries that do not match, before others have a turn.
constexpr int kMaxEntriesPassedOver = 10'000;

// One reading: gathers updates of one revision.
class Reading {
 public:
  Reading(const FeedPlace& from, int64_t head, const TakeUpdate& take) : take_(take), last_(from) {
    read_ = {.reached = {head, 0}, .at_end = true};
  }

  // False ends the walk.
  bool Visit(const FeedPlace& here, std::string_view stored) {
    if (read_.updates > 0 && here.revision != last_.revision) {
      // The next revision begins: this one has been read to its end.
      End({last_.revision, 0}, true);
      return false;
    }
    if (here.index == 0) return true;
    const bool full = read_.updates == kMaxUpdatesPerMessage;
    const auto taken = take_(stored, full);
    failed_ = taken.status();
    if (!taken.ok()) return false;
    if (*taken && full) {
      // One more than fits: only now is it known that the message is not the revision's last.
      End(last_, false);
      return false;
    }
    if (*taken) {
      last_ = here;
      ++read_.updates;
    } else if (read_.updates == 0 && ++passed_over_ == kMaxEntriesPassedOver) {
      End(here, false);
      return false;
    }
    return true;
  }

  absl::StatusOr<FeedRead> Take() {
    if (!failed_.ok()) return failed_;
    if (read_.updates > 0) {
      if (read_.at_end) End({last_.revision, 0}, true);
      read_.revision = last_.revision;
    }
    return read_;
  }

 private:
  void End(const FeedPlace& reached, bool revision_complete) {
    read_.reached = reached;
    read_.revision_complete = revision_complete;
    read_.at_end = false;
  }

  const TakeUpdate& take_;
  FeedRead read_;
  FeedPlace last_;  // the last update taken
  absl::Status failed_;
  int passed_over_ = 0;
};

}  // namespace

absl::StatusOr<FeedRead> ReadFeed(const View& view, std::string_view prefix, const FeedPlace& from, int64_t head,
                                  const TakeUpdate& take) {
  Reading reading(from, head, take);
  const FeedPlace next = from.index == 0 ? FeedPlace{from.revision + 1, 0} : FeedPlace{from.revision, from.index + 1};
  const absl::Status walked = view.Each(
      Family::kFeed, prefix,
      [&](std::string_view key, std::string_view stored) {
        KeyReader reader(key.substr(prefix.size()));
        const int64_t revision = reader.Number64();
        return reading.Visit({revision, reader.Number32()}, stored);
      },
      FeedKey(prefix, next.revision, next.index));
  if (!walked.ok()) return walked;
  return reading.Take();
}

absl::StatusOr<bool> HasUpdate(const View& view, std::string_view prefix, const FeedPlace& place) {
  const auto bytes = view.Get(Family::kFeed, FeedKey(prefix, place.revision, place.index));
  if (!bytes.ok()) return bytes.status();
  return bytes->has_value();
}

absl::StatusOr<std::optional<int64_t>> OldestFeedRevision(const View& view) {
  std::optional<int64_t> oldest;
  // Figures stand behind the changes of alerts.
  const absl::Status walked = view.Each(
      Family::kFeed, "",
      [&oldest](std::string_view key, std::string_view) {
        oldest = KeyReader(key).Number64();
        return false;
      },
      FeedKey(0, 0));
  if (!walked.ok()) return walked;
  return oldest;
}

}  // namespace flosync
