// Exported files: whole or not at all.
#include "daemon/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

namespace flosync {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

size_t FilesIn(const fs::path& directory) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(directory), {}));
}

TEST(OutputFile, TakesThePlaceOfTheOldOneAsAWhole) {
  const ScratchDirectory directory;
  const fs::path path = fs::path(directory.path()) / "a.csv";
  ASSERT_TRUE(WriteOutputFile(path, "old and longer\n").ok());
  // Whoever has the old file open goes on reading all of it.
  std::ifstream reader(path, std::ios::binary);
  ASSERT_TRUE(WriteOutputFile(path, "new\n").ok());
  EXPECT_EQ(Read(path), "new\n");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old and longer\n");
  EXPECT_EQ(FilesIn(directory.path()), 1U);
}

TEST(OutputFile, ALinkIsFollowed) {
  const ScratchDirectory directory;
  const fs::path target = fs::path(directory.path()) / "target.csv";
  const fs::path link = fs::path(directory.path()) / "link.csv";
  std::ofstream(target) << "old";
  fs::create_symlink(target, link);
  ASSERT_TRUE(WriteOutputFile(link, "new").ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(Read(target), "new");
}

TEST(OutputFile, APipeOrDeviceIsWrittenThrough) {
  const ScratchDirectory directory;
  const std::string pipe = (fs::path(directory.path()) / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = Read(pipe); });
  EXPECT_TRUE(WriteOutputFile(pipe, "through\n").ok());
  reader.join();
  EXPECT_EQ(got, "through\n");
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_TRUE(WriteOutputFile("/dev/null", "gone").ok());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFile, WhatCannotBeWrittenLeavesNothing) {
  const ScratchDirectory directory;
  EXPECT_FALSE(WriteOutputFile("/nowhere/a.csv", "x").ok());
  EXPECT_NE(std::string(WriteOutputFile("/nowhere/a.csv", "x").message()).find("cannot write /nowhere/a.csv (No such"),
            std::string::npos);
  EXPECT_FALSE(WriteOutputFile("/dev/full", std::string(1 << 16, 'x')).ok());
}

}  // namespace
}  // namespace flosync
