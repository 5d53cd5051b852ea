#include "tests/support/alert_check.h"

#include "domain/text.h"
#include "state/alerts/live_conditions.h"
#include "state/register/stored_register.h"
#include "state/store/keys.h"
#include "tests/support/must.h"

namespace flosync {
namespace {

std::string FeedDifference(const CoreHarness& h) {
  std::map<int64_t, Alert> told;
  for (const AlertChange& change : AlertFeed(h)) {
    const auto known = told.find(change.after.id);
    const bool chained = change.before ? known != told.end() && known->second == *change.before : known == told.end();
    if (!chained) return Join("feed: a change of alert ", change.after.id, " does not follow the one before");
    told[change.after.id] = change.after;
  }
  for (const Alert& alert : StoredAlerts(h)) {
    const auto known = told.find(alert.id);
    if (known == told.end() || !(known->second == alert)) return Join("feed: alert ", alert.id, " is not as told");
  }
  return "";
}

}  // namespace

std::string ConditionName(const ConditionKey& key) {
  const auto* kind = std::get_if<AlertKind>(&key.code);
  const std::string_view code = kind ? AlertKindName(*kind) : DeviationName(CodeOf(std::get<StateDeviation>(key.code)));
  return Join(code, " ", key.subject);
}

std::map<std::string, Condition> Conditions(const SmallRegister& reg, std::string_view at) {
  std::map<std::string, Condition> named;
  for (const auto& [key, condition] : ConditionsAt(reg.reg(), Geography::Shipped(), Moment::Live(At(at)))) {
    named[ConditionName(key)] = condition;
  }
  return named;
}

std::vector<Alert> StoredAlerts(const CoreHarness& h) {
  std::vector<Alert> alerts;
  const View view(h.store());
  Must(EachAlert(view, 0, [&alerts](const Alert& alert) {
    alerts.push_back(alert);
    return true;
  }));
  return alerts;
}

std::map<std::string, Alert> OpenAlerts(const CoreHarness& h) {
  std::map<std::string, Alert> open;
  for (const Alert& alert : StoredAlerts(h)) {
    if (alert.resolved) continue;
    const std::string name = ConditionName({alert.kind, alert.subject});
    if (!open.try_emplace(name, alert).second) Must(absl::InternalError(name + " is open twice"));
  }
  return open;
}

std::set<std::string> OpenStateDeviations(const CoreHarness& h) {
  std::set<std::string> names;
  for (const auto& [code, entity] : h.core().alerts().deviations()) names.insert(ConditionName({code, entity}));
  return names;
}

std::vector<AlertChange> AlertFeed(const CoreHarness& h) {
  std::vector<AlertChange> feed;
  const View view(h.store());
  Must(view.Each(Family::kFeed, kAlertFeedPrefix, [&feed](std::string_view, std::string_view value) {
    auto change = DecodeAlertChange(value);
    Must(change.status());
    feed.push_back(*std::move(change));
    return true;
  }));
  return feed;
}

std::string AlertDifference(const CoreHarness& h) {
  const View view(h.store());
  const auto reg = LoadLive(view);
  Must(reg.status());
  std::map<std::string, Alert> open = OpenAlerts(h);
  std::set<std::string> deviations = OpenStateDeviations(h);
  for (const auto& [key, condition] : ConditionsAt(*reg, Geography::Shipped(), Moment::Live(h.core().clock()))) {
    const std::string name = ConditionName(key);
    if (std::holds_alternative<StateDeviation>(key.code)) {
      if (deviations.erase(name) == 0) return name + " is missing";
      continue;
    }
    const auto alert = open.find(name);
    if (alert == open.end()) return name + " is missing";
    if (alert->second.severity != condition.severity || !(alert->second.detail == condition.detail)) {
      return name + " tells something old";
    }
    open.erase(alert);
  }
  std::erase_if(open, [](const auto& entry) { return IsOperational(entry.second.kind); });
  if (!open.empty()) return open.begin()->first + " should be over";
  if (!deviations.empty()) return *deviations.begin() + " should be over";
  return FeedDifference(h);
}

}  // namespace flosync
