// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/folder.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace sluice {
namespace {

namespace fs = std::filesystem;

std::size_t num_entries(const fs::path& folder) {
  const fs::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(NewFolder, IsNotThereUntilItIsKept) {
  const TempFolder temp;
  auto folder = NewFolder::beside(temp.path() / "a" / "out");
  ASSERT_TRUE(folder) << folder.error().text();
  ASSERT_TRUE(write_file(folder->path() / "x", "new"));
  EXPECT_FALSE(fs::exists(temp.path() / "a" / "out"));
  ASSERT_TRUE(folder->keep());
  EXPECT_TRUE(fs::exists(temp.path() / "a" / "out" / "x"));
  EXPECT_EQ(num_entries(temp.path() / "a"), 1U);
}

TEST(NewFolder, LeavesNothingBehindIfItIsNotKept) {
  const TempFolder temp;
  {
    const auto folder = NewFolder::beside(temp.path() / "out");
    ASSERT_TRUE(folder && write_file(folder->path() / "x", "new"));
  }
  EXPECT_EQ(num_entries(temp.path()), 0U);
}

TEST(NewFolder, TakesThePlaceOfAnOlderOneWhole) {
  const TempFolder temp;
  temp.write("out/old", "old");
  auto folder = NewFolder::beside(temp.path() / "out/");
  ASSERT_TRUE(folder && write_file(folder->path() / "new", "new"));
  EXPECT_TRUE(fs::exists(temp.path() / "out/old"));
  ASSERT_TRUE(folder->keep());
  EXPECT_FALSE(fs::exists(temp.path() / "out/old"));
  EXPECT_TRUE(fs::exists(temp.path() / "out/new"));
  EXPECT_EQ(num_entries(temp.path()), 1U);
}

TEST(NewFolder, CannotBeMadeBelowAFile) {
  const TempFolder temp;
  const fs::path file = temp.write("file", "text");
  const auto folder = NewFolder::beside(file / "out");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::Io);
}

// Folders whose file "list" names what else is in them.
Status check_listed(const fs::path& path) {
  const auto files = [](const fs::path& folder) -> Result<std::set<std::string>> {
    if (!fs::exists(folder / "list")) return Error{ErrorCode::Parse, "no list"};
    return std::set<std::string>{"a", "b"};
  };
  return check_replaceable(path, {"lists", "list", files});
}

TEST(CheckReplaceable, NothingAnEmptyFolderAndOneOfTheKindMayBeReplaced) {
  const TempFolder temp;
  EXPECT_TRUE(check_listed(temp.path() / "out"));
  fs::create_directory(temp.path() / "out");
  EXPECT_TRUE(check_listed(temp.path() / "out"));
  temp.write("out/list", "");
  temp.write("out/b", "");
  EXPECT_TRUE(check_listed(temp.path() / "out"));
}

TEST(CheckReplaceable, WhatWouldBeLostIsNamed) {
  const TempFolder temp;
  temp.write("out/list", "");
  temp.write("out/thesis.tex", "");
  const Status status = check_listed(temp.path() / "out");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(status.error().message.find("thesis.tex"), std::string::npos);
}

TEST(CheckReplaceable, OtherFoldersAndFilesAreRefused) {
  const TempFolder temp;
  temp.write("out/a", "");
  const Status folder = check_listed(temp.path() / "out");
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("other things than lists"), std::string::npos);
  const Status file = check_listed(temp.path() / "out/a");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("no folder"), std::string::npos);
}

}  // namespace
}  // namespace sluice
