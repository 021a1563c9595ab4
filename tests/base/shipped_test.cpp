// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/shipped.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Shipped, FilesOfTheSourceTreeAreFoundFromTheBuildTree) {
  const auto found = find_shipped("models/digits/digits.onnx");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(std::filesystem::is_regular_file(*found));
}

TEST(Shipped, TheInstalledProgramsFolderIsLookedThroughFirst) {
  EXPECT_TRUE(shipped_roots()[0].string().ends_with("/share/sluice"));
}

TEST(Shipped, WhatIsMissingIsReportedWithBothPlaces) {
  const auto found = find_shipped("no/such/file");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::Io);
  for (const auto& root : shipped_roots()) {
    EXPECT_NE(found.error().message.find(root.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace sluice
