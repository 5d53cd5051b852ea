#include "daemon/services/watched_figures.h"

#include "daemon/services/convert.h"
#include "daemon/services/feed_reader.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"

namespace flosync {

grpc::Status WatchedFigures::ReadFilter(const Request& request) {
  const auto exists = [this](std::string_view code) { return support_.frames->EverHad(code); };
  return FigureFilter::Read(request.filter(), support_.publication->definitions(), exists, filter_);
}

void WatchedFigures::Begin(const View& view, const StoreMoment& moment) {
  const Day today = OsloDay(*moment.clock);
  frame_ = support_.frames->Of(today);
  figures_.emplace(&view, moment.revision, frame_.get(), support_.area_figures, filter_);
  reference_date_ = today.ToString();
}

absl::StatusOr<bool> WatchedFigures::AddState(const View& /*view*/, Response& message) {
  const auto figures = figures_->Next(kMaxUpdatesPerMessage);
  if (!figures.ok()) return figures.status();
  for (const LiveFigure& figure : *figures) {
    v1::IndicatorUpdate* update = message.add_updates();
    Convert(*figure.area, *figure.entry, figure.figure, update->mutable_new_row());
    update->set_reference_date(reference_date_);
  }
  if (!figures_->done()) return false;
  figures_.reset();
  frame_.reset();
  return true;
}

absl::StatusOr<bool> WatchedFigures::AddUpdate(std::string_view stored, bool look_only, Response& message) const {
  const auto change = ParseStored<store::v1::StoredUpdate>(stored);
  if (!change.ok()) return change.status();
  if (!filter_.MatchesArea(static_cast<Level>(change->level()), change->area_code()) ||
      !filter_.MatchesFigure(change->definition(), change->measure(), change->breakdown())) {
    return false;
  }
  const auto before = RowBefore(*change);
  const auto after = RowAfter(*change);
  if (before == after) return false;
  if (look_only) return true;
  v1::IndicatorUpdate* update = message.add_updates();
  if (before) Convert(*before, update->mutable_old_row());
  if (after) Convert(*after, update->mutable_new_row());
  update->set_reference_date(Day::FromEpochDays(change->reference_day()).ToString());
  if (change->cause().has_record()) {
    Convert(Read(change->cause().record()), update->mutable_record());
  } else {
    update->set_clock(true);
  }
  return true;
}

}  // namespace flosync
