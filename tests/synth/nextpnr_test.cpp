// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/nextpnr.hpp"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace sluice::synth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The shape of what nextpnr 0.11.1 wrote of a design with one clock.
constexpr const char* kReport = R"json({
  "critical_paths": [
    {"from": "<async>", "to": "posedge $glbnet$clk", "path": [{"net": "x_i", "type": "routing"}]},
    {"from": "posedge $glbnet$clk", "to": "posedge $glbnet$clk", "path": [
      {"delay": 0.5, "type": "clk-to-q"},
      {"delay": 1.1, "net": "u_windows.first_row[1]", "type": "routing"},
      {"delay": 0.4, "net": "u_windows.next_first_CCU2C_S0_2_COUT[2]", "type": "routing"},
      {"delay": 0.2, "net": "$nextpnr_CCU2C_56$CIN", "type": "routing"},
      {"delay": 0.9, "net": "u_windows.issue", "type": "routing"}
    ]}
  ],
  "fmax": {"$glbnet$clk": {"achieved": 39.0625, "constraint": 12.0}},
  "utilization": {}
})json";

TEST(ParseReport, SaysHowFastTheClockMayBeAndWhatLimitsIt) {
  const auto placement = parse_report(kReport);
  ASSERT_TRUE(placement) << placement.error().text();
  EXPECT_DOUBLE_EQ(placement->fmax_mhz, 39.0625);
  EXPECT_THAT(placement->slowest_path, ElementsAre("u_windows.first_row[1]", "u_windows.issue"));
}

TEST(ParseReport, RefusesOtherText) {
  EXPECT_EQ(parse_report("{").error().code, ErrorCode::Parse);
  EXPECT_THAT(parse_report(R"({"fmax": {}})").error().text(), HasSubstr("/fmax"));
}

// A PATH with programs that do what a script says.
class Programs {
 public:
  Programs() : before_(std::getenv("PATH")) {
    setenv("PATH", (folder_.path().string() + ":" + before_).c_str(), 1);
  }
  ~Programs() { setenv("PATH", before_.c_str(), 1); }
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  void add(const std::string& name, const std::string& script) {
    const auto path = folder_.write(name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  std::string before_;
};

constexpr const char* kVersion =
    "if [ \"$1\" = --version ]; then\n"
    "  echo '\"nextpnr-ecp5\" -- Next Generation Place and Route (Version 9.9)' >&2; exit 0\nfi\n";

Job job_of_net(const TempFolder& folder) {
  return {.folder = folder.path(), .files = {"a.sv"}, .includes = ".", .name = "net", .text = {}};
}

TEST(FindNextpnr, KnowsWhatItPlaces) {
  Programs programs;
  programs.add("nextpnr-ecp5", kVersion);
  const auto found = find_nextpnr(Family::Ecp5);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->version, "nextpnr-ecp5 9.9");
  EXPECT_EQ(find_nextpnr(Family::Xilinx7).error().code, ErrorCode::InvalidArgument);
}

TEST(FindNextpnr, TakesNoOtherProgram) {
  Programs programs;
  programs.add("nextpnr-ecp5", "echo something else");
  EXPECT_THAT(find_nextpnr(Family::Ecp5).error().text(), HasSubstr("not nextpnr"));
}

TEST(Place, RunsBothProgramsAndReadsTheReport) {
  Programs programs;
  programs.add("fake-yosys", "grep -c 'top net' synth/net.ys >net.count\n");
  programs.add("nextpnr-ecp5", std::string(kVersion) + "cat >synth/net_report.json <<'END'\n" +
                                   kReport + "\nEND\n");
  const Nextpnr nextpnr = *find_nextpnr(Family::Ecp5);
  const auto placement = place({"fake-yosys", "9.9"}, nextpnr, job_of_net(programs.folder()),
                               {.file = "net.sv", .top = "net"});
  ASSERT_TRUE(placement) << placement.error().text();
  EXPECT_DOUBLE_EQ(placement->fmax_mhz, 39.0625);
  EXPECT_THAT(placement->device, HasSubstr("LFE5U-85F"));
}

TEST(Place, SaysWhatDoesNotFit) {
  Programs programs;
  programs.add("fake-yosys", "exit 0\n");
  programs.add("nextpnr-ecp5",
               std::string(kVersion) + "echo 'ERROR: Unable to place cell x' >&2\nexit 255\n");
  const Nextpnr nextpnr = *find_nextpnr(Family::Ecp5);
  const auto placement = place({"fake-yosys", "9.9"}, nextpnr, job_of_net(programs.folder()),
                               {.file = "net.sv", .top = "net"});
  ASSERT_FALSE(placement);
  EXPECT_EQ(placement.error().code, ErrorCode::External);
  EXPECT_THAT(placement.error().text(), HasSubstr("Unable to place cell x"));
}

}  // namespace
}  // namespace sluice::synth
