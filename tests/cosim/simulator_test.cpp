// SPDX-License-Identifier: Apache-2.0
#include "sluice/cosim/simulator.hpp"

#include <cstdlib>
#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"

namespace sluice::cosim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// For its life programs are looked for in a folder of the test's own, and in the system's last.
class Path {
 public:
  explicit Path(const std::string& path) : before_(std::getenv("PATH")) {
    ::setenv("PATH", path.c_str(), 1);
  }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;
  ~Path() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

// A program of that name that does what the script says.
void add_program(const TempFolder& folder, const std::string& name, const std::string& script) {
  const auto file = folder.write("bin/" + name, "#!/bin/sh\n" + script + "\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
}
std::string path_of(const TempFolder& folder) {
  return (folder.path() / "bin").string() + ":/usr/bin:/bin";
}

TEST(Simulators, AreNamed) {
  for (const Simulator each : {Simulator::Verilator, Simulator::Icarus}) {
    EXPECT_EQ(*simulator_from_string(to_string(each)), each);
  }
  const auto unknown = simulator_from_string("veralator");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(unknown.error().text(), HasSubstr("verilator"));
}

TEST(ParseBenchOutput, TellsWhetherItPassed) {
  EXPECT_TRUE(parse_bench_output("SL PASS\n").passed);
  EXPECT_FALSE(parse_bench_output("SL FAIL\n").passed);
  EXPECT_FALSE(parse_bench_output("").passed);
  EXPECT_FALSE(parse_bench_output("- sl_bench.sv:9: Verilog $finish SL PASS\n").passed);
  EXPECT_EQ(parse_bench_output("SL PASS\n").output, "SL PASS\n");
}

TEST(ParseBenchOutput, HasTheCyclesOfEachFrame) {
  const BenchResult result = parse_bench_output(
      "SL FIRST x 1\nSL FIRST y 40\nSL LAST x 33\nSL FIRST x 34\nSL LAST y 90\nSL LAST x 66\n"
      "SL PASS\n");
  ASSERT_EQ(result.frames.size(), 2U);
  const auto& of_x = result.frames.at("x");
  ASSERT_EQ(of_x.size(), 2U);
  EXPECT_EQ(of_x[0].first, 1);
  EXPECT_EQ(of_x[0].last, 33);
  EXPECT_EQ(of_x[1].first, 34);
  EXPECT_EQ(of_x[1].last, 66);
  EXPECT_EQ(result.frames.at("y")[0].last, 90);
}

TEST(ParseBenchOutput, AFrameThatHasBegunEndsWhereItBegan) {
  const BenchResult result = parse_bench_output("SL FIRST y 40\nSL LAST z 3\n");
  EXPECT_EQ(result.frames.at("y")[0].last, 40);
  EXPECT_TRUE(result.frames.at("z").empty());
}

TEST(ParseBenchOutput, SaysHowFullEachFifoWas) {
  const BenchResult result = parse_bench_output(
      "SL PEAK TOP.sl_bench.dut.u_sum_waiting1 7 16\nSL PASS\n"
      "SL PEAK sl_bench_icarus.u_bench.dut.u_resize.gen_rows.u_queue 2 3\nSL PEAK lost 4\n");
  EXPECT_THAT(result.fifos, ElementsAre(FifoPeak{"u_resize.gen_rows.u_queue", 2, 3},
                                        FifoPeak{"u_sum_waiting1", 7, 16}));
}

TEST(ParseBenchOutput, KeepsWhatDiffers) {
  const BenchResult result = parse_bench_output(
      "noise\nSL MISMATCH y word 3 of frame 0: 1f, not 20\nSL EXTRA y word 9\nSL FAIL\n");
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.mismatches,
              ElementsAre("MISMATCH y word 3 of frame 0: 1f, not 20", "EXTRA y word 9"));
}

TEST(ParseBenchOutput, KeepsWhereItStalled) {
  const BenchResult result = parse_bench_output(
      "SL STALLED in cycle 20400\nSL STREAM x valid 1 ready 0\nSL STREAM y valid 0 ready 1\n");
  EXPECT_TRUE(result.stalled);
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.waiting, ElementsAre("x valid 1 ready 0", "y valid 0 ready 1"));
}

TEST(BuildBench, SaysHowToInstallASimulatorThatIsMissing) {
  const TempFolder folder;
  folder.write("files.f", "top.sv\n");
  const Path none(folder.path().string());
  for (const Simulator each : {Simulator::Verilator, Simulator::Icarus}) {
    const Status built = build_bench(each, {.folder = folder.path()});
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().code, ErrorCode::External);
    EXPECT_THAT(built.error().text(), HasSubstr("apt-get install verilator iverilog"));
  }
}

TEST(BuildBench, NeedsTheListOfModules) {
  const TempFolder folder;
  const Status built = build_bench(Simulator::Icarus, {.folder = folder.path()});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::Io);
  EXPECT_THAT(built.error().text(), HasSubstr("files.f"));
}

TEST(BuildBench, GivesTheSimulatorTheListedModulesInTheirFolder) {
  const TempFolder folder;
  folder.write("files.f", "library/sl_fifo.sv\n\ntop.sv\n");
  add_program(folder, "iverilog", R"(pwd > here; echo "$@" > arguments)");
  const Path path(path_of(folder));
  const Status built = build_bench(Simulator::Icarus, {.folder = folder.path()});
  ASSERT_TRUE(built) << built.error().text();
  EXPECT_EQ(MappedFile::open(folder.path() / "here")->text(), folder.path().string() + "\n");
  EXPECT_THAT(std::string(MappedFile::open(folder.path() / "arguments")->text()),
              HasSubstr("bench/sl_bench_icarus.sv library/sl_fifo.sv top.sv"));
}

TEST(BuildBench, AsksVerilatorForAssertionsAndRandomRegistersUnlessTold) {
  const TempFolder folder;
  folder.write("files.f", "top.sv\n");
  add_program(folder, "verilator", R"(echo "$@" > arguments)");
  const Path path(path_of(folder));
  const auto arguments = [&](bool with_assertions, bool has_random_start) {
    const Status built = build_bench(Simulator::Verilator, {.folder = folder.path(),
                                                            .with_assertions = with_assertions,
                                                            .has_random_start = has_random_start});
    EXPECT_TRUE(built) << built.error().text();
    return std::string(MappedFile::open(folder.path() / "arguments")->text());
  };
  EXPECT_THAT(arguments(true, true), HasSubstr("--assert"));
  EXPECT_THAT(arguments(true, true), HasSubstr("--x-initial unique"));
  EXPECT_THAT(arguments(false, true), testing::Not(HasSubstr("--assert")));
  EXPECT_THAT(arguments(true, false), testing::Not(HasSubstr("--x-initial")));
}

TEST(BuildBench, TellsWhatTheSimulatorComplainsOf) {
  const TempFolder folder;
  folder.write("files.f", "top.sv\n");
  add_program(folder, "iverilog", "echo a warning >&2; echo top.sv:3: syntax error >&2; exit 2");
  const Path path(path_of(folder));
  const Status built = build_bench(Simulator::Icarus, {.folder = folder.path()});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::External);
  EXPECT_THAT(built.error().text(),
              HasSubstr("icarus refuses the modules: top.sv:3: syntax error"));
}

TEST(RunBench, GivesWhatTheSimulationSays) {
  const TempFolder folder;
  add_program(folder, "vvp", "echo by $@; echo SL MISMATCH y word 1; echo SL FAIL");
  const Path path(path_of(folder));
  const auto result =
      run_bench(Simulator::Icarus, {.folder = folder.path(), .stalls = false, .seed = 7});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_THAT(result->mismatches, ElementsAre("MISMATCH y word 1"));
  EXPECT_THAT(result->output, HasSubstr("bench.vvp +seed=7 +no_stalls"));
}

TEST(RunBench, RunsWhatVerilatorBuilt) {
  const TempFolder folder;
  add_program(folder, "../obj_dir/bench", "echo $@; echo SL PASS");
  const auto result = run_bench(Simulator::Verilator, {.folder = folder.path(), .seed = 3});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_TRUE(result->passed);
  EXPECT_THAT(result->output, HasSubstr("+verilator+seed+3"));
  EXPECT_THAT(result->output, testing::Not(HasSubstr("+no_stalls")));
}

TEST(RunBench, RefusesAnEndWithoutAResult) {
  const TempFolder folder;
  add_program(folder, "vvp", "echo out of memory >&2; exit 1");
  const Path path(path_of(folder));
  const auto result = run_bench(Simulator::Icarus, {.folder = folder.path()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::External);
  EXPECT_THAT(result.error().text(), HasSubstr("the bench ended without a result: out of memory"));
}

}  // namespace
}  // namespace sluice::cosim
