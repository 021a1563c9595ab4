// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/file.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <span>

namespace sluice {
namespace {

namespace fs = std::filesystem;

// A folder of the test's own, removed at its end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / "sluice_file_test.XXXXXX") {
    std::string name = path_.string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }
  std::ptrdiff_t num_entries() const { return std::distance(fs::directory_iterator(path_), {}); }

 private:
  fs::path path_;
};

TEST(File, WhatIsWrittenIsRead) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "text\n"));
  const auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->text(), "text\n");
  EXPECT_EQ(file->bytes().size(), 5U);
}

TEST(File, WritingReplacesTheOldContentAndLeavesNoOtherFile) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "a longer text"));
  ASSERT_TRUE(write_file(folder / "a", "short"));
  EXPECT_EQ(MappedFile::open(folder / "a")->text(), "short");
  EXPECT_EQ(folder.num_entries(), 1);
}

TEST(FileWriter, PiecesAreOneFileOnceCommitted) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "old"));
  auto writer = FileWriter::create(folder / "a");
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(std::as_bytes(std::span("one", 3))));
  ASSERT_TRUE(writer->append(std::as_bytes(std::span("two", 3))));
  EXPECT_EQ(MappedFile::open(folder / "a")->text(), "old");
  ASSERT_TRUE(writer->commit());
  EXPECT_EQ(MappedFile::open(folder / "a")->text(), "onetwo");
  EXPECT_EQ(folder.num_entries(), 1);
}

TEST(FileWriter, WithoutACommitTheOldFileStays) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "old"));
  {
    auto writer = FileWriter::create(folder / "a");
    ASSERT_TRUE(writer->append(std::as_bytes(std::span("new", 3))));
    const FileWriter moved = *std::move(writer);
    EXPECT_EQ(folder.num_entries(), 2);
  }
  EXPECT_EQ(MappedFile::open(folder / "a")->text(), "old");
  EXPECT_EQ(folder.num_entries(), 1);
}

TEST(File, AnOpenMappingKeepsTheOldContentWhileTheFileIsReplaced) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "old"));
  const auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(write_file(folder / "a", "new"));
  EXPECT_EQ(file->text(), "old");
}

TEST(File, AnEmptyFileIsAnEmptySpan) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", ""));
  const auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->bytes().empty());
}

TEST(File, AMissingFileIsAnIoErrorWithItsPath) {
  const auto file = MappedFile::open("/nonexistent/net.onnx");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::Io);
  EXPECT_EQ(file.error().text(), "/nonexistent/net.onnx: cannot open: No such file or directory");
}

TEST(File, AFolderIsNoFile) {
  const Folder folder;
  const auto file = MappedFile::open(folder / ".");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "is not a regular file");
}

TEST(File, AFailedWriteLeavesNothing) {
  const Folder folder;
  fs::create_directory(folder / "a");
  const Status status = write_file(folder / "a", "text");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Io);
  EXPECT_EQ(folder.num_entries(), 1);
}

TEST(File, MovingHandsTheMappingOver) {
  const Folder folder;
  ASSERT_TRUE(write_file(folder / "a", "text"));
  auto first = MappedFile::open(folder / "a");
  ASSERT_TRUE(first);
  MappedFile second = *std::move(first);
  EXPECT_EQ(second.text(), "text");
  auto third = MappedFile::open(folder / "a");
  *third = std::move(second);
  EXPECT_EQ(third->text(), "text");
}

TEST(File, ForgottenBytesAreReadAgain) {
  const Folder folder;
  const std::string content(100000, 'x');
  ASSERT_TRUE(write_file(folder / "a", content));
  const auto file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  file->forget(1 << 30);
  EXPECT_EQ(file->text(), content);
}

TEST(IsLeftoverOf, KnowsWhatAKilledProcessLeaves) {
  const Folder folder;
  const auto writer = FileWriter::create(folder / "state.bin");
  ASSERT_TRUE(writer);
  const fs::directory_iterator left(folder / "");
  EXPECT_TRUE(is_leftover_of(left->path().filename().string(), "state.bin"));
  for (const char* name : {"state.bin", "state.bin.tmp", "state.bin.tmp12x", "state.bi.tmp12",
                           "state.bin2.tmp12", "x"}) {
    EXPECT_FALSE(is_leftover_of(name, "state.bin")) << name;
  }
}

}  // namespace
}  // namespace sluice
