#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "daemon/services/shared_messages.h"

namespace flosync {
namespace {

using Messages = SharedMessages<std::string>;

std::shared_ptr<const Messages::Made> Made(const std::string& text) {
  return std::make_shared<const Messages::Made>(Messages::Made{.read = {}, .message = text});
}

TEST(SharedMessages, AreOfOneFilterAndOnePlace) {
  Messages messages;
  messages.Keep("all", {7, 0}, Made("a"));
  messages.Keep("all", {7, 0}, Made("made at the same time"));
  messages.Keep("some", {7, 0}, Made("b"));
  EXPECT_EQ(messages.Find("all", {7, 0})->message, "a");
  EXPECT_EQ(messages.Find("some", {7, 0})->message, "b");
  EXPECT_EQ(messages.Find("all", {7, 100}), nullptr);
  EXPECT_EQ(messages.Find("all", {8, 0}), nullptr);
}

TEST(SharedMessages, TheOldestGoAndWhoSendsOneKeepsIt) {
  Messages messages;
  messages.Keep("all", {1, 0}, Made("first"));
  const auto sent = messages.Find("all", {1, 0});
  for (int64_t revision = 2; revision <= 64; ++revision) messages.Keep("all", {revision, 0}, Made("more"));
  EXPECT_NE(messages.Find("all", {1, 0}), nullptr);
  messages.Keep("all", {65, 0}, Made("one too many"));
  EXPECT_EQ(messages.Find("all", {1, 0}), nullptr);
  EXPECT_NE(messages.Find("all", {2, 0}), nullptr);
  EXPECT_EQ(sent->message, "first");
}

}  // namespace
}  // namespace flosync
