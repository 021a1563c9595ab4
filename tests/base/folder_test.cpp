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

}  // namespace
}  // namespace sluice
