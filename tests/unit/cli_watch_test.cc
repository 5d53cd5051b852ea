#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/services/errors.h"
#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::WatchIndicatorsResponse Progress(const std::string& token) {
  v1::WatchIndicatorsResponse message;
  message.set_resume_token(token);
  message.set_progress(true);
  return message;
}

v1::WatchIndicatorsResponse Updates(const std::string& token, int count) {
  v1::WatchIndicatorsResponse message;
  message.set_resume_token(token);
  message.set_revision(18);
  message.set_revision_complete(true);
  for (int i = 0; i < count; ++i) {
    auto* update = message.add_updates();
    *update->mutable_old_row() = Row("5501", "Tromsø", 8, 13);
    *update->mutable_new_row() = Row("5501", "Tromsø", 9, 13);
    update->mutable_record()->set_topic("hpr.person");
    update->mutable_record()->set_offset(17 + i);
  }
  return message;
}

TEST(WatchCommand, GoesOnWithTheTokenAfterABreak) {
  FakeDaemon daemon;
  std::mutex mutex;
  std::vector<std::string> tokens;
  daemon.watch = [&](const v1::WatchIndicatorsRequest& in, grpc::ServerContext*, auto* writer) {
    const std::lock_guard lock(mutex);
    tokens.push_back(in.resume_token());
    if (tokens.size() == 1) {
      writer->Write(Progress("a"));
      writer->Write(Updates("b", 1));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
    }
    writer->Write(Progress("b"));
    writer->Write(Updates("c", 3));
    return grpc::Status::OK;
  };
  const Ran ran = daemon.Ask({"watch", "--initial-state", "--count", "4"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(tokens, ElementsAre("", "b"));
  EXPECT_EQ(Lines(ran.out), 4U);
  EXPECT_THAT(ran.out,
              HasSubstr("  5501 Tromsø  gp_specialist_share.all  61.5 % (8/13) → 69.2 % (9/13)  hpr.person/0/17\n"));
  EXPECT_THAT(ran.err, HasSubstr("lost the daemon at " + daemon.address()));
  EXPECT_THAT(ran.err, HasSubstr("go on from here with --resume-token c\n"));
}

TEST(WatchCommand, ATokenNeverSkipsWhatWasNotPrinted) {
  FakeDaemon daemon;
  daemon.watch = [](const auto&, auto*, auto* writer) {
    writer->Write(Progress("a"));
    writer->Write(Updates("b", 3));
    return grpc::Status::OK;
  };
  const Ran ran = daemon.Ask({"watch", "--count", "2", "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Lines(ran.out), 2U);
  EXPECT_THAT(
      ran.out,
      StartsWith(R"({"resume_token":"a","revision":18,"revision_complete":false,"initial_state":false,"old_row":{)"));
  EXPECT_THAT(ran.err, HasSubstr("--resume-token a\n"));
  const Ran all = daemon.Ask({"watch", "--count", "3", "--output", "json"});
  EXPECT_THAT(all.out, HasSubstr(R"({"resume_token":"b","revision":18,"revision_complete":true,)"));
  EXPECT_THAT(all.err, HasSubstr("--resume-token b\n"));
}

TEST(WatchCommand, CsvNamesOldAndNew) {
  FakeDaemon daemon;
  daemon.watch = [](const auto&, auto*, auto* writer) {
    writer->Write(Updates("b", 1));
    return grpc::Status::OK;
  };
  EXPECT_EQ(
      daemon.Ask({"watch", "--count", "1", "--output", "csv"}).out,
      "revision,initial_state,reference_date,definition,level,area_code,area_name,measure,breakdown,unit,"
      "old_numerator,old_denominator,old_value,old_flags,new_numerator,new_denominator,new_value,new_flags,cause\n"
      "18,false,,nki-gp-specialist/3.0,municipality,5501,Tromsø,gp_specialist_share,all,percent,8,13,61.5,,9,13,69.2,,"
      "hpr.person/0/17\n");
}

TEST(WatchCommand, ARefusalIsFinal) {
  FakeDaemon daemon;
  daemon.watch = [](const v1::WatchIndicatorsRequest& in, auto*, auto*) {
    EXPECT_EQ(in.resume_token(), "old");
    return Refusal(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED", "too old; begin with --initial-state");
  };
  const Ran ran = daemon.Ask({"watch", "--resume-token", "old"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "flosync: too old; begin with --initial-state (RESUME_TOKEN_EXPIRED)\n");
}

TEST(WatchCommand, WaitsForADaemonThatSaysComeAgain) {
  FakeDaemon daemon;
  int asked = 0;
  daemon.watch = [&asked](const auto&, auto*, auto* writer) {
    if (++asked == 1) return NotReady();
    writer->Write(Updates("b", 1));
    return grpc::Status::OK;
  };
  const Ran ran = daemon.Ask({"watch", "--count", "1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("trying again"));
}

TEST(WatchCommand, GivesUpAfterTheTimeGiven) {
  FakeDaemon daemon;
  daemon.watch = [](const auto&, auto*, auto* writer) {
    writer->Write(Progress("a"));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
  };
  const Ran ran = daemon.Ask({"watch", "--reconnect-s", "0"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("cannot reach "));
  EXPECT_THAT(ran.err, HasSubstr("--resume-token a\n"));
}

TEST(WatchCommand, ADaemonThatSaysNothingIsGivenUp) {
  FakeDaemon daemon;
  daemon.watch = [](const auto&, grpc::ServerContext* context, auto*) {
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return grpc::Status::CANCELLED;
  };
  const Ran ran = daemon.Ask({"watch", "--timeout-ms", "50"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("did not answer within 50 ms"));
}

TEST(WatchCommand, WithoutANameWatchesFigures) {
  FakeDaemon daemon;
  daemon.watch = [](const auto& in, auto*, auto* writer) {
    EXPECT_THAT(in.filter().measures(), ElementsAre("gp_count"));
    writer->Write(Updates("b", 1));
    return grpc::Status::OK;
  };
  const std::vector<std::string> options = {"--measure", "gp_count", "--count", "1", "--output", "csv"};
  std::vector<std::string> named = {"watch", "indicators"};
  std::vector<std::string> unnamed = {"watch"};
  named.insert(named.end(), options.begin(), options.end());
  unnamed.insert(unnamed.end(), options.begin(), options.end());
  const Ran ran = daemon.Ask(named);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Lines(ran.out), 2U);
  EXPECT_EQ(daemon.Ask(unnamed).out, ran.out);
}

TEST(WatchCommand, OptionsBeforeTheNameAreAMistake) {
  const Ran ran = RunFlosync({"watch", "--count", "1", "alerts"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("options go after what is watched"));
}

TEST(WatchCommand, TellsOfAlerts) {
  FakeDaemon daemon;
  daemon.alerts.set_resume_token("b");
  daemon.alerts.set_revision(18);
  daemon.alerts.set_revision_complete(true);
  auto* update = daemon.alerts.add_updates();
  update->set_step(v1::ALERT_STEP_OPENED);
  update->set_clock(true);
  auto* alert = update->mutable_new_alert();
  alert->set_alert_id(7);
  alert->set_kind("LIST_UNSTAFFED");
  alert->set_severity(v1::ALERT_SEVERITY_CRITICAL);
  alert->set_status(v1::ALERT_STATUS_OPEN);
  alert->set_subject("contract:900101");
  alert->add_municipalities("0301");
  alert->set_since("2024-03-01");
  alert->set_patients(1204);
  const std::vector<std::string> ask = {"watch",      "alerts",         "--count",        "1",
                                        "--severity", "critical",       "--status",       "open",
                                        "--kind",     "LIST_UNSTAFFED", "--initial-state"};
  const Ran table = daemon.Ask(ask);
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("  opened  LIST_UNSTAFFED  critical  contract:900101  municipalities 0301  since "
                                   "2024-03-01  1204 patients  clock\n"));
  EXPECT_EQ(daemon.alert_watches.at(0).filter().severities(0), v1::ALERT_SEVERITY_CRITICAL);
  EXPECT_EQ(daemon.alert_watches.at(0).filter().kinds(0), "LIST_UNSTAFFED");
  EXPECT_TRUE(daemon.alert_watches.at(0).initial_state());
  EXPECT_EQ(
      daemon.Ask({"watch", "alerts", "--count", "1", "--output", "csv"}).out,
      "revision,initial_state,step,alert_id,kind,severity,status,subject,municipalities,contract_ids,patients,since,"
      "covered,opened_at,acknowledged_by,resolved_at,detail,cause\n"
      "18,false,opened,7,LIST_UNSTAFFED,critical,open,contract:900101,0301,,1204,2024-03-01,,,,,,clock\n");
  EXPECT_THAT(
      daemon.Ask({"watch", "alerts", "--count", "1", "--output", "json"}).out,
      StartsWith(R"({"resume_token":"b","revision":18,"revision_complete":true,"initial_state":false,"step":)"));
}

TEST(WatchCommand, TellsOfDoctors) {
  FakeDaemon daemon;
  daemon.watched_doctors.set_resume_token("b");
  daemon.watched_doctors.set_revision(18);
  daemon.watched_doctors.set_revision_complete(true);
  auto* update = daemon.watched_doctors.add_updates();
  update->set_clock(true);
  auto* before = update->mutable_old_status();
  before->set_hpr_number(7);
  before->set_surviving_hpr_number(7);
  before->set_in_hpr(true);
  before->set_authorised(true);
  for (const int64_t contract : {900101, 900102}) {
    auto* on = before->add_contracts();
    on->set_contract_id(contract);
    on->set_relationship("LPFL");
  }
  auto* after = update->mutable_new_status();
  *after = *before;
  after->set_specialist(true);
  after->clear_contracts();
  auto* gone = daemon.watched_doctors.add_updates();
  gone->mutable_record()->set_topic("flo.doctor-period");
  gone->mutable_record()->set_offset(3);
  gone->mutable_old_status()->set_hpr_number(8);
  gone->mutable_old_status()->set_surviving_hpr_number(9);
  gone->mutable_old_status()->set_death_date("2024-02-01");
  const Ran table = daemon.Ask({"watch", "doctors", "--count", "2", "--hpr-number", "7,8", "--on-contract"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("  7  no specialist, LPFL 900101, LPFL 900102 → specialist, no contract  clock\n"));
  EXPECT_THAT(table.out,
              HasSubstr("  8  no specialist, not in HPR, died 2024-02-01, merged into 9, no contract → no doctor "
                        "period any more  flo.doctor-period/0/3\n"));
  EXPECT_THAT(daemon.doctor_watches.at(0).filter().hpr_numbers(), ElementsAre(7, 8));
  EXPECT_TRUE(daemon.doctor_watches.at(0).filter().on_contract());
  EXPECT_EQ(daemon.Ask({"watch", "doctors", "--count", "2", "--output", "csv"}).out,
            "revision,initial_state,hpr_number,old_surviving_hpr_number,old_in_hpr,old_specialist,old_authorised,"
            "old_death_date,old_contracts,new_surviving_hpr_number,new_in_hpr,new_specialist,new_authorised,"
            "new_death_date,new_contracts,cause\n"
            "18,false,7,7,true,false,true,,\"LPFL 900101, LPFL 900102\",7,true,true,true,,,clock\n"
            "18,false,8,9,false,false,false,2024-02-01,,,,,,,,flo.doctor-period/0/3\n");
}

TEST(WatchCommand, TellsOfSnapshots) {
  FakeDaemon daemon;
  daemon.snapshots.set_resume_token("b");
  daemon.snapshots.set_revision(18);
  daemon.snapshots.set_revision_complete(true);
  daemon.snapshots.set_initial_state(true);
  auto* snapshot = daemon.snapshots.add_updates()->mutable_new_snapshot();
  snapshot->set_reference_date("2024-03-01");
  snapshot->set_edition(2);
  snapshot->set_row_count(10708);
  snapshot->set_changed_rows(17);
  snapshot->set_content_hash("ab12");
  snapshot->mutable_known_at()->set_seconds(1709269200);
  const Ran table = daemon.Ask({"watch", "snapshots", "--count", "1", "--from", "2024-01-01", "--to", "2024-12-01"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("  2024-03-01 edition 2  10708 rows, 17 changed  by what was known at 2024-03-01 "
                                   "06:00:00 +01:00\n"));
  EXPECT_EQ(daemon.snapshot_watches.at(0).filter().first_reference_date(), "2024-01-01");
  EXPECT_EQ(daemon.snapshot_watches.at(0).filter().last_reference_date(), "2024-12-01");
  EXPECT_EQ(daemon.Ask({"watch", "snapshots", "--count", "1", "--output", "csv"}).out,
            "revision,initial_state,reference_date,edition,row_count,changed_rows,known_at,content_hash,withdrawn_at\n"
            "18,true,2024-03-01,2,10708,17,2024-03-01T05:00:00.000Z,ab12,\n");
  snapshot->mutable_withdrawal()->set_reason("a bad load");
  snapshot->mutable_withdrawal()->mutable_withdrawn_at()->set_seconds(1709269200);
  EXPECT_THAT(daemon.Ask({"watch", "snapshots", "--count", "1"}).out, HasSubstr("  withdrawn: a bad load\n"));
  EXPECT_THAT(daemon.Ask({"watch", "snapshots", "--count", "1", "--output", "csv"}).out,
              HasSubstr(",ab12,2024-03-01T05:00:00.000Z\n"));
}

TEST(WatchCommand, BeginsAnewOnlyIfAsked) {
  FakeDaemon daemon;
  daemon.watch = [](const v1::WatchIndicatorsRequest& in, auto*, auto* writer) {
    if (!in.resume_token().empty())
      return Refusal(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED", "no longer kept");
    EXPECT_TRUE(in.initial_state());
    writer->Write(Updates("b", 1));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
  };
  const Ran ran = daemon.Ask({"watch", "--resume-token", "old", "--begin-anew", "--count", "1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("no longer kept (RESUME_TOKEN_EXPIRED); beginning anew"));
  EXPECT_EQ(daemon.Ask({"watch", "--resume-token", "old", "--count", "1"}).code, 1);
}

// Output that sends this process a SIGTERM as soon as something has been printed.
class SignalOncePrinted : public std::stringbuf {
 protected:
  int sync() override {
    if (!sent_ && !str().empty()) kill(getpid(), SIGTERM);
    sent_ = sent_ || !str().empty();
    return 0;
  }

 private:
  bool sent_ = false;
};

// Watches until that signal; ends the process with the command's exit code.
[[noreturn]] void WatchUntilSignal() {
  // Threads inherit the block, so that only the watch takes the signal.
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
  FakeDaemon daemon;
  daemon.watch = [](const auto&, grpc::ServerContext* context, auto* writer) {
    writer->Write(Updates("b", 1));
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return grpc::Status::CANCELLED;
  };
  SignalOncePrinted buffer;
  std::ostream out(&buffer);
  const std::vector<const char*> argv = {"flosync", "watch", "--address", daemon.address().c_str()};
  std::_Exit(RunCommandLine(static_cast<int>(argv.size()), argv.data(), out, std::cerr));
}

TEST(WatchCommandDeathTest, ASignalEndsItWithTheToken) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(WatchUntilSignal(), ::testing::ExitedWithCode(0), "go on from here with --resume-token b");
}

}  // namespace
}  // namespace flosync
