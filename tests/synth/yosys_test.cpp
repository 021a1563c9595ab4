// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/yosys.hpp"

#include <filesystem>
#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/process.hpp"

namespace sluice::synth {
namespace {

using testing::HasSubstr;
using testing::Not;

// What Yosys 0.23 wrote of a memory of 600 words.
constexpr const char* kStatOf023 = R"json({
   "creator": "Yosys 0.23 (git sha1 7ce5011c24b)",
                     "invocation" : "stat -json ",
                     "modules" : {
                       "\\w" : {
                         "num_wires" : 24,
                         "num_cells" : 18,
                         "num_cells_by_type" : {"DP16KD" : 1, "LUT4" : 8, "TRELLIS_FF" : 9}
                       }
                     },
                     "design" : {
  "num_wires" : 24, "num_cells" : 18, "num_cells_by_type" : {
    "DP16KD" : 1, "LUT4" : 8, "TRELLIS_FF" : 9
  }
}
}

)json";

// What 0.70 wrote of the same on another family.
constexpr const char* kStatOf070 = R"json({
   "creator": "Yosys 0.70 (git sha1 28ba3cb92, Release)",
   "invocation": "stat -json ",
   "modules": {
      "\\w": {
         "num_cells":         2,
         "num_submodules":       0,
         "num_cells_by_type": {
            "$scopeinfo": 1,
            "RAMB18E1": 1
         }
      }
   },
      "design": {
  "num_cells" : 2, "num_submodules" : 0, "num_cells_by_type" : {
    "$scopeinfo" : 1, "RAMB18E1" : 1
  }
}
}
)json";

// A program that answers -V as Yosys does, and otherwise does what the script says.
std::string fake_yosys(const TempFolder& folder, const std::string& script) {
  const auto path = folder.write(
      "fake", "#!/bin/sh\nif [ \"$1\" = -V ]; then echo 'Yosys 9.9 (fake)'; exit 0; fi\n" + script);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path.string();
}

Job job_in(const TempFolder& folder) {
  return {.folder = folder.path(),
          .files = {"library/a.sv", "library/b.sv"},
          .includes = "library",
          .name = "one",
          .text = "module sluice_instance; endmodule\n"};
}

TEST(Yosys, CellsOfAnOldVersionAreRead) {
  const auto cells = parse_stat(kStatOf023);
  ASSERT_TRUE(cells) << cells.error().text();
  EXPECT_EQ(*cells, (Cells{{"DP16KD", 1}, {"LUT4", 8}, {"TRELLIS_FF", 9}}));
}

TEST(Yosys, CellsThatDescribeScopesAreNone) {
  const auto cells = parse_stat(kStatOf070);
  ASSERT_TRUE(cells) << cells.error().text();
  EXPECT_EQ(*cells, (Cells{{"RAMB18E1", 1}}));
}

TEST(Yosys, WhatIsNoCountIsRefused) {
  for (const char* text : {"", "{}", R"({"design": {}})", R"({"design": {"num_cells_by_type": 3}})",
                           R"({"design": {"num_cells_by_type": {"LUT4": 1.5}}})"}) {
    const auto cells = parse_stat(text);
    ASSERT_FALSE(cells) << text;
    EXPECT_EQ(cells.error().code, ErrorCode::Parse) << text;
  }
}

TEST(Yosys, TheScriptReadsAllFilesAndMapsToTheFamily) {
  const TempFolder folder;
  const std::string text = script_of(Family::Xilinx7, job_in(folder));
  EXPECT_THAT(text, HasSubstr("read_verilog -defer -sv -Ilibrary library/a.sv library/b.sv "
                              "synth/one.sv\n"));
  EXPECT_THAT(text, HasSubstr("synth_xilinx -family xc7 "));
  EXPECT_THAT(text, HasSubstr(" -top sluice_instance\ntee -q -o synth/one.json stat -json\n"));
  EXPECT_THAT(text, Not(HasSubstr("setattr")));
  EXPECT_THAT(script_of(Family::Ecp5, job_in(folder)), HasSubstr("synth_ecp5 -top"));
}

TEST(Yosys, ProductsShareMultipliersOfTheFamilysWidth) {
  const TempFolder folder;
  EXPECT_THAT(script_of(Family::Xilinx7, job_in(folder)), Not(HasSubstr("SL_MULTIPLIER_WIDTH")));
  EXPECT_THAT(script_of(Family::Ecp5, job_in(folder)),
              HasSubstr(" -DSL_MULTIPLIER_WIDTH=18 -Ilibrary "));
  EXPECT_THAT(script_of(Family::Ice40, job_in(folder)),
              HasSubstr(" -DSL_MULTIPLIER_WIDTH=16 -Ilibrary "));
}

TEST(Yosys, Ice40IsNotAskedForMemoriesInLuts) {
  const TempFolder folder;
  const std::string text = script_of(Family::Ice40, job_in(folder));
  EXPECT_THAT(text,
              HasSubstr("setattr -unset ram_style a:ram_style=distributed\nsynth_ice40 -dsp"));
}

TEST(Yosys, ItsVersionIsAskedFor) {
  const TempFolder folder;
  const auto found = find_yosys(fake_yosys(folder, ""));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->version, "Yosys 9.9 (fake)");
}

TEST(Yosys, AnotherProgramIsRefused) {
  const auto found = find_yosys("true");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::External);
  EXPECT_THAT(found.error().text(), HasSubstr("which is not Yosys"));
}

TEST(Yosys, OneThatIsMissingComesWithTheRemedy) {
  const auto found = find_yosys("no-such-yosys");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::External);
  EXPECT_THAT(found.error().text(), HasSubstr("apt-get install yosys"));
}

TEST(Yosys, ItRunsInTheFolderAndWhatItReadStays) {
  const TempFolder folder;
  const Yosys fake{fake_yosys(folder,
                              "test \"$1 $2 $3\" = '-q -s synth/one.ys' || exit 9\n"
                              "echo '{\"design\": {\"num_cells_by_type\": {\"LUT4\": 3}}}' "
                              ">synth/one.json\n"),
                   "Yosys 9.9 (fake)"};
  const auto cells = synthesize(fake, Family::Ecp5, job_in(folder));
  ASSERT_TRUE(cells) << cells.error().text();
  EXPECT_EQ(*cells, (Cells{{"LUT4", 3}}));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "synth/one.sv"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "synth/one.ys"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "synth/one.json"));
}

TEST(Yosys, ItsFirstErrorIsToldWithTheModule) {
  const TempFolder folder;
  const Yosys fake{fake_yosys(folder,
                              "echo 'a.sv:3: Warning: odd' >&2\n"
                              "echo 'a.sv:4: ERROR: syntax error' >&2\nexit 1\n"),
                   "Yosys 9.9 (fake)"};
  const auto cells = synthesize(fake, Family::Ecp5, job_in(folder));
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.error().code, ErrorCode::External);
  EXPECT_THAT(cells.error().text(), HasSubstr("refuses it: a.sv:4: syntax error"));
  EXPECT_THAT(cells.error().text(), HasSubstr("synth/one.sv"));
}

TEST(Yosys, ASilentEndIsToldByItsCode) {
  const TempFolder folder;
  const Yosys fake{fake_yosys(folder, "exit 3\n"), "Yosys 9.9 (fake)"};
  const auto cells = synthesize(fake, Family::Ecp5, job_in(folder));
  ASSERT_FALSE(cells);
  EXPECT_THAT(cells.error().text(), HasSubstr("it ended with 3"));
}

TEST(Yosys, TheRealOneCountsAnAdder) {
  if (!has_program("yosys")) GTEST_SKIP() << "yosys is not installed";
  const TempFolder folder;
  Job job = job_in(folder);
  job.files = {};
  job.text =
      "module sluice_instance(input logic clk_i, input logic [7:0] a, input logic [7:0] b, output "
      "logic [7:0] y);\nalways_ff @(posedge clk_i) y <= a + b;\nendmodule\n";
  const auto yosys = find_yosys();
  ASSERT_TRUE(yosys) << yosys.error().text();
  const auto cells = synthesize(*yosys, Family::Ice40, job);
  ASSERT_TRUE(cells) << cells.error().text();
  const auto usage = usage_of(Family::Ice40, *cells);
  ASSERT_TRUE(usage) << usage.error().text();
  EXPECT_EQ(usage->ff, 8);
  EXPECT_EQ(usage->dsp, 0);
  EXPECT_GE(usage->lut, 8);
}

}  // namespace
}  // namespace sluice::synth
