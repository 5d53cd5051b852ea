#include "state/alerts/alert_book.h"

#include <algorithm>

#include "domain/text.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr std::string_view kBegunKey = "begun";
// The number of the next alert.
constexpr std::string_view kNextKey = "next";

bool SaysTheSame(const Alert& alert, const Condition& condition) {
  return alert.severity == condition.severity && alert.detail == condition.detail;
}

}  // namespace

absl::Status AlertBook::Load(const View& view, Instant clock) {
  const auto next = view.Get(Family::kAlerts, kNextKey);
  if (!next.ok()) return next.status();
  if (next->has_value()) next_id_ = KeyReader(**next).Number64();
  const absl::Status read = EachAlert(view, 0, [this](const Alert& alert) {
    if (alert.resolved) {
      resolved_.insert({*alert.resolved, alert.id});
    } else {
      open_by_id_[alert.id] = {alert.kind, alert.subject};
      open_[{alert.kind, alert.subject}] = alert;
    }
    return true;
  });
  if (!read.ok()) return read;
  const absl::Status walked =
      view.Each(Family::kAlerts, kStateDeviationPrefix, [this](std::string_view key, std::string_view) {
        KeyReader reader(key.substr(kStateDeviationPrefix.size()));
        const auto code = static_cast<StateDeviation>(reader.Byte());
        deviations_.insert({code, reader.Text()});
        return true;
      });
  if (!walked.ok()) return walked;
  const auto begun = view.Get(Family::kAlerts, kBegunKey);
  if (!begun.ok()) return begun.status();
  if (!begun->has_value()) return absl::OkStatus();
  conditions_.Start(Moment::Live(clock));
  for (const auto& [key, alert] : open_) {
    if (!IsOperational(alert.kind)) conditions_.Touch({key.first, key.second});
  }
  for (const auto& [code, entity] : deviations_) conditions_.Touch({code, entity});
  return absl::OkStatus();
}

void AlertBook::Begin(const Moment& at, Batch& batch) {
  conditions_.Start(at);
  batch.Put(Family::kAlerts, kBegunKey, "");
}

void AlertBook::Tell(AlertStep step, const std::optional<Alert>& before, const Alert& after,
                     const std::optional<Position>& cause, Commit& commit) {
  commit.batch.Put(Family::kAlerts, AlertKey(after.id), EncodeAlert(after));
  commit.batch.Put(Family::kFeed, AlertFeedKey(commit.revision, ++commit.index),
                   EncodeAlertChange({step, before, after, cause, commit.now}));
}

void AlertBook::Settle(AlertKind kind, const std::string& subject, const std::optional<Condition>& condition,
                       const std::optional<Position>& cause, Commit& commit) {
  const auto known = open_.find({kind, subject});
  if (known == open_.end()) {
    if (!condition) return;
    Alert alert{next_id_++, kind, subject, condition->severity, condition->detail, commit.now, commit.now, {}, {}};
    Tell(AlertStep::kOpened, std::nullopt, alert, cause, commit);
    open_by_id_[alert.id] = {kind, subject};
    open_[{kind, subject}] = std::move(alert);
    return;
  }
  if (condition && SaysTheSame(known->second, *condition)) return;
  const Alert before = known->second;
  Alert& alert = known->second;
  alert.changed = commit.now;
  if (condition) {
    alert.severity = condition->severity;
    alert.detail = condition->detail;
    return Tell(AlertStep::kUpdated, before, alert, cause, commit);
  }
  alert.resolved = commit.now;
  Tell(AlertStep::kResolved, before, alert, cause, commit);
  resolved_.insert({commit.now, alert.id});
  open_by_id_.erase(alert.id);
  open_.erase(known);
}

void AlertBook::SettleObserved(const std::vector<Condition>& observed, Commit& commit) {
  std::map<std::pair<AlertKind, std::string>, std::optional<Condition>> wanted;
  for (const auto& [key, alert] : open_) {
    if (IsOperational(alert.kind)) wanted[key] = std::nullopt;
  }
  for (const Condition& condition : observed) {
    wanted[{std::get<AlertKind>(condition.key.code), condition.key.subject}] = condition;
  }
  for (const auto& [key, condition] : wanted) Settle(key.first, key.second, condition, std::nullopt, commit);
}

bool AlertBook::Differs(const std::vector<Condition>& observed) const {
  const bool all_told = std::all_of(observed.begin(), observed.end(), [this](const Condition& condition) {
    const auto known = open_.find({std::get<AlertKind>(condition.key.code), condition.key.subject});
    return known != open_.end() && SaysTheSame(known->second, condition);
  });
  const auto open_ones =
      std::count_if(open_.begin(), open_.end(), [](const auto& entry) { return IsOperational(entry.second.kind); });
  return !all_told || open_ones != static_cast<int64_t>(observed.size());
}

std::vector<StateDeviationChange> AlertBook::Advance(const AlertAdvance& advance, Batch& batch) {
  std::vector<StateDeviationChange> changes;
  const int64_t first_id = next_id_;
  Commit commit{advance.at.t, advance.revision, batch};
  if (begun()) {
    for (const ConditionChange& change : conditions_.Advance(advance.at)) {
      if (const auto* kind = std::get_if<AlertKind>(&change.key.code)) {
        Settle(*kind, change.key.subject, change.now, change.cause, commit);
        continue;
      }
      const std::pair deviation(std::get<StateDeviation>(change.key.code), change.key.subject);
      if (deviations_.contains(deviation) == change.now.has_value()) continue;
      changes.push_back({deviation.first, deviation.second, change.now.has_value()});
      const std::string key = StateDeviationKey(static_cast<uint8_t>(deviation.first), deviation.second);
      if (change.now) {
        deviations_.insert(deviation);
        batch.Put(Family::kAlerts, key, "");
      } else {
        deviations_.erase(deviation);
        batch.Delete(Family::kAlerts, key);
      }
    }
  }
  if (advance.observed) SettleObserved(*advance.observed, commit);
  if (next_id_ != first_id) batch.Put(Family::kAlerts, kNextKey, KeyBuilder().Number64(next_id_).Take());
  ForgetOldest(batch);
  return changes;
}

void AlertBook::ForgetOldest(Batch& batch) {
  while (static_cast<int64_t>(resolved_.size()) > resolved_kept_) {
    batch.Delete(Family::kAlerts, AlertKey(resolved_.begin()->second));
    resolved_.erase(resolved_.begin());
  }
}

absl::Status AlertBook::Acknowledge(int64_t id, Acknowledgement acknowledgement, int64_t revision, Batch& batch) {
  const auto key = open_by_id_.find(id);
  if (key == open_by_id_.end()) {
    const bool resolved =
        std::any_of(resolved_.begin(), resolved_.end(), [id](const auto& r) { return r.second == id; });
    if (resolved) {
      return absl::FailedPreconditionError(Join("alert ", id, " is resolved; there is nothing left to take in hand"));
    }
    return absl::NotFoundError(Join("there is no alert ", id, "; list the open ones"));
  }
  Alert& alert = open_.at(key->second);
  const Alert before = alert;
  Commit commit{acknowledgement.at, revision, batch};
  alert.changed = acknowledgement.at;
  alert.acknowledgement = std::move(acknowledgement);
  Tell(AlertStep::kAcknowledged, before, alert, std::nullopt, commit);
  return absl::OkStatus();
}

}  // namespace flosync
