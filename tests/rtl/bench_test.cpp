// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/bench.hpp"

#include <array>
#include <gmock/gmock.h>

namespace sluice::rtl {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t times(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

BenchStream stream(std::string name) {
  return {
      .name = name, .bits = 16, .words = 30, .frame_words = 10, .file = name + ".mem", .stall = 64};
}

BenchInstance concat() {
  return {
      .module = "sl_concat",
      .name = "dut",
      .parameters = ".Width(8)",
      .ports = {{"x", true, stream("x0")}, {"x", true, stream("x1")}, {"y", false, stream("y")}}};
}

TEST(BenchText, HasASourceForEachInputAndASinkForEachOutput) {
  const std::array instances{concat()};
  const std::string text = bench_text(instances, {});
  EXPECT_EQ(times(text, "sl_bench_source #("), 2U);
  EXPECT_EQ(times(text, "sl_bench_sink #("), 1U);
  EXPECT_EQ(times(text, "sl_bench_monitor #("), 0U);
  EXPECT_THAT(text,
              HasSubstr(R"(.Width(16), .Words(30), .File("y.mem"), .Name("y"), .FrameWords(10))"));
}

TEST(BenchText, JoinsThePortsOfOneNameTheFirstLowest) {
  const std::array instances{concat()};
  const std::string text = bench_text(instances, {});
  EXPECT_THAT(text, HasSubstr("sl_concat #(.Width(8)) dut ("));
  EXPECT_THAT(text, HasSubstr(".x_valid_i({valid_1, valid_0}), .x_ready_o({ready_1, ready_0}), "
                              ".x_i({data_1, data_0})"));
  EXPECT_THAT(text, HasSubstr(".y_valid_o(valid_2), .y_ready_i(ready_2), .y_o(data_2)"));
}

TEST(BenchText, EveryStreamStallsByASeedOfItsOwn) {
  const std::array instances{concat()};
  const std::string text = bench_text(instances, {});
  for (const char* seed : {".Seed(1)", ".Seed(2)", ".Seed(3)"}) EXPECT_EQ(times(text, seed), 1U);
  EXPECT_EQ(times(text, ".Stall(64)"), 3U);
}

TEST(BenchText, WatchesWiresWithinAnInstance) {
  const std::array instances{concat()};
  const std::array taps{BenchTap{"dut", "l00_sums", stream("tap_l00_sums")}};
  const std::string text = bench_text(instances, taps);
  EXPECT_EQ(times(text, "sl_bench_monitor #("), 1U);
  EXPECT_THAT(text, HasSubstr("assign valid_3 = dut.l00_sums_valid;"));
  EXPECT_THAT(text, HasSubstr("assign ready_3 = dut.l00_sums_ready;"));
  EXPECT_THAT(text, HasSubstr(".x_i(dut.l00_sums)"));
}

// Sources have nothing to compare.
TEST(BenchText, AllMustBeDoneAndThoseThatCompareMayFail) {
  const std::array instances{concat()};
  const std::array taps{BenchTap{"dut", "l00_sums", stream("tap")}};
  const std::string text = bench_text(instances, taps);
  EXPECT_THAT(text,
              HasSubstr("assign done = 1'b1\n    && done_0\n    && done_1\n    && done_2\n    "
                        "&& done_3;"));
  EXPECT_THAT(text, HasSubstr("assign failed = 1'b0\n    || failed_2\n    || failed_3;"));
  EXPECT_THAT(text, Not(HasSubstr("failed_0")));
}

TEST(BenchText, SaysWhichStreamsWaitAfterItsPatience) {
  const std::array instances{concat()};
  const std::string text = bench_text(instances, {}, 777);
  EXPECT_THAT(text, HasSubstr("if (idle_q == 777) begin"));
  for (const char* name : {"x0", "x1", "y"}) {
    EXPECT_THAT(text, HasSubstr("SL STREAM " + std::string(name) + " valid %b ready %b"));
  }
}

TEST(BenchText, NumbersTheStreamsOfSeveralInstancesOnce) {
  std::array instances{concat(), concat()};
  instances[1].name = "other";
  const std::string text = bench_text(instances, {});
  EXPECT_EQ(times(text, "wire [15:0] data_"), 6U);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(times(text, "wire [15:0] data_" + std::to_string(i) + ";"), 1U) << i;
  }
  EXPECT_EQ(times(text, "module sl_bench ("), 1U);
}

}  // namespace
}  // namespace sluice::rtl
