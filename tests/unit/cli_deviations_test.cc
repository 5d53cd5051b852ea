// `flosync deviations` as a user runs it.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void Prepare(FakeDaemon& daemon) {
  v1::Deviation& d = daemon.deviation;
  d.set_id(17);
  d.set_code("INVALID_PERIOD");
  d.set_owner(v1::DEVIATION_OWNER_HELFO);
  d.set_priority(v1::DEVIATION_PRIORITY_HIGH);
  d.set_status(v1::DEVIATION_STATUS_OPEN);
  d.set_entity("contract:900101");
  d.mutable_first()->set_topic("flo.contract");
  d.mutable_first()->set_partition(2);
  d.mutable_first()->set_offset(41);
  d.mutable_first_seen()->set_seconds(1'704'882'600);
  d.mutable_last_seen()->set_seconds(1'704'882'601);
  d.set_count(3);
  d.set_detail("Valid begins on or after its end");
  d.set_remedy("correct the period");
}

TEST(DeviationsCommand, ListsAsTableJsonAndCsv) {
  FakeDaemon daemon;
  Prepare(daemon);
  const Ran table = daemon.Ask({"deviations", "list"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("INVALID_PERIOD"));
  EXPECT_THAT(table.out, HasSubstr("helfo"));
  EXPECT_EQ(daemon.Ask({"deviations", "list", "--output", "csv"}).out,
            "id,code,priority,owner,status,entity,first_seen,last_seen,count,detail\n"
            "17,INVALID_PERIOD,high,helfo,open,contract:900101,2024-01-10T10:30:00.000Z,2024-01-10T10:30:01.000Z,3,"
            "Valid begins on or after its end\n");
  const Ran json = daemon.Ask({"deviations", "list", "--output", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"priority\": \"DEVIATION_PRIORITY_HIGH\""));
  EXPECT_THAT(json.out, HasSubstr("\"id\": 17"));
}

TEST(DeviationsCommand, AsksForWhatIsWanted) {
  FakeDaemon daemon;
  Prepare(daemon);
  const Ran ran = daemon.Ask({"deviations", "list", "--code", "INVALID_PERIOD,MERGE_CYCLE", "--status", "open",
                              "--priority", "high,normal", "--owner", "nhn", "--entity", "person:", "--limit", "1"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const v1::ListDeviationsRequest& asked = daemon.deviation_lists.back();
  EXPECT_THAT(asked.codes(), ElementsAre("INVALID_PERIOD", "MERGE_CYCLE"));
  EXPECT_THAT(asked.statuses(), ElementsAre(v1::DEVIATION_STATUS_OPEN));
  EXPECT_THAT(asked.priorities(), ElementsAre(v1::DEVIATION_PRIORITY_HIGH, v1::DEVIATION_PRIORITY_NORMAL));
  EXPECT_THAT(asked.owners(), ElementsAre(v1::DEVIATION_OWNER_NHN));
  EXPECT_EQ(asked.entity_prefix(), "person:");
  EXPECT_EQ(asked.page_size(), 1);
}

TEST(DeviationsCommand, ShowsOneAndDecidesOnIt) {
  FakeDaemon daemon;
  Prepare(daemon);
  const Ran shown = daemon.Ask({"deviations", "show", "17"});
  EXPECT_THAT(shown.out, HasSubstr("flo.contract/2/41"));
  EXPECT_THAT(shown.out, HasSubstr("correct the period"));
  EXPECT_THAT(shown.out, Not(HasSubstr("decision")));
  EXPECT_EQ(daemon.Ask({"deviations", "show", "18"}).code, 1);
  const Ran ignored = daemon.Ask({"deviations", "ignore", "17", "--by", "kari", "--reason", "known"});
  EXPECT_EQ(ignored.code, 0) << ignored.err;
  EXPECT_THAT(ignored.out, HasSubstr("ignored"));
  const Ran resolved = daemon.Ask({"deviations", "resolve", "17", "--by", "ola", "--reason", "mended"});
  EXPECT_EQ(resolved.code, 0) << resolved.err;
  ASSERT_EQ(daemon.decisions.size(), 2U);
  EXPECT_EQ(daemon.decisions[0].status(), v1::DEVIATION_STATUS_IGNORED);
  EXPECT_EQ(daemon.decisions[0].by(), "kari");
  EXPECT_EQ(daemon.decisions[1].status(), v1::DEVIATION_STATUS_RESOLVED);
  EXPECT_EQ(daemon.decisions[1].id(), 17);
  EXPECT_EQ(daemon.decisions[1].reason(), "mended");
}

TEST(DeviationsCommand, ReadsRefusedRecordsAgain) {
  FakeDaemon daemon;
  daemon.redriven.set_read_again(7);
  daemon.redriven.set_taken(5);
  daemon.redriven.set_still_refused(2);
  daemon.redriven.set_gone(1);
  daemon.redriven.set_revision(17);
  const std::vector<std::string> redrive = {"deviations", "redrive", "--by", "kari", "--reason", "ticket 4711"};
  const Ran table = daemon.Ask(redrive);
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(table.out, "7 records read again: 5 taken, 2 still refused; 1 gone\n");
  ASSERT_EQ(daemon.redrives.size(), 1U);
  EXPECT_EQ(daemon.redrives[0].by(), "kari");
  EXPECT_EQ(daemon.redrives[0].reason(), "ticket 4711");
  const auto as = [&](const std::string& format) {
    std::vector<std::string> arguments = redrive;
    arguments.insert(arguments.end(), {"--output", format});
    return daemon.Ask(arguments).out;
  };
  EXPECT_EQ(as("csv"), "read_again,taken,still_refused,gone,revision\n7,5,2,1,17\n");
  EXPECT_THAT(as("json"), HasSubstr("\"still_refused\": 2"));
}

TEST(DeviationsCommand, SaysThatTheDaemonGoesOnReadingAgain) {
  FakeDaemon daemon;
  daemon.redrive_status = {grpc::StatusCode::DEADLINE_EXCEEDED, "late"};
  const Ran late = daemon.Ask({"deviations", "redrive", "--by", "kari", "--reason", "x"});
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.err, HasSubstr("the daemon goes on reading"));
}

TEST(DeviationsCommand, MistakesAreUsage) {
  const std::vector<std::vector<std::string>> mistakes = {{"deviations"},
                                                          {"deviations", "list", "--status", "closed"},
                                                          {"deviations", "list", "--owner", "me"},
                                                          {"deviations", "show"},
                                                          {"deviations", "show", "x"},
                                                          {"deviations", "redrive"},
                                                          {"deviations", "redrive", "--by", "kari"},
                                                          {"deviations", "ignore", "17"},
                                                          {"deviations", "ignore", "17", "--by", "kari"}};
  for (const auto& arguments : mistakes) EXPECT_EQ(RunFlosync(arguments).code, 2) << arguments.back();
}

}  // namespace
}  // namespace flosync
