// WatchIndicators: the six guarantees, over resumption, filters, slow consumers, cancellation and shutdown.
#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "daemon/services/tokens.h"
#include "state/store/keys.h"
#include "tests/support/watch_validators.h"
#include "tests/unit/services_fixture.h"

#include "flosync/store/v1/stored.pb.h"

namespace flosync {
namespace {

// One connection of a consumer.
class Watcher {
 public:
  Watcher(const std::shared_ptr<grpc::Channel>& channel, const v1::WatchIndicatorsRequest& request)
      : stub_(v1::IndicatorService::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->WatchIndicators(&context_, request);
  }
  ~Watcher() { Cancel(); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // False when the stream has ended.
  bool Read() {
    v1::WatchIndicatorsResponse message;
    if (!stream_->Read(&message)) return false;
    seen_.push_back(std::move(message));
    return true;
  }
  bool Read(size_t messages) {
    while (messages-- > 0) {
      if (!Read()) return false;
    }
    return true;
  }
  // Reads until all up to the revision is said to have been sent.
  bool ReadUpTo(int64_t revision) {
    do {
      if (!Read()) return false;
    } while (seen_.back().revision() < revision || !(seen_.back().progress() || seen_.back().revision_complete()));
    return true;
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() { return stream_->Finish(); }
  // How the stream ends, when it has no more messages.
  grpc::Status End() {
    while (Read()) {
    }
    return Finish();
  }
  [[nodiscard]] const SeenConnection& seen() const { return seen_; }
  [[nodiscard]] const std::string& token() const { return seen_.back().resume_token(); }

 private:
  std::unique_ptr<v1::IndicatorService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchIndicatorsResponse>> stream_;
  SeenConnection seen_;
};

class WatchTest : public ServicesTest {
 protected:
  static v1::WatchIndicatorsRequest Request(bool initial_state = false, const std::string& token = "",
                                            const v1::IndicatorFilter& filter = {}) {
    v1::WatchIndicatorsRequest request;
    *request.mutable_filter() = filter;
    request.set_initial_state(initial_state);
    request.set_resume_token(token);
    request.mutable_progress_interval()->set_nanos(100'000'000);
    return request;
  }
  // Commits and notes what that did to the figures.
  int64_t Do(std::vector<RegisterChange> changes) {
    const int64_t revision = Commit(std::move(changes));
    Note();
    return revision;
  }
  void Note() {
    const auto all = QueryAll(filter_);
    truth_.Note(all.revision(), all.rows());
  }
  // Revisions small and large: of one update, of several messages, of none.
  void MakeHistory() {
    Do({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    Do(ManyContracts(100, 40));
    Do({MakePerson(999, false)});  // on no list: a revision without updates
    Do({MakeContract(2, "4601")});
    Do(ManyContracts(200, 60));
    Do({MakePeriod(12, 2, 102), MakePerson(102, false, 1950)});
    Do({Deletion{{EntityKind::kContract, 1}}});
  }
  [[nodiscard]] grpc::Status EndOf(const v1::WatchIndicatorsRequest& request) const {
    Watcher watcher(channel_, request);
    return watcher.End();
  }
  [[nodiscard]] std::string ReasonOf(const v1::WatchIndicatorsRequest& request, grpc::StatusCode code) const {
    const grpc::Status status = EndOf(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    return ReadErrorDetails(status).reason;
  }
  // The token of a stream that begins now.
  [[nodiscard]] std::string TokenNow(const v1::IndicatorFilter& filter = {}) const {
    Watcher watcher(channel_, Request(false, "", filter));
    EXPECT_TRUE(watcher.Read());
    return watcher.token();
  }
  [[nodiscard]] ResumePosition PositionNow() const { return *ReadResumeToken(TokenNow()); }

  v1::IndicatorFilter filter_;
  WatchTruth truth_;
};

TEST_F(WatchTest, TellsChangesAsTheyHappen) {
  Serve();
  Do({MakeContract(1, "0301")});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  EXPECT_TRUE(watcher.seen().front().progress());
  EXPECT_EQ(watcher.seen().front().revision(), 1);
  MakeHistory();
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchTest, UpdateSaysWhatWhenAndWhy) {
  Serve();
  Do({MakeContract(1, "0301")});
  v1::IndicatorFilter filter;
  filter.add_measures("list_count");
  filter.add_breakdowns("all");
  filter.add_area_codes("0301");
  Watcher watcher(channel_, Request(false, "", filter));
  ASSERT_TRUE(watcher.Read());
  const int64_t revision = Do({MakeContract(2, "0301")});
  ASSERT_TRUE(watcher.ReadUpTo(revision));
  const auto& message = watcher.seen().back();
  ASSERT_EQ(message.updates_size(), 1);
  const auto& update = message.updates(0);
  EXPECT_EQ(update.old_row().value(), "1");
  EXPECT_EQ(update.new_row().value(), "2");
  EXPECT_EQ(update.new_row().area().name(), "Oslo");
  EXPECT_EQ(update.new_row().area().level(), v1::LEVEL_MUNICIPALITY);
  EXPECT_EQ(update.reference_date(), "2025-06-01");
  EXPECT_EQ(update.record().topic(), "flo.contract");
  EXPECT_EQ(update.record().offset(), 1);
  EXPECT_EQ(update.record().known_from().seconds(), 1748772001);
}

TEST_F(WatchTest, ClockIsACause) {
  Serve();
  Contract ending = MakeContract(1, "0301");
  ending.period.to = Day(2025, 6, 2);
  Do({ending});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  AdvanceTo(*ParseInstant("2025-06-02T10:00:00Z"));
  Note();
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({watcher.seen()}, truth_);
  size_t updates = 0;
  for (const auto& message : watcher.seen()) {
    for (const auto& update : message.updates()) {
      ++updates;
      EXPECT_TRUE(update.clock());
      EXPECT_EQ(update.reference_date(), "2025-06-02");
    }
  }
  EXPECT_GT(updates, 0U);
}

TEST_F(WatchTest, InitialStateIsWholeAndThenComeTheChanges) {
  Serve();
  MakeHistory();
  Watcher watcher(channel_, Request(true));
  ASSERT_TRUE(watcher.Read(5));  // within the initial state, which has more than a hundred messages
  EXPECT_EQ(watcher.seen().front().revision(), 0) << "nothing has been sent yet";
  EXPECT_EQ(watcher.seen().back().updates_size(), 100);
  Do({MakeContract(3, "5001")});
  Do(ManyContracts(300, 30));
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  EXPECT_GT(watcher.seen().size(), 100U);
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchTest, TokenFromWithinTheInitialStateStartsItAgain) {
  Serve();
  MakeHistory();
  Watcher first(channel_, Request(true));
  ASSERT_TRUE(first.Read(7));
  Do({MakeContract(3, "5001")});
  Watcher second(channel_, Request(false, first.token()));
  ASSERT_TRUE(second.ReadUpTo(core_->revision()));
  EXPECT_TRUE(second.seen()[1].initial_state());
  EXPECT_EQ(second.seen()[1].revision(), core_->revision());
  ExpectAllGuarantees({first.seen(), second.seen()}, truth_);
}

TEST_F(WatchTest, EmptyInitialStateIsComplete) {
  Serve();
  MakeHistory();
  v1::IndicatorFilter nothing;
  nothing.add_measures("list_unstaffed_share");
  nothing.add_breakdowns("lt40");  // of another measure
  Watcher watcher(channel_, Request(true, "", nothing));
  ASSERT_TRUE(watcher.Read(2));
  EXPECT_TRUE(watcher.seen()[1].initial_state());
  EXPECT_TRUE(watcher.seen()[1].revision_complete());
  EXPECT_EQ(watcher.seen()[1].updates_size(), 0);
}

// Every message boundary, those within a revision included.
TEST_F(WatchTest, ResumesAtEveryMessage) {
  Serve();
  const std::string start = TokenNow();
  MakeHistory();
  Watcher whole(channel_, Request(false, start));
  ASSERT_TRUE(whole.ReadUpTo(core_->revision()));
  truth_.revisions[1].clear();  // there were no figures before it; its updates are those of the stream
  for (const auto& message : whole.seen()) {
    if (message.revision() != 1) continue;
    for (const auto& update : message.updates()) {
      truth_.revisions[1].push_back(
          {FigureName(update.new_row()), update.old_row().SerializeAsString(), update.new_row().SerializeAsString()});
    }
  }
  ExpectAllGuarantees({whole.seen()}, truth_);
  size_t mid_revision = 0;
  for (size_t cut = 0; cut < whole.seen().size(); ++cut) {
    SCOPED_TRACE(cut);
    const SeenConnection before(whole.seen().begin(), whole.seen().begin() + static_cast<std::ptrdiff_t>(cut) + 1);
    mid_revision += before.back().updates_size() > 0 && !before.back().revision_complete();
    Watcher rest(channel_, Request(false, before.back().resume_token()));
    ASSERT_TRUE(rest.ReadUpTo(core_->revision()));
    ExpectAllGuarantees({before, rest.seen()}, truth_);
  }
  EXPECT_GT(mid_revision, 3U);
}

TEST_F(WatchTest, ResumesAfterEachMessageInTurn) {
  Serve();
  Do({MakeContract(1, "0301")});
  const std::string start = TokenNow();
  MakeHistory();
  SeenHistory history;
  std::string token = start;
  int64_t complete = 0;
  while (complete < core_->revision()) {
    Watcher one(channel_, Request(false, token));
    ASSERT_TRUE(one.Read(2));
    token = one.token();
    if (one.seen().back().progress() || one.seen().back().revision_complete()) complete = one.seen().back().revision();
    history.push_back(one.seen());
  }
  EXPECT_GT(history.size(), 8U);
  ExpectAllGuarantees(history, truth_);
}

TEST_F(WatchTest, ResumesAfterARestartOfTheServer) {
  Serve();
  Do({MakeContract(1, "0301")});
  Watcher before(channel_, Request());
  ASSERT_TRUE(before.Read());
  Do(ManyContracts(100, 40));
  ASSERT_TRUE(before.Read());
  server_.reset();
  EXPECT_EQ(before.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  Serve();
  Do({MakeContract(2, "4601")});
  Watcher after(channel_, Request(false, before.token()));
  ASSERT_TRUE(after.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({before.seen(), after.seen()}, truth_);
}

TEST_F(WatchTest, FilteredStreamSendsWhatMatchesAndProgressOfTheRest) {
  Serve();
  filter_.add_levels(v1::LEVEL_NATION);
  filter_.add_levels(v1::LEVEL_COUNTY);
  filter_.add_definitions("nki-gp-specialist/3.0");
  Do({MakeContract(1, "0301")});
  Watcher watcher(channel_, Request(true, "", filter_));
  MakeHistory();
  const int64_t last = Do({MakeContract(77, "4601")});  // changes no figure of the filter
  ASSERT_TRUE(watcher.ReadUpTo(last));
  EXPECT_TRUE(watcher.seen().back().progress());
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchTest, ProgressComesAtItsInterval) {
  Serve();
  Do({MakeContract(1, "0301")});
  const auto begun = std::chrono::steady_clock::now();
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read(4));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(290));
  for (const auto& message : watcher.seen()) EXPECT_TRUE(message.progress());
}

TEST_F(WatchTest, NewYearsStructureIsOneRevision) {
  now_ = *ParseInstant("2023-12-31T10:00:00Z");
  Serve();
  // Larvik and Skien were of Vestfold og Telemark (38) until 2024.
  Do({MakeContract(1, "3805"), MakeContract(2, "3807")});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  const int64_t revision = AdvanceTo(*ParseInstant("2024-01-01T10:00:00Z"));
  ASSERT_TRUE(watcher.ReadUpTo(revision));
  std::map<std::string, std::string> state;
  bool old_area_ends = false;
  bool new_area_begins = false;
  for (const auto& message : watcher.seen()) {
    for (const auto& update : message.updates()) {
      old_area_ends |= update.old_row().area().code() == "38" && !update.has_new_row();
      new_area_begins |= update.new_row().area().code() == "39" && !update.has_old_row();
    }
  }
  EXPECT_TRUE(old_area_ends);
  EXPECT_TRUE(new_area_begins);
  // A filter may name an area that is gone: a stream resumed after the change has it.
  v1::IndicatorFilter filter;
  filter.add_area_codes("3805");
  Watcher old_area(channel_, Request(false, "", filter));
  EXPECT_TRUE(old_area.Read());
}

TEST_F(WatchTest, RefusalsByName) {
  Serve();
  EXPECT_EQ(ReasonOf(Request(true), grpc::StatusCode::UNAVAILABLE), "NOT_READY") << "before the first commit";
  MakeHistory();
  const auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
  EXPECT_EQ(ReasonOf(Request(false, "garbage"), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, TokenNow() + "AAAA"), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, std::string(5000, 'A')), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, WritePageToken(TokenKind::kIndicatorPage, "", "x")), kInvalid),
            "RESUME_TOKEN_INVALID");
  v1::IndicatorFilter other;
  other.add_measures("list_count");
  EXPECT_EQ(ReasonOf(Request(false, TokenNow(other)), kInvalid), "RESUME_TOKEN_FILTER_MISMATCH");

  ResumePosition position = PositionNow();
  position.revision += 1;
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(position)), kInvalid), "RESUME_TOKEN_INVALID") << "the future";
  position = PositionNow();
  position.index = 100'000;
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(position)), kInvalid), "RESUME_TOKEN_INVALID") << "no such update";
  position = PositionNow();
  position.epoch = "epoch-0";
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(position)), grpc::StatusCode::FAILED_PRECONDITION),
            "STORE_EPOCH_CHANGED");

  v1::WatchIndicatorsRequest request = Request();
  request.mutable_filter()->add_area_codes("9999");
  request.mutable_filter()->add_measures("nonsense");
  const grpc::Status status = EndOf(request);
  EXPECT_EQ(ReadErrorDetails(status).reason, "FILTER_INVALID");
  ASSERT_EQ(ReadErrorDetails(status).violations.size(), 2U);
  EXPECT_EQ(ReadErrorDetails(status).violations[0].field, "filter.measures[0]");
  EXPECT_EQ(ReadErrorDetails(status).violations[1].field, "filter.area_codes[0]");
  for (const int64_t seconds : {int64_t{-1}, int64_t{0}, int64_t{3601}, INT64_MAX}) {
    request = Request();
    request.mutable_progress_interval()->set_seconds(seconds);
    request.mutable_progress_interval()->set_nanos(0);
    EXPECT_EQ(ReasonOf(request, kInvalid), "INVALID_FIELD");
  }
}

TEST_F(WatchTest, FilterMayNameTheSameInAnotherOrder) {
  Serve();
  MakeHistory();
  v1::IndicatorFilter one;
  one.add_measures("list_count");
  one.add_measures("gp_count");
  v1::IndicatorFilter same;
  same.add_measures("gp_count");
  same.add_measures("list_count");
  same.add_measures("gp_count");
  Watcher watcher(channel_, Request(false, TokenNow(one), same));
  EXPECT_TRUE(watcher.Read());
}

TEST_F(WatchTest, PositionNoLongerRetainedIsRefused) {
  Serve();
  MakeHistory();
  ResumePosition position = PositionNow();
  Batch batch(*store_);
  batch.Put(Family::kMeta, "feed_oldest", KeyBuilder().Number64(4).Take());
  batch.DeleteRange(Family::kFeed, FeedKey(0, 0), FeedKey(4, 0));
  ASSERT_TRUE(store_->Commit(batch).ok());
  position.revision = 3;  // all after it is there
  Watcher watcher(channel_, Request(false, WriteResumeToken(position)));
  EXPECT_TRUE(watcher.ReadUpTo(core_->revision()));
  position.index = 1;  // something of revision 3 is missing
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(position)), grpc::StatusCode::OUT_OF_RANGE),
            "RESUME_TOKEN_EXPIRED");
  position = {position.epoch, position.filter_hash, 2, 0, false};
  const grpc::Status status = EndOf(Request(false, WriteResumeToken(position)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReadErrorDetails(status).metadata.at("oldest_revision"), "4");
}

// The feed is long and little of it matches: the stream reads on, in turns, and finds it.
TEST_F(WatchTest, LongStretchesWithoutAMatchAreReadThrough) {
  Serve();
  Do({MakeContract(1, "0301")});
  v1::IndicatorFilter filter;
  filter.add_measures("list_count");
  const std::string token = TokenNow(filter);
  store::v1::StoredUpdate update;
  update.set_area_code("NO");
  update.set_definition("gp-statistics/1.0");
  update.set_breakdown("all");
  update.mutable_before()->set_numerator(1);
  update.mutable_after()->set_numerator(2);
  constexpr int32_t kUpdates = 25'000;
  Batch batch(*store_);
  for (int32_t i = 1; i <= kUpdates; ++i) {
    // Most are of another measure, one of a measure that is no longer published, the last one is asked for.
    update.set_measure(i == 1 ? "gone" : i == kUpdates ? "list_count" : "persons_listed");
    batch.Put(Family::kFeed, FeedKey(2, i), update.SerializeAsString());
  }
  store::v1::StoredRevision revision;
  revision.set_updates(kUpdates);
  batch.Put(Family::kFeed, FeedKey(2, 0), revision.SerializeAsString());
  batch.Put(Family::kMeta, "revision", KeyBuilder().Number64(2).Take());
  ASSERT_TRUE(store_->Commit(batch).ok());
  Watcher watcher(channel_, Request(false, token, filter));
  ASSERT_TRUE(watcher.ReadUpTo(2));
  EXPECT_EQ(watcher.seen().back().updates_size(), 1);
  EXPECT_TRUE(watcher.seen().back().revision_complete());
}

TEST_F(WatchTest, DamagedFeedEndsTheStream) {
  Serve();
  Do({MakeContract(1, "0301")});
  const std::string token = TokenNow();
  Batch batch(*store_);
  batch.Put(Family::kFeed, FeedKey(2, 1), "\xff\xff");
  batch.Put(Family::kMeta, "revision", KeyBuilder().Number64(2).Take());
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_EQ(EndOf(Request(false, token)).error_code(), grpc::StatusCode::DATA_LOSS);
}

TEST_F(WatchTest, StreamsBeyondTheLimitsAreRefused) {
  ServerOptions options;
  options.max_streams_per_client = 2;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher first(channel_, Request());
  ASSERT_TRUE(first.Read());
  {
    Watcher second(channel_, Request());
    ASSERT_TRUE(second.Read());
    const grpc::Status status = EndOf(Request());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReadErrorDetails(status).reason, "TOO_MANY_STREAMS");
    EXPECT_TRUE(ReadErrorDetails(status).retry_after.has_value());
  }
  ASSERT_TRUE(Eventually([&] { return server_->open_streams() == 1; })) << "a place is given back";
  Watcher third(channel_, Request());
  EXPECT_TRUE(third.Read());
}

TEST_F(WatchTest, AllStreamsTogetherAreLimited) {
  ServerOptions options;
  options.max_streams = 1;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher first(channel_, Request());
  ASSERT_TRUE(first.Read());
  EXPECT_EQ(ReasonOf(Request(), grpc::StatusCode::RESOURCE_EXHAUSTED), "TOO_MANY_STREAMS");
}

TEST_F(WatchTest, CancelledStreamsFreeEverything) {
  Serve();
  MakeHistory();
  for (int round = 0; round < 8; ++round) {
    std::vector<std::unique_ptr<Watcher>> watchers;
    for (int i = 0; i < 10; ++i) {
      watchers.push_back(std::make_unique<Watcher>(channel_, Request(i % 2 == 0)));
      // Some before their first message, some within the initial state, some with a message in flight.
      if (i % 5 != 0) {
        EXPECT_TRUE(watchers.back()->Read(static_cast<size_t>(i % 5)));
      }
      if (i % 3 == 0) watchers.back()->Cancel();
    }
    if (round % 4 == 0) Commit({MakeContract(1000 + round, "0301")});
  }
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(WatchTest, SlowConsumerHoldsNobodyAndMissesNothing) {
  ServerOptions options;
  options.stream_threads = 1;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher slow(NewChannel(), Request(true));
  ASSERT_TRUE(slow.Read());  // and no more for now: what follows exceeds what the connection buffers
  Watcher quick(channel_, Request());
  ASSERT_TRUE(quick.Read());
  for (int i = 0; i < 6; ++i) {
    const int64_t revision = Do(ManyContracts(1000 + 100 * i, 50));
    ASSERT_TRUE(quick.ReadUpTo(revision)) << "held up by the slow one";
  }
  ExpectAllGuarantees({quick.seen()}, truth_);
  ASSERT_TRUE(slow.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({slow.seen()}, truth_);
}

// Commits go on while consumers come and go and are resumed wherever they were cut.
TEST_F(WatchTest, GuaranteesHoldWhileEverythingMoves) {
  Serve();
  Do({MakeContract(1, "0301")});
  constexpr int kConsumers = 3;
  constexpr int64_t kLast = 15;
  std::vector<std::future<SeenHistory>> consumers;
  std::atomic<int> started = 0;
  for (int c = 0; c < kConsumers; ++c) {
    consumers.push_back(std::async(std::launch::async, [&, c] {
      SeenHistory history;
      std::string token;
      int64_t complete = 0;
      while (complete < kLast) {
        Watcher watcher(channel_, Request(false, token));
        for (int i = 0; i < 3 + c * 4 && complete < kLast && watcher.Read(); ++i) {
          const auto& message = watcher.seen().back();
          if (message.progress() || message.revision_complete()) complete = message.revision();
          if (history.empty() && i == 0) ++started;
        }
        if (watcher.seen().empty()) break;
        token = watcher.token();
        history.push_back(watcher.seen());
      }
      return history;
    }));
  }
  ASSERT_TRUE(Eventually([&] { return started == kConsumers; }));
  while (core_->revision() < kLast) {
    const int64_t next = core_->revision();
    Do(next % 3 == 0 ? ManyContracts(1000 * next, 40) : std::vector<RegisterChange>{MakeContract(next + 10, "1103")});
  }
  for (auto& consumer : consumers) {
    const SeenHistory history = consumer.get();
    ASSERT_FALSE(history.empty());
    ExpectAllGuarantees(history, truth_);
  }
}

TEST_F(WatchTest, ShutdownEndsStreamsWithUnavailable) {
  Serve();
  MakeHistory();
  Watcher idle(channel_, Request());
  ASSERT_TRUE(idle.Read());
  Watcher within(channel_, Request(true));
  ASSERT_TRUE(within.Read(3));
  std::thread stopper([&] { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(20)); });
  for (Watcher* watcher : {&idle, &within}) {
    const grpc::Status status = watcher->End();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReadErrorDetails(status).reason, "DAEMON_STOPPING");
    EXPECT_TRUE(ReadResumeToken(watcher->token()).has_value());
  }
  stopper.join();
}

TEST_F(WatchTest, ShutdownKeepsItsDeadlineWithAStalledConsumer) {
  Serve();
  MakeHistory();
  Watcher stalled(channel_, Request(true));
  ASSERT_TRUE(stalled.Read());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // until the connection's buffers are full
  const auto begun = std::chrono::steady_clock::now();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(450)) << "the consumer was not stalled";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(server_->open_streams(), 0);
}

}  // namespace
}  // namespace flosync
