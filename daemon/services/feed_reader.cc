#include "daemon/services/feed_reader.h"

#include "daemon/services/convert.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// Entries that do not match, before others have a turn.
constexpr int kMaxEntriesPassedOver = 10'000;

// Adds the update if it matches and says something new; true if it does.
bool AddUpdate(const store::v1::StoredUpdate& stored, const FigureFilter& filter, bool count_only,
               v1::WatchIndicatorsResponse& message) {
  if (!filter.MatchesArea(static_cast<Level>(stored.level()), stored.area_code()) ||
      !filter.MatchesFigure(stored.definition(), stored.measure(), stored.breakdown())) {
    return false;
  }
  const auto before = RowBefore(stored);
  const auto after = RowAfter(stored);
  if (before == after) return false;
  if (count_only) return true;
  v1::IndicatorUpdate* update = message.add_updates();
  if (before) Convert(*before, update->mutable_old_row());
  if (after) Convert(*after, update->mutable_new_row());
  update->set_reference_date(Day::FromEpochDays(stored.reference_day()).ToString());
  if (stored.cause().has_record()) {
    Convert(Read(stored.cause().record()), update->mutable_record());
  } else {
    update->set_clock(true);
  }
  return true;
}

}  // namespace

absl::StatusOr<FeedRead> ReadFeed(const View& view, const FeedPlace& from, int64_t head, const FigureFilter& filter,
                                  v1::WatchIndicatorsResponse& message) {
  FeedRead read{.reached = {head, 0}, .revision_complete = false, .at_end = true};
  FeedPlace last = from;  // the last update added
  absl::Status failed;
  int passed_over = 0;
  const auto visit = [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const FeedPlace here{reader.Number64(), reader.Number32()};
    if (here.index == 0) {
      if (message.updates().empty()) return true;
      // The next revision begins: this one has been read to its end.
      read = {.reached = {last.revision, 0}, .revision_complete = true, .at_end = false};
      return false;
    }
    const auto stored = ParseStored<store::v1::StoredUpdate>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    const bool full = message.updates_size() == kMaxUpdatesPerMessage;
    if (AddUpdate(*stored, filter, full, message)) {
      if (full) {
        // One more than fits: only now is it known that the message is not the revision's last.
        read = {.reached = last, .revision_complete = false, .at_end = false};
        return false;
      }
      last = here;
    } else if (message.updates().empty() && ++passed_over == kMaxEntriesPassedOver) {
      read = {.reached = here, .revision_complete = false, .at_end = false};
      return false;
    }
    return true;
  };
  const std::string start = from.index == 0 ? FeedKey(from.revision + 1, 0) : FeedKey(from.revision, from.index + 1);
  const absl::Status walked = view.Each(Family::kFeed, "", visit, start);
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  if (!message.updates().empty()) {
    if (read.at_end) read = {.reached = {last.revision, 0}, .revision_complete = true, .at_end = false};
    message.set_revision(last.revision);
  }
  return read;
}

absl::StatusOr<int32_t> CountUpdates(const View& view, int64_t revision) {
  const auto bytes = view.Get(Family::kFeed, FeedKey(revision, 0));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return 0;
  const auto header = ParseStored<store::v1::StoredRevision>(**bytes);
  if (!header.ok()) return header.status();
  return header->updates();
}

}  // namespace flosync
