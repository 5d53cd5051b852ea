#include "daemon/writer_commands.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flosync {
namespace {

WriterCommands::Command Named(std::string name, std::vector<std::string>& told) {
  return {.work = ChangeOf([](Core&, const View&, Batch&) { return absl::OkStatus(); }),
          .done = [name = std::move(name), &told](const absl::Status& outcome) {
            told.push_back(name + (outcome.ok() ? " done" : " " + absl::StatusCodeToString(outcome.code())));
          }};
}

TEST(WriterCommands, AreTakenInTheirOrder) {
  std::vector<std::string> told;
  WriterCommands commands;
  EXPECT_FALSE(commands.Take());
  ASSERT_TRUE(commands.Post(Named("a", told)).ok());
  ASSERT_TRUE(commands.Post(Named("b", told)).ok());
  commands.Take()->done(absl::OkStatus());
  commands.Take()->done(absl::NotFoundError(""));
  EXPECT_FALSE(commands.Take());
  EXPECT_EQ(told, (std::vector<std::string>{"a done", "b NOT_FOUND"}));
}

TEST(WriterCommands, AreBounded) {
  std::vector<std::string> told;
  WriterCommands commands(2);
  ASSERT_TRUE(commands.Post(Named("a", told)).ok());
  ASSERT_TRUE(commands.Post(Named("b", told)).ok());
  EXPECT_EQ(commands.Post(Named("c", told)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(commands.Take());
  EXPECT_TRUE(commands.Post(Named("d", told)).ok());
  EXPECT_TRUE(told.empty());
}

TEST(WriterCommands, ThatWaitWhenTheWriterEndsAreToldSo) {
  std::vector<std::string> told;
  WriterCommands commands;
  ASSERT_TRUE(commands.Post(Named("a", told)).ok());
  commands.Close();
  commands.Close();
  EXPECT_EQ(told, std::vector<std::string>{"a UNAVAILABLE"});
  EXPECT_EQ(commands.Post(Named("b", told)).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(commands.Take());
  EXPECT_EQ(told.size(), 1U);
}

}  // namespace
}  // namespace flosync
