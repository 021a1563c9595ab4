// SPDX-License-Identifier: Apache-2.0
// Reads the published system's own results: $SLUICE_DATA/golden/emulation/*.json.
#pragma once

#include <bit>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::test {

class EmulationGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(data_folder())) {
      GTEST_SKIP() << "no folder " << data_folder() << ": set SLUICE_DATA to where the data is";
    }
  }

  static std::filesystem::path data_folder() {
    const char* folder = std::getenv("SLUICE_DATA");
    return folder == nullptr ? "../shared/data" : folder;
  }

  static Json load(const std::string& file) {
    auto json = read_json(data_folder() / "golden" / "emulation" / file);
    EXPECT_TRUE(json) << (json ? "" : json.error().text());
    return json ? *std::move(json) : Json();
  }
};

// Numbers are float32 values written as doubles.
inline std::vector<float> floats(const Json& numbers) {
  std::vector<float> values;
  for (const Json& number : numbers) values.push_back(static_cast<float>(number.get<double>()));
  return values;
}

inline Tensor tensor(const Json& json) {
  return Tensor::from<float>(json["shape"].get<Shape>(), floats(json["data"]));
}

// "LAYER_BFP" and 8 to bfp8-layer.
inline numeric::Format published_format(const std::string& mode, int bits) {
  using numeric::Sharing;
  if (mode == "NETWORK_FP") return numeric::AffineFormat{bits, Sharing::Network};
  return numeric::AffineFormat{bits, mode == "LAYER_BFP" ? Sharing::Layer : Sharing::Channel};
}

// Elements that differ; NaN equals nothing, and −0 equals 0 as in the published tables.
inline int mismatches(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return -1;
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}
inline int mismatches(const Tensor& a, const Tensor& b) {
  const auto x = a.data<float>();
  const auto y = b.data<float>();
  return mismatches(std::vector<float>(x.begin(), x.end()), std::vector<float>(y.begin(), y.end()));
}

}  // namespace sluice::test
