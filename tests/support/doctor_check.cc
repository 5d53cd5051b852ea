#include "tests/support/doctor_check.h"

#include <set>

#include "domain/text.h"
#include "state/register/doctor_history.h"
#include "state/register/stored_register.h"
#include "state/store/feed_keys.h"
#include "tests/support/must.h"

namespace flosync {
namespace {

// Folded from the history, by the way that GetDoctor takes.
std::optional<DoctorStatus> StatusFromHistory(const View& view, int32_t number, const Moment& at) {
  const auto doctor = ReadDoctor(view, number, at.t, Instant::Max());
  Must(doctor.status());
  DoctorStatus status;
  status.hpr_number = number;
  status.surviving = doctor->surviving;
  bool named = false;
  std::set<CurrentContract> current;
  for (const auto& [id, period] : doctor->reg.doctor_periods()) {
    if (!period.Holds() || period.latest.hpr_number != number) continue;
    named = true;
    if (period.latest.period.Contains(at.d)) current.insert({period.latest.contract_id, period.latest.relationship});
  }
  if (!named) return std::nullopt;
  status.contracts.assign(current.begin(), current.end());
  const PersonState* person = doctor->reg.FindPerson(doctor->surviving);
  if (!person || !person->InHprAt(at.t)) return status;
  status.in_hpr = true;
  status.specialist = person->facts.SpecialistAt(at.d);
  status.authorised = person->facts.AuthorisedAt(at.d);
  status.death = person->facts.death;
  status.specialist_periods = person->facts.specialist;
  status.authorised_periods = person->facts.authorised;
  return status;
}

std::string FeedDifference(const CoreHarness& h) {
  std::map<int32_t, DoctorStatus> told;
  for (const DoctorChange& change : DoctorFeed(h)) {
    const int32_t number = (change.after ? change.after : change.before)->hpr_number;
    const auto known = told.find(number);
    const bool chained = change.before ? known != told.end() && known->second == *change.before : known == told.end();
    if (!chained) return Join("feed: a change of person:", number, " does not follow the one before");
    if (change.before == change.after) return Join("feed: nothing has changed for person:", number);
    told.erase(number);
    if (change.after) told[number] = *change.after;
  }
  return told == ToldStatuses(h) ? "" : "feed: it does not add up to what was told";
}

}  // namespace

std::map<int32_t, DoctorStatus> ToldStatuses(const CoreHarness& h) {
  std::map<int32_t, DoctorStatus> told;
  Must(EachDoctorStatus(View(h.store()), 0, [&told](const DoctorStatus& status) {
    told[status.hpr_number] = status;
    return true;
  }));
  return told;
}

std::vector<DoctorChange> DoctorFeed(const CoreHarness& h) {
  std::vector<DoctorChange> feed;
  Must(View(h.store()).Each(Family::kFeed, kDoctorFeedPrefix, [&feed](std::string_view, std::string_view value) {
    auto change = DecodeDoctorChange(value);
    Must(change.status());
    feed.push_back(*std::move(change));
    return true;
  }));
  return feed;
}

std::string DoctorDifference(const CoreHarness& h) {
  const View view(h.store());
  const auto reg = LoadLive(view);
  Must(reg.status());
  std::set<int32_t> numbers;
  for (const auto& [id, period] : reg->doctor_periods()) numbers.insert(period.latest.hpr_number);
  numbers.erase(0);
  std::map<int32_t, DoctorStatus> told = ToldStatuses(h);
  for (const int32_t number : numbers) {
    const auto want = StatusFromHistory(view, number, Moment::Live(h.core().clock()));
    const auto have = told.find(number);
    if (want.has_value() != (have != told.end())) return Join("person:", number, want ? " is missing" : " is too many");
    if (want && !(have->second == *want)) return Join("person:", number, " tells something old");
    if (want) told.erase(have);
  }
  if (!told.empty()) return Join("person:", told.begin()->first, " is named by no doctor period");
  return FeedDifference(h);
}

}  // namespace flosync
