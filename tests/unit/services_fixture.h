// A daemon in small: store, core, publication and gRPC server in one process, with a few hand-made records.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "daemon/publication.h"
#include "daemon/services/errors.h"
#include "daemon/services/server.h"
#include "domain/text.h"
#include "state/core/core.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_maker.h"
#include "tests/unit/temp_directory.h"

#include "flosync/v1/alert_service.grpc.pb.h"
#include "flosync/v1/deviation_service.grpc.pb.h"
#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"
#include "flosync/v1/patient_list_service.grpc.pb.h"
#include "flosync/v1/snapshot_service.grpc.pb.h"
#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {

inline constexpr std::chrono::seconds kPatience(60);  // sanitizers are slow, machines busy

class ServicesTest : public ::testing::Test {
 protected:
  ServicesTest() {
    store_ = Store::Open(directory_.path()).value();
    core_ = Core::Open(store_.get(), &Geography::Shipped(), "epoch-1").value();
    publication_ = std::make_unique<Publication>(store_.get(), &Geography::Shipped());
  }
  ~ServicesTest() override {
    EndWriter();
    server_.reset();
  }

  void Serve(ServerOptions options = {}) {
    options.access_log = AccessLogPath();
    auto server = GrpcServer::Start(options, publication_.get(), &commands_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = NewChannel();
  }
  [[nodiscard]] std::string AccessLogPath() const { return directory_.path() + "/access_log.ndjson"; }
  // Carries out what services ask of the writer, on a thread of its own; until EndWriter the test must not commit.
  void StartWriter() {
    writer_ = std::thread([this] {
      while (!writer_ends_) {
        const auto command = commands_.Take();
        if (!command) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          continue;
        }
        absl::Status refused;
        const absl::Status committed = command->work(*core_, now_, refused);
        command->done(committed.ok() ? refused : committed);
      }
    });
  }
  void EndWriter() {
    writer_ends_ = true;
    if (writer_.joinable()) writer_.join();
    commands_.Close();
  }

  // A connection that shares nothing with others, with buffers that soon are full when nobody reads.
  [[nodiscard]] std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1 << 16);
    return grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments);
  }

  // Commits the changes as one revision, each as a record of its own, and publishes it. Gives the revision.
  int64_t Commit(std::vector<RegisterChange> changes) {
    CommitInput input;
    for (RegisterChange& change : changes) input.records.push_back(RecordOf(std::move(change)));
    return CommitAndPublish(std::move(input));
  }
  // Moves the clock on without any record.
  int64_t AdvanceTo(Instant now) {
    now_ = now;
    return CommitAndPublish({});
  }
  void Publish(bool ready = true) {
    DaemonStatus status;
    status.epoch = core_->epoch();
    status.revision = core_->revision();
    if (core_->clock() != Instant::Min()) status.synced_at = core_->clock();
    status.records = core_->counts();
    status.ready = ready;
    publication_->Publish(status);
  }

  [[nodiscard]] static Contract MakeContract(int64_t id, const std::string& municipality) {
    Contract contract;
    contract.id = id;
    contract.updated = *ParseWallTime("2020-01-01T00:00:00");
    contract.period = {Day(2020, 1, 1), Day::Max()};
    contract.municipality = municipality;
    contract.list_cap = 1000;
    return contract;
  }
  [[nodiscard]] static DoctorPeriod MakePeriod(int64_t id, int64_t contract_id, int32_t hpr_number,
                                               const std::string& relationship = "LPFL") {
    DoctorPeriod period;
    period.id = id;
    period.contract_id = contract_id;
    period.hpr_number = hpr_number;
    period.updated = *ParseWallTime("2020-01-01T00:00:00");
    period.period = {Day(2020, 1, 1), Day::Max()};
    period.relationship = relationship;
    period.percentage = 100;
    return period;
  }
  [[nodiscard]] static Person MakePerson(int32_t hpr_number, bool specialist, int16_t birth_year = 1980) {
    Person person;
    person.hpr_number = hpr_number;
    person.updated = *ParseWallTime("2020-01-01T12:00:00");
    person.birth_year = birth_year;
    person.sex = Sex::kFemale;
    Approval approval;
    approval.type = "1";
    approval.period = {Day(2010, 1, 1), Day::Max()};
    if (specialist) approval.specialities.push_back({"1", "7426", {Day(2015, 1, 1), Day::Max()}, "", {}, {}});
    person.approvals.push_back(approval);
    return person;
  }
  // Many lists in many municipalities, so that one revision has several hundred updates.
  [[nodiscard]] std::vector<RegisterChange> ManyContracts(int64_t first_id, size_t count) const {
    std::vector<RegisterChange> changes;
    const auto municipalities = Geography::Shipped().MunicipalitiesAt(Day(2025, 6, 1), 2025);
    for (size_t i = 0; i < count; ++i) {
      changes.emplace_back(
          MakeContract(first_id + static_cast<int64_t>(i), municipalities[i * 3 % municipalities.size()].number));
    }
    return changes;
  }

  [[nodiscard]] static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    context->set_wait_for_ready(true);
    return context;
  }
  [[nodiscard]] v1::QueryIndicatorsResponse QueryAll(const v1::IndicatorFilter& filter = {}) const {
    v1::QueryIndicatorsResponse all;
    v1::QueryIndicatorsRequest request;
    *request.mutable_filter() = filter;
    request.set_page_size(10'000);
    do {
      v1::QueryIndicatorsResponse page;
      const auto context = Context();
      const grpc::Status status =
          v1::IndicatorService::NewStub(channel_)->QueryIndicators(context.get(), request, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      if (!status.ok()) break;
      request.set_page_token(page.next_page_token());
      all.MergeFrom(page);
      all.clear_next_page_token();
      all.set_reference_date(page.reference_date());
    } while (!request.page_token().empty());
    return all;
  }
  // Waits until `holds`, for as long as patience lasts.
  template <typename Condition>
  [[nodiscard]] static bool Eventually(const Condition& holds) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  TempDirectory directory_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<Publication> publication_;
  WriterCommands commands_;
  std::atomic<bool> writer_ends_ = false;
  std::thread writer_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  Instant now_ = *ParseInstant("2025-06-01T10:00:00Z");
  int64_t next_offset_ = 0;  // of the next record, on every topic

 private:
  [[nodiscard]] DecodedRecord RecordOf(RegisterChange change) {
    constexpr std::array<Topic, 6> kTopics = {Topic::kPerson,       Topic::kContract, Topic::kDoctorPeriod,
                                              Topic::kPatientCount, Topic::kContract, Topic::kEvent};
    DecodedRecord record;
    record.outcome = RecordOutcome::kChanges;
    record.topic = kTopics.at(change.index());
    record.offset = next_offset_++;
    record.timestamp = now_;
    record.changes.push_back({std::move(change), 0});
    return record;
  }
  int64_t CommitAndPublish(CommitInput input) {
    now_.ms += 1000;
    input.now = now_;
    const auto result = core_->Commit(std::move(input));
    EXPECT_TRUE(result.ok()) << result.status();
    Publish();
    return result.ok() ? result->revision : -1;
  }
};

}  // namespace flosync
