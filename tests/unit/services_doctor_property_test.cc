// GetDoctor against a fold by hand: random histories with late records, conflicts, deletions, returns and aliases,
// asked for at random days and instants (R3–R6, R11, E1–E10).
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/shrinking.h"
#include "state/snapshots/schedule.h"
#include "tests/support/core_harness.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

const Day kDay(2024, 3, 1);
constexpr int32_t kFirstNumber = 101;
constexpr int32_t kNumbers = 5;

struct KnownRecord {
  Position position;
  RegisterChange change;
};

// What is true of a number by the plain reading of the rules.
struct Expected {
  int32_t surviving = 0;
  bool known = false;
  bool in_hpr = false;
  bool specialist = false;
  WallTime version;
  Position record;
  std::map<int64_t, bool> contracts;  // doctor period → contains the day
};

// Everything recomputed from the list of records for each question.
class PlainDoctors {
 public:
  PlainDoctors(const std::vector<KnownRecord>& records, Day d, Instant t, Instant known_at) : d_(d), t_(t) {
    for (const KnownRecord& record : records) {
      if (record.position.known_from < known_at) records_.push_back(record);
    }
    std::sort(records_.begin(), records_.end(),
              [](const KnownRecord& a, const KnownRecord& b) { return a.position < b.position; });
  }

  [[nodiscard]] Expected Of(int32_t number) const {
    Expected expected;
    expected.surviving = Surviving(number);
    expected.known = KnownAtAll(number);
    const KnownRecord* state = StateOf(expected.surviving);
    expected.in_hpr = state != nullptr && !Absent(expected.surviving);
    if (expected.in_hpr) {
      const auto& person = std::get<Person>(state->change);
      expected.specialist = IsSpecialist(person);
      expected.version = person.updated;
      expected.record = state->position;
    }
    for (const auto& [id, period] : Periods()) {
      if (Surviving(period.first.hpr_number) != expected.surviving) continue;
      expected.known = true;
      if (!period.second) expected.contracts[id] = period.first.period.Contains(d_);
    }
    return expected;
  }

 private:
  // The state of the greatest version, of equal ones the last.
  [[nodiscard]] const KnownRecord* StateOf(int32_t number) const {
    const KnownRecord* best = nullptr;
    for (const KnownRecord& record : records_) {
      const auto* person = std::get_if<Person>(&record.change);
      if (!person || person->hpr_number != number) continue;
      if (!best || person->updated > std::get<Person>(best->change).updated) {
        best = &record;
      } else if (person->updated == std::get<Person>(best->change).updated &&
                 !(*person == std::get<Person>(best->change))) {
        best = &record;
      }
    }
    return best;
  }
  [[nodiscard]] bool KnownAtAll(int32_t number) const {
    return std::any_of(records_.begin(), records_.end(), [&](const KnownRecord& record) {
      return EntityOf(record.change) == EntityId{EntityKind::kPerson, number};
    });
  }
  // E1, E2: between a deletion and the next state that is not older than all before it.
  [[nodiscard]] bool Absent(int32_t number) const {
    constexpr Instant kNever = Instant::Max();
    Instant deleted = kNever;
    std::optional<WallTime> greatest;
    for (const KnownRecord& record : records_) {
      if (EntityOf(record.change) != EntityId{EntityKind::kPerson, number}) continue;
      const Instant at = record.position.known_from;
      if (std::holds_alternative<Deletion>(record.change) && deleted == kNever) deleted = at;
      const auto* person = std::get_if<Person>(&record.change);
      if (!person || (greatest && person->updated < *greatest)) continue;
      greatest = person->updated;
      if (deleted < t_ && t_ <= at) return true;
      deleted = kNever;
    }
    return deleted < t_;
  }
  [[nodiscard]] int32_t AliasOf(int32_t number) const {
    if (Absent(number)) return 0;
    const KnownRecord* state = StateOf(number);
    if (state && std::get<Person>(state->change).replaced_by != 0) return std::get<Person>(state->change).replaced_by;
    int32_t merged_into = 0;
    for (const KnownRecord& record : records_) {
      const auto* merge = std::get_if<Merge>(&record.change);
      if (merge && merge->old_number == number) merged_into = merge->surviving_number;
    }
    return merged_into;
  }
  [[nodiscard]] bool OnCycle(int32_t number) const {
    int32_t at = number;
    for (int steps = 0; steps <= kNumbers + 1; ++steps) {
      at = AliasOf(at);
      if (at == number) return true;
      if (at == 0) return false;
    }
    return false;
  }
  [[nodiscard]] int32_t Surviving(int32_t number) const {
    while (AliasOf(number) != 0 && !OnCycle(number)) number = AliasOf(number);
    return number;
  }
  // The newest state of every doctor period and whether it is withdrawn.
  [[nodiscard]] std::map<int64_t, std::pair<DoctorPeriod, bool>> Periods() const {
    std::map<int64_t, std::pair<DoctorPeriod, bool>> periods;
    for (const KnownRecord& record : records_) {
      if (const auto* period = std::get_if<DoctorPeriod>(&record.change)) {
        const auto it = periods.find(period->id);
        if (it == periods.end() || it->second.first.updated <= period->updated) periods[period->id] = {*period, false};
      } else if (const auto* deletion = std::get_if<Deletion>(&record.change);
                 deletion && periods.contains(deletion->entity.id)) {
        periods[deletion->entity.id].second = true;
      }
    }
    return periods;
  }
  // R11 for persons as this test makes them: one approval, perhaps a suspension of the person.
  [[nodiscard]] bool IsSpecialist(const Person& person) const {
    const auto& specialities = person.approvals[0].specialities;
    const bool suspended = !person.reactions.empty() && person.reactions[0].period.Contains(d_);
    const bool dead = person.death && *person.death <= d_;
    return !specialities.empty() && specialities[0].period.Contains(d_) && !suspended && !dead;
  }

  Day d_;
  Instant t_;
  std::vector<KnownRecord> records_;
};

class DoctorPropertyTest : public ServicesTest {
 protected:
  int Number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool Odds(int one_in) { return Number(one_in) == 0; }
  int32_t AnyNumber() { return kFirstNumber + Number(kNumbers); }
  // Round the reference instant, so that every boundary is met.
  Instant AnyInstant() { return {ReferenceInstant(kDay).ms + Number(9) - 4}; }
  WallTime AnyVersion() { return {Wall("2024-01-01T00:00:00").seconds + Number(4), 0}; }
  Day AnyDay() { return kDay.Plus(Number(3) - 1); }

  RegisterChange AnyChange() {
    const int32_t number = AnyNumber();
    const int64_t period = 11 + Number(4);
    switch (Number(8)) {
      case 0:
        return WithoutPerson(number);
      case 1:
        return WithoutDoctorPeriod(period);
      case 2:
        return Merge{number, AnyNumber()};
      case 3:
      case 4: {
        DoctorPeriod p = ARegularGp(period, 1, number, Since(AnyDay()));
        p.updated = AnyVersion();
        return p;
      }
      default:
        return AnyPerson(number);
    }
  }
  Person AnyPerson(int32_t number) {
    Person person = Odds(3) ? ADoctor(number) : ASpecialist(number);
    person.updated = AnyVersion();
    if (!person.approvals[0].specialities.empty()) person.approvals[0].specialities[0].period = Since(AnyDay());
    if (Odds(4)) person.replaced_by = AnyNumber();
    if (Odds(5)) person.reactions.push_back({"5", Since(AnyDay())});
    if (Odds(8)) person.death = AnyDay();
    return person;
  }

  // Commits a record on one of two partitions of its topic and notes from when it is known (B9).
  void TellAnything(std::vector<KnownRecord>& told) {
    CommitInput input;
    input.records.push_back(inbox_.Next(AnyChange(), AnyInstant(), Number(2)));
    const DecodedRecord& record = input.records.front();
    Instant& known_from = greatest_.try_emplace({*record.topic, record.partition}, Instant::Min()).first->second;
    known_from = std::max(known_from, record.timestamp);
    told.push_back({{known_from, *record.topic, record.partition, record.offset, 0}, record.changes[0].change});
    ASSERT_TRUE(core_->Commit(std::move(input)).ok());
  }

  // Retention (R24), which no answer may show.
  void Shrink() {
    Shrinking pass(AnyInstant());
    ASSERT_TRUE(pass.Next(*core_)->done);
  }

  // Asks at random, in all four ways of the request, and compares.
  void AskAnything(const std::vector<KnownRecord>& told) {
    v1::GetDoctorRequest request;
    request.set_hpr_number(AnyNumber());
    Day d = OsloDay(core_->clock());
    Instant t = core_->clock();
    Instant known_at = Instant::Max();
    if (!Odds(3)) {
      known_at = t = AnyInstant();
      d = OsloDay(t);
      request.mutable_known_at()->set_seconds(t.ms / 1000);
      request.mutable_known_at()->set_nanos(static_cast<int32_t>(t.ms % 1000 * 1'000'000));
    }
    if (!Odds(3)) {
      d = AnyDay();
      t = ReferenceInstant(d);
      request.set_as_of(d.ToString());
    }
    const Expected expected = PlainDoctors(told, d, t, known_at).Of(request.hpr_number());
    SCOPED_TRACE(request.ShortDebugString());
    v1::GetDoctorResponse response;
    const auto context = Context();
    const grpc::Status status = stub_->GetDoctor(context.get(), request, &response);
    ASSERT_EQ(status.error_code(), expected.known ? grpc::StatusCode::OK : grpc::StatusCode::NOT_FOUND)
        << status.error_message();
    if (expected.known) Compare(response, expected, d);
  }
  static void Compare(const v1::GetDoctorResponse& response, const Expected& expected, Day d) {
    EXPECT_EQ(response.reference_date(), d.ToString());
    const v1::Doctor& doctor = response.doctor();
    EXPECT_EQ(doctor.surviving_hpr_number(), expected.surviving);
    EXPECT_EQ(doctor.in_hpr(), expected.in_hpr);
    EXPECT_EQ(doctor.specialist(), expected.specialist);
    EXPECT_EQ(doctor.specialist_reason() == v1::SPECIALIST_REASON_SPECIALIST, expected.specialist);
    EXPECT_EQ(doctor.specialist_reason() == v1::SPECIALIST_REASON_NOT_IN_HPR, !expected.in_hpr);
    EXPECT_EQ(doctor.hpr_record().topic(), expected.in_hpr ? TopicName(expected.record.topic) : "");
    EXPECT_EQ(doctor.hpr_record().partition(), expected.record.partition);
    EXPECT_EQ(doctor.hpr_record().offset(), expected.record.offset);
    EXPECT_EQ(doctor.hpr_updated(), expected.in_hpr ? expected.version.ToString() : "");
    std::map<int64_t, bool> contracts;
    for (const auto& contract : doctor.contracts()) contracts[contract.doctor_period_id()] = contract.current();
    EXPECT_EQ(contracts, expected.contracts);
  }

  std::unique_ptr<v1::DoctorService::Stub> stub_;
  Inbox inbox_;
  std::map<std::pair<Topic, int32_t>, Instant> greatest_;
  std::mt19937 random_{11};
};

TEST_F(DoctorPropertyTest, EqualsAFoldByHandForEveryDayAndKnownAt) {
  constexpr int kRecords = 150;
  constexpr int kQuestionsARecord = 12;
  Serve();
  stub_ = v1::DoctorService::NewStub(channel_);
  std::vector<KnownRecord> told;
  for (int i = 0; i < kRecords && !HasFailure(); ++i) {
    TellAnything(told);
    if (Odds(4)) Shrink();
    for (int q = 0; q < kQuestionsARecord && !HasFailure(); ++q) AskAnything(told);
  }
}

}  // namespace
}  // namespace flosync
