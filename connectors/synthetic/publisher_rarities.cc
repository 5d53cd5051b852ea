// What FLO registers wrong, too late or on nothing, and takes back.
#include <utility>

#include "connectors/synthetic/publisher.h"

namespace flosync::synthetic {

// A contract registered by mistake: nobody is on it, and it is deleted again the same week.
void Publisher::Mistake(const Change& change) {
  List list = world_.lists[static_cast<std::size_t>(change.entity)];
  list.id = change.a;
  list.from = FirstOfNextMonth(DayOf(change.time));
  outbox_.Send(ContractRecord(list, version_, now_), false);
  outbox_.SendLater({.time = ToUtc(change.b), .topic = Topic::kContract, .key = std::to_string(list.id), .value = ""});
}

// DOCTOR_PERIOD_WITHOUT_CONTRACT: the contract was typed wrong and never comes.
void Publisher::SendOrphan(const Change& change) {
  constexpr std::int64_t kBeyondAllPeriods = 50'000'000;
  DoctorPeriod period = world_.periods[static_cast<std::size_t>(change.entity)];
  period.id += kBeyondAllPeriods;
  OutRecord record{.time = now_, .topic = Topic::kDoctorPeriod, .key = std::to_string(change.a), .value = ""};
  AppendDoctorPeriod(record.value, period, change.a, version_, WireFormat::kJson);
  outbox_.Send(std::move(record));
}

void Publisher::WithdrawListOrCount(const Change& change) {
  const Topic topic = change.kind == ChangeKind::kListWithdrawn ? Topic::kContract : Topic::kPatientCount;
  const std::int64_t id = world_.lists[static_cast<std::size_t>(change.entity)].id;
  outbox_.Send({.time = now_, .topic = topic, .key = std::to_string(id), .value = ""});
}

// A change that was agreed long ago and registered now, under the day it was agreed: it reaches past snapshots (R19).
void Publisher::Backdate(const Change& change) {
  List& list = world_.lists[static_cast<std::size_t>(change.entity)];
  if (list.published_number == 0) return;
  list.published_cap = static_cast<std::int32_t>(change.a);
  list.published_fixed_salary = change.b != 0;
  outbox_.Send(ContractRecord(list, change.c, now_));
}

}  // namespace flosync::synthetic
