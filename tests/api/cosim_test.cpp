// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/cosim.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/api/small_emission.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;
using testing::Not;

// Two feature maps through a module of one layer.
CosimReport made_up() {
  CosimReport report;
  report.emission.name = "small";
  report.emission.images = 2;
  report.emission.model_latency_cycles = 400;
  report.emission.model_interval_cycles = 200;
  report.simulator = "icarus";
  const EmittedStream x{"x", "input", "image", "conv", "l00_in", 1, 8, true, 100};
  const EmittedStream y{"y",    "output",    std::string(30, 'a') + "_the_last_of_all_the_layers",
                        "conv", "l00_codes", 2,
                        8,      true,        1250};
  report.streams = {{x, 0, 1, 100}, {y, 5000, 90, 440}};
  report.fifos = {{"u_sum_waiting1", 1007, 1024}};
  report.latency_cycles = 440;
  report.interval_cycles = 210;
  report.build_s = 1.25;
  report.run_s = 0.5;
  return report;
}

TEST(Cosim, TextHasWordsAndCyclesBesideTheModel) {
  const std::string text = to_text(made_up());
  EXPECT_THAT(text, HasSubstr("5,000"));
  EXPECT_THAT(text, HasSubstr("1,250"));
  EXPECT_THAT(text, HasSubstr("+10.0 %"));
  EXPECT_THAT(text, HasSubstr("+5.0 %"));
  EXPECT_THAT(text, HasSubstr("…"));
  EXPECT_THAT(text, HasSubstr("u_sum_waiting1  1,024      1,007\n"));
  EXPECT_THAT(text,
              HasSubstr("equal: 5,000 words of 1 streams on 2 images (icarus, built in 1.2 s, "
                        "run in 0.5 s)"));
}

TEST(Cosim, TextHasNoCyclesThatWereNotMeasured) {
  CosimReport report = made_up();
  report.interval_cycles = 0;
  EXPECT_THAT(to_text(report), Not(HasSubstr("-100.0 %")));
}

TEST(Cosim, EqualWordsAreNoError) {
  EXPECT_TRUE(made_up().is_equal());
  EXPECT_TRUE(check_equal(made_up()));
}

TEST(Cosim, ADifferenceIsInfeasibleAndNamed) {
  CosimReport report = made_up();
  report.mismatches = {"MISMATCH y word 3 got 01 expected 02", "EXTRA y word 1250 got 00"};
  EXPECT_FALSE(report.is_equal());
  const Status equal = check_equal(report);
  ASSERT_FALSE(equal);
  EXPECT_EQ(equal.error().code, ErrorCode::Infeasible);
  EXPECT_THAT(equal.error().text(), HasSubstr("MISMATCH y word 3 got 01 expected 02"));
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("EXTRA y word 1250"));
  EXPECT_THAT(text, Not(HasSubstr("equal:")));
}

TEST(Cosim, AStallIsInfeasibleAndSaysWhoWaits) {
  CosimReport report = made_up();
  report.stalled = true;
  report.waiting = {"x valid 1 ready 0"};
  EXPECT_FALSE(report.is_equal());
  EXPECT_THAT(check_equal(report).error().text(), HasSubstr("no word moves any more"));
  EXPECT_EQ(check_equal(report).error().code, ErrorCode::Infeasible);
  EXPECT_THAT(to_text(report), HasSubstr("  x valid 1 ready 0\n"));
}

TEST(Cosim, JsonHasWhatTheTextHas) {
  CosimReport report = made_up();
  Json json = to_json(report);
  EXPECT_EQ(json["format"], "sluice.cosim/1");
  EXPECT_EQ(json["name"], "small");
  EXPECT_EQ(json["simulator"], "icarus");
  EXPECT_EQ(json["equal"], true);
  EXPECT_EQ(json["latency_cycles"], 440);
  EXPECT_EQ(json["model_interval_cycles"], 200);
  EXPECT_EQ(json["fifos"][0]["instance"], "u_sum_waiting1");
  EXPECT_EQ(json["fifos"][0]["depth_words"], 1024);
  EXPECT_EQ(json["fifos"][0]["peak_words"], 1007);
  EXPECT_EQ(json["streams"][1]["words"], 5000);
  EXPECT_EQ(json["streams"][1]["last_cycle"], 440);
  report.mismatches = {"MISMATCH y"};
  json = to_json(report);
  EXPECT_EQ(json["equal"], false);
  EXPECT_EQ(json["mismatches"][0], "MISMATCH y");
}

// Programs looked for where the test says.
class CosimPath {
 public:
  explicit CosimPath(const std::string& path) : before_(std::getenv("PATH")) {
    ::setenv("PATH", path.c_str(), 1);
  }
  CosimPath(const CosimPath&) = delete;
  CosimPath& operator=(const CosimPath&) = delete;
  ~CosimPath() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

void add_simulator(const TempFolder& folder, const std::string& name, const std::string& script) {
  const auto file = folder.write("bin/" + name, "#!/bin/sh\n" + script + "\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
}

TEST(Cosim, WithoutASimulatorSaysHowToInstallOne) {
  const TempFolder folder;
  const CosimOptions options{.emit = small_emission(folder), .simulator = cosim::Simulator::Icarus};
  const CosimPath none(folder.path().string());
  const auto report = cosim(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::External);
  EXPECT_THAT(report.error().text(), HasSubstr("apt-get install verilator iverilog"));
  EXPECT_TRUE(std::filesystem::exists(options.emit.output / "tiny.sv"));
}

// A simulator that says so, and in which order it is run.
TEST(Cosim, RunsWithoutPausesThenWithThem) {
  const TempFolder folder;
  add_simulator(folder, "iverilog", "true");
  add_simulator(folder, "vvp", R"(echo "by $*" >> ../runs; case "$@" in *no_stalls*)
    echo SL FIRST x 0; echo SL LAST x 49; echo SL FIRST y 70; echo SL LAST y 99
    echo SL FIRST x 60; echo SL LAST x 109; echo SL FIRST y 140; echo SL LAST y 159;; esac
    echo SL PASS)");
  const CosimPath path((folder.path() / "bin").string() + ":/usr/bin:/bin");
  CosimOptions options{.emit = small_emission(folder), .simulator = cosim::Simulator::Icarus};
  options.emit.seed = 5;
  const auto report = cosim(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(report->is_equal());
  EXPECT_EQ(report->latency_cycles, 100);
  EXPECT_EQ(report->interval_cycles, 60);
  EXPECT_EQ(MappedFile::open(folder.path() / "runs")->text(),
            "by -n bench.vvp +seed=1 +no_stalls\nby -n bench.vvp +seed=5\n");
  const auto y = std::ranges::find(report->streams, "y",
                                   [](const CosimStream& each) { return each.stream.name; });
  ASSERT_NE(y, report->streams.end());
  EXPECT_EQ(y->words, 2 * 2 * 2);  // of two maps, in two runs

  options.stalls = false;
  const auto once = cosim(options);
  ASSERT_TRUE(once);
  EXPECT_EQ(once->streams[1].words, 2 * 2);
}

TEST(Cosim, KeepsWhatDiffersAndEndsThere) {
  const TempFolder folder;
  add_simulator(folder, "iverilog", "true");
  add_simulator(folder, "vvp",
                "echo x >> ../runs; echo SL MISMATCH y word 0 got 1 expected 2; echo SL FAIL");
  const CosimPath path((folder.path() / "bin").string() + ":/usr/bin:/bin");
  const auto report =
      cosim({.emit = small_emission(folder), .simulator = cosim::Simulator::Icarus});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_FALSE(report->is_equal());
  EXPECT_EQ(report->mismatches.size(), 1U);
  EXPECT_EQ(report->latency_cycles, 0);
  EXPECT_EQ(MappedFile::open(folder.path() / "runs")->text(), "x\n");
}

TEST(Cosim, WithoutAnOutputLeavesNoFolder) {
  const TempFolder folder;
  add_simulator(folder, "iverilog", "pwd > " + (folder.path() / "where").string());
  add_simulator(folder, "vvp", "echo SL PASS");
  const CosimPath path((folder.path() / "bin").string() + ":/usr/bin:/bin");
  EmitOptions emission = small_emission(folder);
  emission.output.clear();
  const auto report = cosim({.emit = emission, .simulator = cosim::Simulator::Icarus});
  ASSERT_TRUE(report) << report.error().text();
  std::string where(MappedFile::open(folder.path() / "where")->text());
  where.pop_back();
  EXPECT_FALSE(std::filesystem::exists(where));
}

}  // namespace
}  // namespace sluice::api
