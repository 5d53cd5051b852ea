#include "connectors/synthetic/publisher.h"

#include <algorithm>
#include <utility>

namespace flosync::synthetic {

Publisher::Publisher(const GeneratorOptions& options, World& world, ChangeQueue& queue, Outbox& outbox,
                     GeneratorSummary* summary)
    : options_(options),
      world_(world),
      queue_(queue),
      outbox_(outbox),
      summary_(summary),
      random_(Mix(options.seed, 72)) {}

void Publisher::RunUntil(OsloMs time) {
  while (true) {
    const bool change_due = !queue_.empty() && queue_.next_time() < time;
    const bool padding_due = next_padding_ < padding_.size() && padding_[next_padding_] < time;
    if (!change_due && !padding_due) break;
    if (padding_due && (!change_due || padding_[next_padding_] < queue_.next_time())) {
      Pad(padding_[next_padding_++]);
      continue;
    }
    const Change change = queue_.Pop();
    Begin(change.time);
    Apply(change);
  }
  outbox_.AdvanceTo(ToUtc(time) - 1);
}

void Publisher::Begin(OsloMs time) {
  // A change decided for a day that has passed is registered now.
  now_ = std::max(now_, ToUtc(time));
  version_ = ToOslo(now_) - random_.Between(200, 20'000);
  outbox_.AdvanceTo(now_);
}

void Publisher::PlanPadding(std::vector<OsloMs> times, std::int64_t limit) {
  padding_ = std::move(times);
  next_padding_ = 0;
  padding_limit_ = limit;
}

void Publisher::Pad(OsloMs time) {
  if (outbox_.written() >= padding_limit_) return;
  Person& person = world_.persons[random_.Below(world_.persons.size())];
  if (person.deleted || person.replaced_by != 0) return;
  Begin(time);
  ++summary_->padding;
  person.updated = version_;
  outbox_.Send(PersonRecord(person, now_));
}

void Publisher::Apply(const Change& change) {
  switch (change.kind) {
    case ChangeKind::kPersonMerged:
      return Merge(change);
    case ChangeKind::kPersonsInCycle:
      return MergeInCycle(change);
    case ChangeKind::kPersonDeleted:
      return DeletePerson(change);
    case ChangeKind::kPeriodOpened:
    case ChangeKind::kPeriodEnded:
    case ChangeKind::kPeriodWithdrawn:
      return ApplyToPeriod(change);
    case ChangeKind::kPeriodOrphan:
      return SendOrphan(change);
    case ChangeKind::kListMistake:
      return Mistake(change);
    case ChangeKind::kListWithdrawn:
    case ChangeKind::kCountWithdrawn:
      return WithdrawListOrCount(change);
    case ChangeKind::kListBackdated:
      return Backdate(change);
    case ChangeKind::kListOpened:
    case ChangeKind::kListSent:
    case ChangeKind::kListCap:
    case ChangeKind::kListFixedSalary:
    case ChangeKind::kListRenumbered:
    case ChangeKind::kListClosed:
      return ApplyToList(change);
    case ChangeKind::kCountBatch:
    case ChangeKind::kCount:
      return SendCounts(change);
    default:
      return ApplyToPerson(change);
  }
}

void Publisher::ApplyToPeriod(const Change& change) {
  DoctorPeriod& period = world_.periods[static_cast<std::size_t>(change.entity)];
  const std::string contract = std::to_string(world_.lists[static_cast<std::size_t>(period.list)].id);
  if (change.kind == ChangeKind::kPeriodWithdrawn) {
    outbox_.Send({.time = now_,
                  .topic = Topic::kDoctorPeriod,
                  .key = contract,
                  .value = "",
                  .xml = false,
                  .header_id = std::to_string(period.id)});
    return;
  }
  if (change.kind == ChangeKind::kPeriodEnded) period.published_to = static_cast<Day>(change.a);
  if (random_.Chance(options_.rates.corrected_per_mille / 1e3)) {
    // Typed wrong: one month too early. The right state follows when someone notices.
    DoctorPeriod wrong = period;
    wrong.from = AddMonths(wrong.from, -1);
    ++summary_->corrected;
    outbox_.Send(PeriodRecord(wrong, version_, now_));
    queue_.Add({.time = version_ + random_.Between(kMsPerHour, 40 * kMsPerDay),
                .kind = ChangeKind::kPeriodOpened,
                .entity = change.entity});
    return;
  }
  if (random_.Chance(options_.rates.conflicting_per_mille / 1e3)) {
    DoctorPeriod wrong = period;
    wrong.from -= 1;
    ++summary_->conflicting;
    outbox_.Send(PeriodRecord(wrong, version_, now_), false);
  }
  outbox_.Send(PeriodRecord(period, version_, now_));
}

void Publisher::ApplyToList(const Change& change) {
  List& list = world_.lists[static_cast<std::size_t>(change.entity)];
  const bool older_follows = list.published_number != 0 && random_.Chance(options_.rates.out_of_order_per_mille / 1e3);
  OutRecord older;
  // The older state has an older version: an hour back is before this change and after the load.
  if (older_follows) older = ContractRecord(list, version_ - kMsPerHour, now_);
  AlterList(list, change);
  if (change.kind == ChangeKind::kListCap && random_.Chance(options_.rates.corrected_per_mille / 1e3)) {
    List wrong = list;
    wrong.published_cap *= 10;
    ++summary_->corrected;
    outbox_.Send(ContractRecord(wrong, version_, now_));
    queue_.Add({.time = version_ + random_.Between(kMsPerHour, 10 * kMsPerDay),
                .kind = ChangeKind::kListSent,
                .entity = change.entity});
  } else {
    if (random_.Chance(options_.rates.conflicting_per_mille / 1e3)) {
      List wrong = list;
      wrong.published_cap += 10;
      ++summary_->conflicting;
      outbox_.Send(ContractRecord(wrong, version_, now_), false);
    }
    outbox_.Send(ContractRecord(list, version_, now_));
  }
  if (older_follows) SendOlder(std::move(older));
}

void Publisher::AlterList(List& list, const Change& change) {
  switch (change.kind) {
    case ChangeKind::kListOpened:
      list.published_cap = list.cap;
      list.published_fixed_salary = list.fixed_salary;
      list.published_number = static_cast<std::int16_t>(change.a);
      break;
    case ChangeKind::kListCap:
      list.published_cap = static_cast<std::int32_t>(change.a);
      break;
    case ChangeKind::kListFixedSalary:
      list.published_fixed_salary = change.a != 0;
      break;
    case ChangeKind::kListRenumbered:
      list.published_number = static_cast<std::int16_t>(change.a);
      break;
    case ChangeKind::kListClosed:
      list.published_to = static_cast<Day>(change.a);
      break;
    default:
      break;
  }
  const std::int32_t missing = list.counted - list.published_cap;
  list.waiting = missing >= 0 ? static_cast<std::int32_t>(random_.Between(0, 40 + missing / 4)) : 0;
}

void Publisher::SendCounts(const Change& change) {
  const auto day = static_cast<Day>(change.b);
  OutRecord record{.time = now_, .topic = Topic::kPatientCount, .key = "", .value = ""};
  if (change.kind == ChangeKind::kCount) {
    const std::int64_t id = world_.lists[static_cast<std::size_t>(change.entity)].id;
    record.key = std::to_string(id);
    AppendPatientCount(record.value, id, change.a, day);
    outbox_.Send(std::move(record));
    return;
  }
  record.value = "[";
  for (std::int64_t i = change.entity; i <= change.a; ++i) {
    const List& list = world_.lists[static_cast<std::size_t>(i)];
    // A list that opens that day is counted when it opens; one that opens the next day is in already.
    const bool here = list.from - 1 <= day && list.from != day && day < list.to;
    if (list.published_number == 0 || !here || list.without_count || CountedSingly(list, day)) continue;
    if (record.key.empty()) record.key = std::to_string(list.id);
    if (record.value.size() > 1) record.value += ',';
    AppendPatientCount(record.value, list.id, list.counted, day);
  }
  if (record.key.empty()) return;
  record.value += ']';
  outbox_.Send(std::move(record));
}

void Publisher::SendOlder(OutRecord record) {
  record.time = now_ + random_.Between(1'000, 6 * kMsPerHour);
  ++summary_->out_of_order;
  outbox_.SendLater(std::move(record));
}

OutRecord Publisher::ContractRecord(const List& list, OsloMs updated, UtcMs time) {
  const WireFormat format = FormatFor(list.id);
  OutRecord record{.time = time,
                   .topic = Topic::kContract,
                   .key = std::to_string(list.id),
                   .value = "",
                   .xml = format == WireFormat::kXml};
  AppendContract(record.value, list, updated, format);
  return record;
}

OutRecord Publisher::PeriodRecord(const DoctorPeriod& period, OsloMs updated, UtcMs time) {
  const std::int64_t contract = world_.lists[static_cast<std::size_t>(period.list)].id;
  const WireFormat format = FormatFor(period.id);
  OutRecord record{.time = time,
                   .topic = Topic::kDoctorPeriod,
                   .key = std::to_string(contract),
                   .value = "",
                   .xml = format == WireFormat::kXml};
  AppendDoctorPeriod(record.value, period, contract, updated, format);
  return record;
}

// One in ten of FLO's records comes as DataContract XML, always the same ones, as if an old system wrote them.
WireFormat Publisher::FormatFor(std::int64_t id) const {
  return Mix(world_.seed, static_cast<std::uint64_t>(id)) % 10 == 0 ? WireFormat::kXml : WireFormat::kJson;
}

}  // namespace flosync::synthetic
