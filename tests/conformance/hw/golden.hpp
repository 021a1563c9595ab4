// SPDX-License-Identifier: Apache-2.0
// What fpgaConvNet's model answered, and its coefficients, loaded as a user's file would be.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/data_folder.hpp"

#include "sluice/hw/coefficients.hpp"

namespace sluice::hw {

class HardwareGolden : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = test::data_folder() / "golden/hardware-model";
    if (!std::filesystem::exists(folder_)) {
      GTEST_SKIP() << "no folder " << folder_ << ": set SLUICE_DATA";
    }
  }

  // The lines of a file, each a JSON value.
  std::vector<Json> lines(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::vector<Json> result;
    for (std::string line; std::getline(file, line);) {
      auto value = parse_json(line);
      EXPECT_TRUE(value) << line;
      if (value) result.push_back(*std::move(value));
    }
    EXPECT_FALSE(result.empty()) << folder_ / name;
    return result;
  }

  // Its linear coefficients in our form. For Squeeze it takes numbers of its program's text.
  Result<Coefficients> coefficients() const {
    SL_TRY(const Json theirs, read_json(folder_ / "coefficients_linear.json"));
    Json ours{{"format", "sluice.coefficients/1"}, {"provenance", "golden data"}};
    for (const auto& [name, parts] : theirs["chisel"].items()) {
      const Json& from = name == "squeeze" ? theirs["chisel_squeeze_override"] : parts;
      for (const char* part : {"logic_lut", "lut_ram", "lut_sr", "ff"}) {
        ours["modules"][name][part] = from.contains(part) ? from[part] : from["others"];
      }
    }
    // What it has as numbers of its program's text, whatever the words' bits.
    const auto constant = [&](const char* name, double lut, double ff) {
      ours["modules"][name] = {
          {"logic_lut", {lut, 0}}, {"lut_ram", {0}}, {"lut_sr", {0}}, {"ff", {ff, 0}}};
    };
    constant("pad", 16, 35);
    constant("activation", 16, 35);
    constant("eltwise", 49, 23);
    constant("concat", 0, 0);
    constant("resize", 0, 0);
    return Coefficients::parse(ours);
  }

  std::filesystem::path folder_;
};

}  // namespace sluice::hw
