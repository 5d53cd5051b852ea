// WatchDoctors keeps the six promises, as WatchIndicators does, and every message about a doctor is in the access log
// first. What it should tell is asked of GetDoctor, doctor by doctor.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "domain/text.h"
#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

// A doctor as a row, so that the validators of figures can look at it: the number for a name, the bytes for a value.
v1::IndicatorRow AsRow(const v1::DoctorStatus& status) {
  v1::IndicatorRow row;
  row.set_measure(std::to_string(status.hpr_number()));
  row.set_value(status.ShortDebugString());
  return row;
}

void Convert(const v1::DoctorUpdate& update, v1::IndicatorUpdate* out) {
  if (update.has_old_status()) *out->mutable_old_row() = AsRow(update.old_status());
  if (update.has_new_status()) *out->mutable_new_row() = AsRow(update.new_status());
}

// What GetDoctor says of the number; nothing if no doctor period names it.
std::optional<v1::DoctorStatus> StatusOf(const v1::Doctor& doctor) {
  v1::DoctorStatus status;
  status.set_hpr_number(doctor.hpr_number());
  status.set_surviving_hpr_number(doctor.surviving_hpr_number());
  status.set_in_hpr(doctor.in_hpr());
  status.set_specialist(doctor.specialist());
  status.set_authorised(doctor.authorised());
  status.set_death_date(doctor.death_date());
  *status.mutable_specialist_periods() = doctor.specialist_periods();
  *status.mutable_authorised_periods() = doctor.authorised_periods();
  bool named = false;
  for (const v1::DoctorOnContract& contract : doctor.contracts()) {
    if (contract.hpr_number() != doctor.hpr_number()) continue;
    named = true;
    if (!contract.current()) continue;
    v1::CurrentContract* added = status.add_contracts();
    added->set_contract_id(contract.contract_id());
    added->set_relationship(contract.relationship());
  }
  return named ? std::optional(status) : std::nullopt;
}

class WatchDoctorsTest : public ServicesTest {
 protected:
  using Stream = Connection<v1::DoctorService, v1::WatchDoctorsRequest, v1::WatchDoctorsResponse,
                            &v1::DoctorService::Stub::WatchDoctors>;
  static constexpr int32_t kFirst = 101;
  static constexpr int32_t kLast = 360;

  WatchDoctorsTest() {
    CommitInput whole;
    whole.whole = true;
    whole.now = now_;
    EXPECT_TRUE(core_->Commit(std::move(whole)).ok());
    Publish();
    Serve();
  }
  static v1::WatchDoctorsRequest Request(bool initial_state, const std::string& token = "") {
    v1::WatchDoctorsRequest request;
    request.set_initial_state(initial_state);
    request.set_resume_token(token);
    request.mutable_progress_interval()->set_nanos(100'000'000);
    return request;
  }
  int64_t Do(std::vector<RegisterChange> changes) {
    const int64_t revision = Commit(std::move(changes));
    Note();
    return revision;
  }
  // Notes what is true of every doctor now.
  void Note() {
    google::protobuf::RepeatedPtrField<v1::IndicatorRow> rows;
    const auto stub = v1::DoctorService::NewStub(channel_);
    for (int32_t number = kFirst; number <= kLast; ++number) {
      v1::GetDoctorRequest request;
      request.set_hpr_number(number);
      v1::GetDoctorResponse got;
      const auto context = Context();
      const grpc::Status status = stub->GetDoctor(context.get(), request, &got);
      if (status.error_code() == grpc::StatusCode::NOT_FOUND) continue;
      ASSERT_TRUE(status.ok()) << status.error_message();
      if (const auto known = StatusOf(got.doctor())) *rows.Add() = AsRow(*known);
    }
    truth_.Note(core_->revision(), rows);
  }
  static std::vector<RegisterChange> ManyPeriods(int32_t first, int32_t count) {
    std::vector<RegisterChange> changes;
    for (int32_t number = first; number < first + count; ++number) {
      changes.emplace_back(MakePeriod(number, number, number));
    }
    return changes;
  }
  // Doctors who come, change and go; one revision with several messages, one with none.
  void MakeHistory() {
    Do({MakePeriod(101, 1, 101), MakePerson(101, true)});
    Do(ManyPeriods(102, 150));
    Do({MakePerson(999, false)});
    Do({MakePerson(102, true), MakePerson(103, false)});
    Do({Deletion{{EntityKind::kDoctorPeriod, 104}}});
    Do(ManyPeriods(252, 109));
  }
  static SeenConnection Seen(const Stream& stream) {
    SeenConnection seen;
    for (const auto& message : stream.seen()) seen.push_back(AsFigures(message, Convert));
    return seen;
  }
  [[nodiscard]] std::string ReasonOf(const v1::WatchDoctorsRequest& request) const {
    Stream stream(channel_, request);
    return ReadErrorDetails(stream.End()).reason;
  }

  WatchTruth truth_;
};

TEST_F(WatchDoctorsTest, AllGuaranteesHoldFromTheInitialStateOn) {
  MakeHistory();
  Stream stream(channel_, Request(true));
  ASSERT_TRUE(stream.Read(2));
  EXPECT_EQ(stream.seen().back().updates_size(), 100) << "within the initial state";
  Do({MakePerson(104, true), MakePerson(105, true)});
  ASSERT_TRUE(stream.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({Seen(stream)}, truth_);
}

TEST_F(WatchDoctorsTest, ResumesAtEveryMessage) {
  Note();
  Stream begin(channel_, Request(false));
  ASSERT_TRUE(begin.Read());
  MakeHistory();
  Stream whole(channel_, Request(false, begin.token()));
  ASSERT_TRUE(whole.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({Seen(whole)}, truth_);
  size_t mid_revision = 0;
  for (size_t cut = 0; cut < whole.seen().size(); ++cut) {
    SCOPED_TRACE(cut);
    SeenConnection before = Seen(whole);
    before.resize(cut + 1);
    mid_revision += before.back().updates_size() > 0 && !before.back().revision_complete();
    Stream rest(channel_, Request(false, before.back().resume_token()));
    ASSERT_TRUE(rest.ReadUpTo(core_->revision()));
    ExpectAllGuarantees({before, Seen(rest)}, truth_);
  }
  EXPECT_GT(mid_revision, 0U);
}

TEST_F(WatchDoctorsTest, AnUpdateSaysWhatWasWhatIsAndWhy) {
  Do({MakePeriod(101, 1, 101), MakePerson(101, false)});
  Stream stream(channel_, Request(false));
  ASSERT_TRUE(stream.Read());
  Person specialist = MakePerson(101, true);
  specialist.updated = *ParseWallTime("2025-05-31T12:00:00");
  specialist.approvals[0].specialities[0].period.to = Day(2025, 6, 3);
  ASSERT_TRUE(stream.ReadUpTo(Do({specialist})));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  const v1::DoctorUpdate became = stream.seen().back().updates(0);
  EXPECT_FALSE(became.old_status().specialist());
  EXPECT_TRUE(became.new_status().specialist());
  EXPECT_EQ(became.record().topic(), "hpr.person");
  ASSERT_TRUE(stream.ReadUpTo(AdvanceTo(*ParseInstant("2025-06-03T00:00:00Z"))));
  const v1::DoctorUpdate ended = stream.seen().back().updates(0);
  EXPECT_FALSE(ended.new_status().specialist());
  EXPECT_TRUE(ended.clock());
}

TEST_F(WatchDoctorsTest, FiltersByNumberAndContractAndTellsWhatLeaves) {
  Do(ManyPeriods(101, 3));
  v1::WatchDoctorsRequest request = Request(true);
  request.mutable_filter()->add_hpr_numbers(102);
  request.mutable_filter()->set_on_contract(true);
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read(2));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  EXPECT_EQ(stream.seen().back().updates(0).new_status().hpr_number(), 102);
  ASSERT_TRUE(stream.ReadUpTo(Do({MakePerson(103, true)})));
  EXPECT_TRUE(stream.seen().back().progress()) << "another number";
  DoctorPeriod ended = MakePeriod(102, 102, 102);
  ended.updated = *ParseWallTime("2025-05-31T12:00:00");
  ended.period.to = Day(2025, 5, 1);
  ASSERT_TRUE(stream.ReadUpTo(Do({ended})));
  ASSERT_EQ(stream.seen().back().updates_size(), 1) << "it leaves the filter";
  EXPECT_TRUE(stream.seen().back().updates(0).new_status().contracts().empty());
  ASSERT_TRUE(stream.ReadUpTo(Do({MakePerson(102, true)})));
  EXPECT_TRUE(stream.seen().back().progress()) << "on no contract";
}

TEST_F(WatchDoctorsTest, WrongFiltersAndTokensAreRefused) {
  MakeHistory();
  Stream stream(channel_, Request(false));
  ASSERT_TRUE(stream.Read());
  const auto position = ReadResumeToken(TokenKind::kDoctorWatch, stream.token());
  ASSERT_TRUE(position);
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kAlertWatch, *position))), "RESUME_TOKEN_INVALID");
  v1::WatchDoctorsRequest other = Request(false, stream.token());
  other.mutable_filter()->add_hpr_numbers(101);
  EXPECT_EQ(ReasonOf(other), "RESUME_TOKEN_FILTER_MISMATCH");
  other.mutable_filter()->add_hpr_numbers(-1);
  EXPECT_EQ(ReasonOf(other), "INVALID_FIELD");
  other = Request(true);
  for (int32_t number = 1; number <= 1001; ++number) other.mutable_filter()->add_hpr_numbers(number);
  EXPECT_EQ(ReasonOf(other), "INVALID_FIELD");
}

TEST_F(WatchDoctorsTest, EveryDoctorToldIsInTheAccessLogFirst) {
  const auto logged = [this] {
    std::ifstream file(AccessLogPath());
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  Stream stream(channel_, Request(false));
  ASSERT_TRUE(stream.Read());
  EXPECT_EQ(logged().find("777001"), std::string::npos);
  ASSERT_TRUE(stream.ReadUpTo(Commit({MakePeriod(11, 1, 777'001)})));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  EXPECT_NE(logged().find("\"flosync.v1.DoctorService/WatchDoctors\""), std::string::npos) << logged();
  EXPECT_NE(logged().find("777001"), std::string::npos);
}

}  // namespace
}  // namespace flosync
