#include "tests/support/random_history.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tests/support/core_harness.h"

namespace flosync {
namespace {

constexpr int32_t kLists = 12;
constexpr int32_t kDoctors = 15;
constexpr int32_t kNumbers = kDoctors + 3;  // the last three are in HPR never
constexpr int64_t kHour = 3600 * 1000;

// Where a history begins: before the reforms and clock changes of its months.
constexpr std::array<const char*, 7> kBeginnings = {
    "2019-10-20T00:00:00Z", "2023-10-20T00:00:00Z", "2023-12-01T00:00:00Z", "2024-01-20T00:00:00Z",
    "2024-10-24T00:00:00Z", "2017-12-10T00:00:00Z", "2024-03-29T00:00:00Z"};
// Valid, ended, divided, not yet valid, never valid.
constexpr std::array<const char*, 16> kMunicipalities = {"0301", "0301", "4601", "1507", "1850", "5012",
                                                         "3049", "0626", "3312", "3414", "9999", "",
                                                         "1534", "1838", "2100", "5054"};

// Makes the records of one history. Versions and days come from small pools, so that they collide.
class RandomHistory {
 public:
  explicit RandomHistory(Dice& dice)
      : dice_(dice), alias_one_in_(dice_.OneIn(2) ? 2 : 6), now_(At(dice_.Of(kBeginnings))), today_(OsloDay(now_)) {
    for (int32_t id = 1; id <= kLists; ++id) {
      Send(RandomContract(id));
      if (!dice_.OneIn(5)) Send(RandomCount(id));
    }
    for (int32_t number = 1; number <= kDoctors; ++number) Send(RandomPerson(number));
    for (int64_t id = 1; id <= kLists + 6; ++id) Send(RandomPeriod(id));
    const int64_t more = dice_.Between(40, 70);
    for (int64_t i = 0; i < more; ++i) {
      now_.ms += RandomStep();
      today_ = OsloDay(now_);
      SendSomething();
    }
  }
  [[nodiscard]] std::vector<DecodedRecord> TakeRecords() { return std::move(records_); }

 private:
  int64_t RandomStep() {
    switch (dice_.Between(0, 5)) {
      case 0:
        return 0;
      case 1:
        return dice_.Between(1, 3);
      case 2:
        return dice_.Between(1, 40) * 60 * 1000;
      default:
        return dice_.Between(1, 60) * kHour;
    }
  }
  Day RandomDay() {
    return today_.Plus(static_cast<int32_t>(dice_.OneIn(3) ? dice_.Between(-4, 4) : dice_.Between(-500, 120)));
  }
  Period RandomPeriodOfDays() {
    Period p{RandomDay(), Day::Max()};
    if (dice_.OneIn(2)) p.to = p.from.Plus(static_cast<int32_t>(dice_.Between(1, 400)));
    return p;
  }
  Period MaybeOpen() {
    Period p = RandomPeriodOfDays();
    if (dice_.OneIn(4)) p.from = Day::Min();
    return p;
  }
  // Mostly one of a few wall-clock times around now, the hours of the clock changes among them.
  WallTime RandomVersion() {
    constexpr std::array<const char*, 8> kOdd = {"2019-10-27T02:30:00", "2023-10-29T02:15:00", "2024-10-27T02:45:00.5",
                                                 "2024-10-27T02:10:00", "2024-03-31T02:30:00", "2024-03-31T02:30:00.25",
                                                 "2020-01-01T00:00:00", "2024-01-01T00:00:00"};
    if (dice_.OneIn(5)) return Wall(dice_.Of(kOdd));
    const WallTime wall = ToOslo(now_);
    const int64_t hours = dice_.OneIn(3) ? dice_.Between(-3, 3) : dice_.Between(-60, 10) * 24;
    return {(wall.seconds / 7200 + hours) * 7200, dice_.OneIn(4) ? 500000001 : 0};
  }
  std::vector<Reaction> RandomReactions() {
    constexpr std::array<const char*, 5> kTypes = {"1", "5", "8", "2", "15"};
    std::vector<Reaction> reactions;
    while (dice_.OneIn(6)) reactions.push_back({dice_.Of(kTypes), MaybeOpen()});
    return reactions;
  }
  std::vector<Period> RandomSuspensions() {
    std::vector<Period> suspensions;
    while (dice_.OneIn(8)) suspensions.push_back(MaybeOpen());
    return suspensions;
  }
  std::string RandomEnd() {
    constexpr std::array<const char*, 4> kEnds = {"1", "2", "3", "99"};
    return dice_.OneIn(6) ? dice_.Of(kEnds) : "";
  }
  Approval RandomApproval() {
    constexpr std::array<const char*, 6> kTypes = {"1", "1", "1", "4", "3", "99"};
    Approval a{dice_.Of(kTypes), MaybeOpen(), RandomEnd(), RandomReactions(), RandomSuspensions(), {}};
    while (dice_.OneIn(2) && a.specialities.size() < 3) {
      a.specialities.push_back({dice_.OneIn(5) ? "2" : "1", dice_.OneIn(5) ? "" : "7426", MaybeOpen(), RandomEnd(),
                                RandomReactions(), RandomSuspensions()});
    }
    return a;
  }
  Person RandomPerson(int32_t number) {
    Person p;
    p.hpr_number = number;
    p.updated = RandomVersion();
    if (dice_.OneIn(alias_one_in_))
      p.replaced_by = static_cast<int32_t>(dice_.Between(1, dice_.OneIn(2) ? 4 : kNumbers));
    if (!dice_.OneIn(8)) p.birth_year = static_cast<int16_t>(today_.year() - dice_.Between(38, 69));
    if (dice_.OneIn(10)) p.death = RandomDay();
    p.sex = static_cast<Sex>(dice_.Between(0, 2));
    while (dice_.OneIn(2) || (p.approvals.empty() && !dice_.OneIn(6))) p.approvals.push_back(RandomApproval());
    p.reactions = RandomReactions();
    return p;
  }
  Contract RandomContract(int64_t id) {
    Contract c;
    c.id = id;
    c.updated = RandomVersion();
    c.period = RandomPeriodOfDays();
    c.municipality = dice_.Of(kMunicipalities);
    c.fixed_salary = dice_.OneIn(4);
    if (!dice_.OneIn(5)) c.list_cap = static_cast<int32_t>(dice_.Between(0, 6) * 250);
    return c;
  }
  DoctorPeriod RandomPeriod(int64_t id) {
    DoctorPeriod p;
    p.id = id;
    p.contract_id = dice_.OneIn(4) ? dice_.Between(1, kLists + 1) : (id - 1) % kLists + 1;
    p.hpr_number = static_cast<int32_t>(dice_.Between(1, kNumbers));
    p.updated = RandomVersion();
    p.period = RandomPeriodOfDays();
    p.relationship = dice_.OneIn(5) ? "LPVI" : "LPFL";
    return p;
  }
  PatientCount RandomCount(int64_t contract) {
    return {contract, static_cast<int32_t>(dice_.Between(0, 5) * 250), RandomVersion()};
  }

  void Send(RegisterChange change) {
    Instant at = now_;
    if (dice_.OneIn(12)) at.ms -= dice_.Between(0, 3) * kHour;  // broker timestamps may go back (B9)
    const auto partition = static_cast<int32_t>(dice_.Between(0, 1));
    const auto* deletion = std::get_if<Deletion>(&change);
    if (deletion && deletion->entity.kind == EntityKind::kPerson && dice_.OneIn(2)) {
      records_.push_back(inbox_.NextOn(Topic::kEvent, std::move(change), at, partition));
    } else {
      records_.push_back(inbox_.Next(std::move(change), at, partition));
    }
  }
  void SendSomething() {
    const int64_t list = dice_.Between(1, kLists);
    const auto number = static_cast<int32_t>(dice_.Between(1, kDoctors));
    const int64_t period = dice_.Between(1, kLists + 6);
    switch (dice_.Between(0, 11)) {
      case 0:
        return Send(WithoutPerson(number));
      case 1:
        return dice_.OneIn(2) ? Send(WithoutList(list)) : Send(WithoutPatients(list));
      case 2:
        return Send(WithoutDoctorPeriod(period));
      case 3:
        return Send(Merge{number, static_cast<int32_t>(dice_.Between(1, kNumbers))});
      case 4:
      case 5:
        return Send(RandomContract(list));
      case 6:
        return Send(RandomCount(list));
      case 7:
        return SendAgain();
      case 8:
      case 9:
        return Send(RandomPeriod(period));
      default:
        return Send(RandomPerson(number));
    }
  }
  // What was sent before, as it was or with the same version and something else in it.
  void SendAgain() {
    RegisterChange change =
        records_[static_cast<size_t>(dice_.Between(0, static_cast<int64_t>(records_.size()) - 1))].changes[0].change;
    if (dice_.OneIn(3)) {
      if (auto* contract = std::get_if<Contract>(&change)) contract->municipality = "4601";
      if (auto* count = std::get_if<PatientCount>(&change)) count->patients += 100;
      if (auto* person = std::get_if<Person>(&change)) person->approvals.clear();
      if (auto* period = std::get_if<DoctorPeriod>(&change)) period->hpr_number = 1;
    }
    Send(std::move(change));
  }

  Dice& dice_;
  int64_t alias_one_in_;  // how rarely a person is replaced by another: some histories are full of chains and cycles
  Instant now_;
  Day today_;
  Inbox inbox_;
  std::vector<DecodedRecord> records_;
};

}  // namespace

std::vector<DecodedRecord> RandomRecords(Dice& dice) { return RandomHistory(dice).TakeRecords(); }

std::vector<DecodedRecord> Shuffled(std::vector<DecodedRecord> sent, Dice& dice) {
  const int64_t lag = dice.OneIn(3) ? 1 : dice.Between(2, 30);
  std::vector<DecodedRecord> read;
  while (!sent.empty()) {
    auto pick = sent.begin() + std::min<int64_t>(dice.Between(0, lag - 1), static_cast<int64_t>(sent.size()) - 1);
    const auto key = std::pair(*pick->topic, pick->partition);
    pick = std::find_if(sent.begin(), sent.end(),
                        [&](const DecodedRecord& r) { return std::pair(*r.topic, r.partition) == key; });
    read.push_back(std::move(*pick));
    sent.erase(pick);
  }
  return read;
}

}  // namespace flosync
