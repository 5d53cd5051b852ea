#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "daemon/services/shared_messages.h"

namespace flosync {
namespace {

std::shared_ptr<const SharedMessages::Made> Made(const std::string& text) {
  const grpc::Slice slice(text);
  return std::make_shared<const SharedMessages::Made>(SharedMessages::Made{.read = {}, .wire = {&slice, 1}});
}

std::string TextOf(const SharedMessages::Made& made) {
  grpc::Slice text;
  EXPECT_TRUE(made.wire.DumpToSingleSlice(&text).ok());
  return {reinterpret_cast<const char*>(text.begin()), text.size()};
}

TEST(SharedMessages, AreOfOneFilterAndOnePlace) {
  SharedMessages messages;
  messages.Keep("all", {7, 0}, Made("a"));
  messages.Keep("all", {7, 0}, Made("made at the same time"));
  messages.Keep("some", {7, 0}, Made("b"));
  EXPECT_EQ(TextOf(*messages.Find("all", {7, 0})), "a");
  EXPECT_EQ(TextOf(*messages.Find("some", {7, 0})), "b");
  EXPECT_EQ(messages.Find("all", {7, 100}), nullptr);
  EXPECT_EQ(messages.Find("all", {8, 0}), nullptr);
}

TEST(SharedMessages, TheOldestGoAndWhoSendsOneKeepsIt) {
  SharedMessages messages;
  messages.Keep("all", {1, 0}, Made("first"));
  const auto sent = messages.Find("all", {1, 0});
  constexpr auto kMost = static_cast<int64_t>(SharedMessages::kMostMessages);
  for (int64_t revision = 2; revision <= kMost; ++revision) messages.Keep("all", {revision, 0}, Made("more"));
  EXPECT_NE(messages.Find("all", {1, 0}), nullptr);
  messages.Keep("all", {kMost + 1, 0}, Made("one too many"));
  EXPECT_EQ(messages.Find("all", {1, 0}), nullptr);
  EXPECT_NE(messages.Find("all", {2, 0}), nullptr);
  EXPECT_EQ(TextOf(*sent), "first");
}

}  // namespace
}  // namespace flosync
