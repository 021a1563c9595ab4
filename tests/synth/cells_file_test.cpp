// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/cells_file.hpp"

#include <array>
#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace sluice::synth {
namespace {

using testing::HasSubstr;

std::string key(std::initializer_list<std::string> parts) {
  return key_of(std::vector<std::string>(parts));
}

TEST(CellsFile, WhatWasKeptComesBack) {
  const TempFolder folder;
  const Cells cells{{"LUT6", 5}, {"FDRE", 7}};
  ASSERT_TRUE(keep_cells(folder.path() / "cells", "k", cells));
  const auto kept = kept_cells(folder.path() / "cells", "k");
  ASSERT_TRUE(kept) << kept.error().text();
  EXPECT_EQ(*kept, cells);
}

TEST(CellsFile, AModuleOfWiresHasNoCells) {
  const TempFolder folder;
  ASSERT_TRUE(keep_cells(folder.path(), "k", {}));
  const auto kept = kept_cells(folder.path(), "k");
  ASSERT_TRUE(kept) << kept.error().text();
  ASSERT_TRUE(kept->has_value());
  EXPECT_TRUE((*kept)->empty());
}

TEST(CellsFile, NothingIsKeptUnderANewKey) {
  const TempFolder folder;
  const auto kept = kept_cells(folder.path(), "k");
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->has_value());
}

TEST(CellsFile, AnotherDocumentIsRefusedWithItsPlace) {
  const TempFolder folder;
  for (const char* text : {"{\"format\": \"sluice.design/1\"}", "{\"format\": \"sluice.cells/1\"}",
                           "{\"format\": \"sluice.cells/1\", \"cells\": []}",
                           "{\"format\": \"sluice.cells/1\", \"cells\": {\"LUT6\": \"5\"}}", "["}) {
    folder.write("k.json", text);
    const auto kept = kept_cells(folder.path(), "k");
    ASSERT_FALSE(kept) << text;
    EXPECT_EQ(kept.error().code, ErrorCode::Parse) << text;
    EXPECT_THAT(kept.error().text(), HasSubstr("k.json"));
  }
}

TEST(CellsFile, AKeyDependsOnEachPartAndOnWhereItEnds) {
  const std::string one = key({"ab", "c"});
  EXPECT_EQ(one.size(), 20);
  EXPECT_EQ(one, key({"ab", "c"}));
  EXPECT_NE(one, key({"a", "bc"}));
  EXPECT_NE(one, key({"ab", "d"}));
  EXPECT_NE(one, key({"ab", "c", ""}));
}

}  // namespace
}  // namespace sluice::synth
