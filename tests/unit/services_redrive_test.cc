// DeviationService.RedriveDeviations and the work behind it: the source asked, the writer handed what was found.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/redrive.h"
#include "state/core/pause.h"
#include "tests/support/refusals.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

// What is in the source: a record by its offset on flo.contract, as the mended decoder reads it.
struct Topics {
  std::map<int64_t, DecodedRecord> contracts;
  std::vector<size_t> asked;  // how many places each time
  absl::Status failed;
  std::atomic<bool> waits = false;
  std::atomic<bool> waiting = false;
};

class FakeFinder final : public RecordFinder {
 public:
  explicit FakeFinder(Topics* topics) : topics_(topics) {}
  absl::Status Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop, const Take& take) override {
    topics_->asked.push_back(places.size());
    while (topics_->waits) {
      topics_->waiting = true;
      if (stop) return absl::CancelledError("stopped");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (size_t i = 0; i < places.size(); ++i) {
      EXPECT_EQ(places[i].topic, "helfo.contracts") << "as the source names it";
      const auto found = topics_->contracts.find(places[i].offset);
      if (found == topics_->contracts.end()) continue;
      RawRecord raw;
      raw.topic = places[i].topic;
      raw.partition = places[i].partition;
      raw.offset = places[i].offset;
      raw.timestamp = found->second.timestamp;
      if (absl::Status taken = take(i, raw); !taken.ok()) return taken;
    }
    return topics_->failed;
  }

 private:
  Topics* const topics_;
};

class RedriveTest : public ServicesTest {
 protected:
  RedriveTest() {
    const auto decode = [this](const RawRecord& raw, const DecoderConfig&) { return topics_.contracts.at(raw.offset); };
    DecoderConfig config;
    config.topic_names[static_cast<size_t>(Topic::kContract)] = "helfo.contracts";
    redrive_ =
        std::make_unique<Redrive>(store_.get(), std::make_unique<FakeFinder>(&topics_), config, &commands_, decode);
  }
  ~RedriveTest() override {
    topics_.waits = false;
    EndWriter();
    server_.reset();  // before what it points to
  }

  void ServeAndWrite() {
    ServerOptions options;
    options.operations.redrive = redrive_.get();
    Serve(options);
    StartWriter();
  }
  // Contracts 1 to `count` at offsets from 0, refused; the source has them as they are.
  void Refuse(int64_t count) {
    CommitInput input;
    for (int64_t i = 0; i < count; ++i) {
      DecodedRecord record;
      record.outcome = RecordOutcome::kChanges;
      record.topic = Topic::kContract;
      record.offset = i;
      record.timestamp = now_;
      record.changes.push_back({MakeContract(i + 1, "0301"), 0});
      topics_.contracts[i] = record;
      input.records.push_back(AsRefused(record));
    }
    input.now = now_;
    ASSERT_TRUE(core_->Commit(std::move(input)).ok());
    Publish();
  }
  grpc::Status Ask(v1::RedriveDeviationsResponse& response, const std::string& by = "kari",
                   const std::string& reason = "decoder mended") const {
    v1::RedriveDeviationsRequest request;
    request.set_by(by);
    request.set_reason(reason);
    const auto context = Context();
    return v1::DeviationService::NewStub(channel_)->RedriveDeviations(context.get(), request, &response);
  }
  [[nodiscard]] size_t Kept() const { return ReadRefused(View(*store_), std::nullopt, 1'000'000)->size(); }

  Topics topics_;
  std::unique_ptr<Redrive> redrive_;
};

TEST_F(RedriveTest, TellsWhatCameOfEachRefusedRecord) {
  Refuse(4);
  topics_.contracts[1] = AsRefused(topics_.contracts[1]);
  topics_.contracts.erase(2);
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  const grpc::Status status = Ask(response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.read_again(), 3);
  EXPECT_EQ(response.taken(), 2);
  EXPECT_EQ(response.still_refused(), 1);
  EXPECT_EQ(response.gone(), 1);
  EXPECT_EQ(response.revision(), 2);
  EXPECT_EQ(Kept(), 2U) << "what is refused still, and what is gone, is looked for the next time";
  // Nothing has changed since.
  ASSERT_TRUE(Ask(response).ok());
  EXPECT_EQ(response.read_again(), 1);
  EXPECT_EQ(response.taken(), 0);
  EXPECT_EQ(response.gone(), 1);
  EndWriter();
  EXPECT_EQ(core_->reg().contracts().size(), 2U);
  EXPECT_EQ(core_->counts().refused, 2);
}

TEST_F(RedriveTest, NothingRefusedIsNothingToDo) {
  Commit({MakeContract(1, "0301")});
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  ASSERT_TRUE(Ask(response).ok());
  EXPECT_EQ(response.read_again() + response.gone() + response.revision(), 0);
  EXPECT_TRUE(topics_.asked.empty());
}

TEST_F(RedriveTest, ManyRecordsAreReadInSlices) {
  Refuse(2500);
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  ASSERT_TRUE(Ask(response).ok());
  EXPECT_EQ(response.taken(), 2500);
  EXPECT_EQ(topics_.asked, (std::vector<size_t>{1000, 1000, 500}));
  EXPECT_EQ(response.revision(), 4);
  EXPECT_EQ(Kept(), 0U);
}

TEST_F(RedriveTest, RecordsThatTogetherAreLargeAreHandedOverEarlier) {
  Refuse(10);
  for (auto& [offset, record] : topics_.contracts) record.value_bytes = int64_t{4} << 20;
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  ASSERT_TRUE(Ask(response).ok());
  EXPECT_EQ(response.taken(), 10);
  EXPECT_EQ(response.revision(), 4) << "four, four and two records";
}

// A topic that was made anew has other records at the same offsets.
TEST_F(RedriveTest, ARecordOfALaterTimeIsNotTheOneThatWasRefused) {
  Refuse(2);
  topics_.contracts[1].timestamp.ms += 1;
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  ASSERT_TRUE(Ask(response).ok());
  EXPECT_EQ(response.taken(), 1);
  EXPECT_EQ(response.gone(), 1);
}

TEST_F(RedriveTest, WhoAndWhyAreAskedForAndHoldNoIdentityNumber) {
  Refuse(1);
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  EXPECT_EQ(ReasonOf(Ask(response, "", "why")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Ask(response, "kari", " ")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Ask(response, "kari", "about 12837520264")), "INVALID_FIELD");
  EXPECT_EQ(Kept(), 1U);
}

TEST_F(RedriveTest, APauseLetsNothingTakeEffect) {
  Refuse(1);
  absl::Status refused;
  const auto pause = [](Core&, const View& view, Batch& batch) {
    return PauseSync(view, {{1000}, "ola", "a test"}, batch);
  };
  ASSERT_TRUE(core_->CommitChange(pause, refused).ok());
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  EXPECT_EQ(ReasonOf(Ask(response)), "SYNC_PAUSED");
  EXPECT_TRUE(topics_.asked.empty());
  EXPECT_EQ(Kept(), 1U);
}

TEST_F(RedriveTest, APauseThatBeginsMeanwhileHoldsUpWhatWasFound) {
  Refuse(1);
  topics_.waits = true;
  ServeAndWrite();
  grpc::Status status;
  std::thread asking([&] {
    v1::RedriveDeviationsResponse response;
    status = Ask(response);
  });
  ASSERT_TRUE(Eventually([this] { return topics_.waiting.load(); }));
  v1::PauseSyncRequest request;
  request.set_by("ola");
  request.set_reason("a test");
  v1::PauseSyncResponse paused;
  const auto context = Context();
  EXPECT_TRUE(v1::SyncService::NewStub(channel_)->PauseSync(context.get(), request, &paused).ok());
  topics_.waits = false;
  asking.join();
  EXPECT_EQ(ReasonOf(status), "SYNC_PAUSED");
  EXPECT_EQ(Kept(), 1U);
}

TEST_F(RedriveTest, OneAtATime) {
  Refuse(1);
  topics_.waits = true;
  ServeAndWrite();
  v1::RedriveDeviationsResponse first;
  grpc::Status status;
  std::thread asking([&] { status = Ask(first); });
  ASSERT_TRUE(Eventually([this] { return topics_.waiting.load(); }));
  v1::RedriveDeviationsResponse second;
  const grpc::Status refused = Ask(second);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "REDRIVE_RUNNING");
  topics_.waits = false;
  asking.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(first.taken(), 1);
  ASSERT_TRUE(Ask(second).ok()) << "the next one may run";
}

TEST_F(RedriveTest, ACallThatIsGivenUpIsCarriedOutAllTheSame) {
  Refuse(1);
  topics_.waits = true;
  ServeAndWrite();
  v1::RedriveDeviationsRequest request;
  request.set_by("kari");
  request.set_reason("a test");
  grpc::ClientContext context;
  std::thread asking([&] {
    v1::RedriveDeviationsResponse response;
    (void)v1::DeviationService::NewStub(channel_)->RedriveDeviations(&context, request, &response);
  });
  ASSERT_TRUE(Eventually([this] { return topics_.waiting.load(); }));
  context.TryCancel();
  asking.join();
  topics_.waits = false;
  EXPECT_TRUE(Eventually([this] { return Kept() == 0; }));
}

TEST_F(RedriveTest, ASourceThatCannotBeAskedIsSaid) {
  Refuse(1);
  topics_.contracts.clear();
  topics_.failed = absl::UnavailableError("the brokers are away; try again");
  ServeAndWrite();
  v1::RedriveDeviationsResponse response;
  const grpc::Status status = Ask(response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the brokers are away; try again");
}

TEST_F(RedriveTest, AShutdownEndsIt) {
  Refuse(1);
  topics_.waits = true;
  ServeAndWrite();
  grpc::Status status;
  std::thread asking([&] {
    v1::RedriveDeviationsResponse response;
    status = Ask(response);
  });
  ASSERT_TRUE(Eventually([this] { return topics_.waiting.load(); }));
  EndWriter();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  asking.join();
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Kept(), 1U);
}

TEST_F(RedriveTest, WithoutASourceItIsRefused) {
  Commit({MakeContract(1, "0301")});
  Serve();
  v1::RedriveDeviationsResponse response;
  EXPECT_EQ(ReasonOf(Ask(response)), "SOURCE_NOT_THERE");
}

}  // namespace
}  // namespace flosync
