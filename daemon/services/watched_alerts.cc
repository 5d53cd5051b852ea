#include "daemon/services/watched_alerts.h"

#include "daemon/services/convert.h"
#include "daemon/services/feed_reader.h"
#include "state/alerts/alert.h"

namespace flosync {

grpc::Status WatchedAlerts::ReadFilter(const Request& request) {
  filter_ = request.filter();
  return CheckAlertFilter(filter_, *support_.frames);
}

absl::StatusOr<bool> WatchedAlerts::AddState(const View& view, Response& message) {
  bool done = true;
  const absl::Status walked = EachAlert(view, last_id_, [&](const Alert& alert) {
    if (!Matches(filter_, alert)) return true;
    done = message.updates_size() < kMaxUpdatesPerMessage;
    if (!done) return false;
    Convert(alert, message.add_updates()->mutable_new_alert());
    last_id_ = alert.id;
    return true;
  });
  if (!walked.ok()) return walked;
  return done;
}

absl::StatusOr<bool> WatchedAlerts::AddUpdate(std::string_view stored, bool look_only, Response& message) const {
  const auto change = DecodeAlertChange(stored);
  if (!change.ok()) return change.status();
  if (!(change->before && Matches(filter_, *change->before)) && !Matches(filter_, change->after)) return false;
  if (look_only) return true;
  v1::AlertUpdate* update = message.add_updates();
  update->set_step(static_cast<v1::AlertStep>(change->step));
  if (change->before) Convert(*change->before, update->mutable_old_alert());
  Convert(change->after, update->mutable_new_alert());
  if (change->cause) {
    Convert(*change->cause, update->mutable_record());
  } else if (change->step != AlertStep::kAcknowledged) {
    update->set_clock(true);
  }
  return true;
}

}  // namespace flosync
