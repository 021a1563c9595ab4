// SPDX-License-Identifier: Apache-2.0
// The boards of fpgaConvNet's platform files: ours have its figures, but where these are wrong.
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/data_folder.hpp"

#include "sluice/base/json.hpp"
#include "sluice/hw/device.hpp"

namespace sluice::hw {
namespace {

// What is corrected, with the reason in each device's file.
struct Correction {
  double theirs, ours;
};
using Place = std::pair<std::string, std::string>;  // device, key of theirs

const std::map<Place, Correction>& corrections() {
  static const std::map<Place, Correction> kAll{
      {{"avant-eval", "LUT"}, {96000, 397000}},
      {{"avant-eval", "FF"}, {198000, 397000}},
      {{"avant-eval", "DSP"}, {156, 1800}},
      {{"avant-eval", "BRAM"}, {208, 1980}},
      {{"certuspro-nx-eval", "LUT"}, {477000, 79872}},
      {{"certuspro-nx-eval", "FF"}, {944000, 79872}},
      {{"certuspro-nx-eval", "DSP"}, {1800, 156}},
      {{"certuspro-nx-eval", "BRAM"}, {1980, 208}},
      {{"ecp5-dev-kit", "LUT"}, {85000, 83640}},
      {{"ecp5-dev-kit", "FF"}, {170000, 83640}},
      {{"kv260", "LUT"}, {256000, 117120}},
      {{"kv260", "FF"}, {512000, 234240}},
      {{"kv260", "DSP"}, {1200, 1248}},
      {{"u200", "LUT"}, {1182000, 1182240}},
      {{"u200", "FF"}, {2364000, 2364480}},
      {{"vc707", "BRAM"}, {1030, 2060}},
      {{"vc709", "LUT"}, {433000, 433200}},
      {{"vc709", "FF"}, {866000, 866400}},
      {{"zu7ev", "URAM"}, {0, 96}},
  };
  return kAll;
}

// Of these the name is another one, or has been completed.
const std::map<std::string, std::string>& corrected_parts() {
  static const std::map<std::string, std::string> kAll{
      {"avant-eval", "LAV-AT-E70-3LFG1156C"},        // is called LAV-AT-500E there
      {"certuspro-nx-eval", "LFCPNX-100-9LFG672C"},  // in capitals, as the vendor writes it
      {"ecp5-dev-kit", "LFE5UM-85F-8BG756C"},
      {"kv260", "xck26-sfvc784-2LV-c"},   // is a ZC702's there
      {"u50", "xcu50-fsvh2104-2-e"},      // has none
      {"vc707", "xc7vx485tffg1761-2"},    // has no speed grade
      {"zu3eg", "xczu3eg-sbva484-1-e"},   // has none
      {"zu7ev", "xczu7ev-ffvc1156-2-e"},  // is a ZC702's
  };
  return kAll;
}

class Platforms : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = test::data_folder() / "golden/hardware-model/platforms.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no file " << path << ": set SLUICE_DATA";
    auto document = read_json(path);
    ASSERT_TRUE(document) << document.error().text();
    for (const auto& [name, platform] : document->items()) {
      const std::string ours = name == "epc5-dev-kit" ? "ecp5-dev-kit" : name;
      auto device = find_device(ours);
      ASSERT_TRUE(device) << device.error().text();
      devices_.emplace_back(*std::move(device), platform);
    }
    ASSERT_EQ(devices_.size(), 18U);
  }

  std::vector<std::pair<Device, Json>> devices_;
};

TEST_F(Platforms, ResourcesAreTheirsButForWhatIsCorrected) {
  std::set<Place> corrected;
  for (const auto& [device, theirs] : devices_) {
    const std::map<std::string, double> resources{{"LUT", device.resources.lut},
                                                  {"FF", device.resources.ff},
                                                  {"DSP", device.resources.dsp},
                                                  {"BRAM", device.resources.bram18},
                                                  {"URAM", device.resources.uram}};
    for (const auto& [key, ours] : resources) {
      SCOPED_TRACE(device.name + " " + key);
      const auto found = corrections().find({device.name, key});
      const auto value = theirs[key].get<double>();
      if (found == corrections().end()) {
        EXPECT_EQ(ours, value);
        continue;
      }
      corrected.insert(found->first);
      EXPECT_EQ(value, found->second.theirs);
      EXPECT_EQ(ours, found->second.ours);
    }
  }
  EXPECT_EQ(corrected.size(), corrections().size());
}

TEST_F(Platforms, SystemsAreTheirs) {
  for (const auto& [device, theirs] : devices_) {
    SCOPED_TRACE(device.name);
    EXPECT_EQ(device.clock_mhz, theirs["freq_MHz"].get<double>());
    EXPECT_EQ(device.memory_gbps, theirs["mem_bw_Gbps"].get<double>());
    EXPECT_EQ(device.reconfiguration_s, theirs["reconf_s"].get<double>());
    EXPECT_EQ(device.port_bits, theirs["port_width"].get<std::int64_t>());
    ASSERT_EQ(device.ethernet.has_value(), theirs.contains("eth_bw"));
    if (!device.ethernet) continue;
    EXPECT_EQ(device.ethernet->gbps, theirs["eth_bw"].get<double>());
    EXPECT_EQ(device.ethernet->latency_s, theirs["eth_delay"].get<double>());
  }
}

TEST_F(Platforms, PartsAreTheirsButForWhatIsCorrected) {
  for (const auto& [device, theirs] : devices_) {
    const auto found = corrected_parts().find(device.name);
    const auto part = theirs["part"].get<std::string>();
    EXPECT_EQ(device.part, found == corrected_parts().end() ? part : found->second);
    EXPECT_EQ(device.part == part, found == corrected_parts().end()) << device.name;
  }
}

}  // namespace
}  // namespace sluice::hw
