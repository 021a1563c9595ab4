// SPDX-License-Identifier: Apache-2.0
// Coefficients that are easy to reckon with.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/hw/coefficients.hpp"

namespace sluice::hw::test {

// A document whose coefficients are all `value`.
inline Json uniform_document(double value) {
  const std::map<std::string, std::array<int, 4>> counts{{"accum", {7, 4, 1, 7}},
                                                         {"activation", {2, 1, 1, 2}},
                                                         {"concat", {2, 1, 1, 2}},
                                                         {"eltwise", {2, 1, 1, 2}},
                                                         {"pad", {2, 1, 1, 2}},
                                                         {"resize", {2, 1, 1, 2}},
                                                         {"bias", {1, 1, 1, 3}},
                                                         {"fork", {5, 1, 1, 3}},
                                                         {"globalpool", {5, 1, 1, 5}},
                                                         {"glue", {4, 2, 2, 6}},
                                                         {"pool", {6, 2, 1, 4}},
                                                         {"slidingwindow", {5, 3, 1, 10}},
                                                         {"slidingwindow3d", {18, 6, 1, 12}},
                                                         {"sparsevectordot", {9, 2, 1, 5}},
                                                         {"squeeze", {8, 1, 1, 6}},
                                                         {"vectordot", {9, 2, 1, 8}}};
  Json document{{"format", "sluice.coefficients/1"}, {"provenance", "made up"}};
  const std::array parts{"logic_lut", "lut_ram", "lut_sr", "ff"};
  for (const auto& [name, sizes] : counts) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      document["modules"][name][parts[p]] =
          std::vector<double>(static_cast<std::size_t>(sizes[p]), value);
    }
  }
  return document;
}

inline Coefficients uniform(double value) {
  auto result = Coefficients::parse(uniform_document(value));
  EXPECT_TRUE(result) << result.error().text();
  return *std::move(result);
}

// Nothing costs but the LUTs of windows and of regrouped streams' memories: 8 an array.
inline Coefficients lut_memories() {
  Json document = uniform_document(0);
  Json& modules = document["modules"];
  modules["slidingwindow"]["lut_ram"] = {8, 8, 8};
  modules["slidingwindow3d"]["lut_ram"] = {8, 8, 8, 8, 0, 0};
  modules["squeeze"]["lut_ram"] = {8};
  auto result = Coefficients::parse(document);
  EXPECT_TRUE(result) << result.error().text();
  return *std::move(result);
}

}  // namespace sluice::hw::test
