// What the tests of watch methods share: one connection of a consumer, and a daemon that notes what it did.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/services/tokens.h"
#include "tests/support/watch_validators.h"
#include "tests/unit/services_fixture.h"

namespace flosync {

// One connection of a consumer to the watch method `kMethod` of a service.
template <typename Service, typename Request, typename Response, auto kMethod>
class Connection {
 public:
  Connection(const std::shared_ptr<grpc::Channel>& channel, const Request& request) : stub_(Service::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = (stub_.get()->*kMethod)(&context_, request);
  }
  ~Connection() { Cancel(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False when the stream has ended.
  bool Read() {
    Response message;
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
  [[nodiscard]] const std::vector<Response>& seen() const { return seen_; }
  [[nodiscard]] const std::string& token() const { return seen_.back().resume_token(); }

 private:
  std::unique_ptr<typename Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> stream_;
  std::vector<Response> seen_;
};

// A message of another stream as one of figures, so that the validators can look at it: `convert` makes an update of
// one.
template <typename Response, typename Convert>
v1::WatchIndicatorsResponse AsFigures(const Response& in, const Convert& convert) {
  v1::WatchIndicatorsResponse out;
  out.set_resume_token(in.resume_token());
  out.set_revision(in.revision());
  out.set_revision_complete(in.revision_complete());
  out.set_initial_state(in.initial_state());
  out.set_progress(in.progress());
  for (const auto& update : in.updates()) convert(update, out.add_updates());
  return out;
}

using Watcher = Connection<v1::IndicatorService, v1::WatchIndicatorsRequest, v1::WatchIndicatorsResponse,
                           &v1::IndicatorService::Stub::WatchIndicators>;

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
  [[nodiscard]] ResumePosition PositionNow() const { return *ReadResumeToken(TokenKind::kIndicatorWatch, TokenNow()); }

  v1::IndicatorFilter filter_;
  WatchTruth truth_;
};

}  // namespace flosync
