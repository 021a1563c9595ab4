// SPDX-License-Identifier: Apache-2.0
// Module: a hardware block, between streams of words. What all kinds of modules have in common: the
// feature map they read, what they say of their timing, and what they take of a device.
#pragma once

#include <cstdint>

#include "sluice/hw/coefficients.hpp"

namespace sluice::hw {

// In words: rows × cols (× depth in three dimensions) × channels, streamed channels first.
struct FeatureMap {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  std::int64_t depth = 1;
  std::int64_t channels = 1;
  [[nodiscard]] std::int64_t positions() const { return rows * cols * depth; }
  [[nodiscard]] std::int64_t words() const { return positions() * channels; }
  friend bool operator==(const FeatureMap&, const FeatureMap&) = default;
};

// Whose behaviour is modelled: that of our own hardware, or all that fpgaConvNet's model answers,
// with its mistakes.
enum class Rules : unsigned char { Sluice, FpgaConvNet };
[[nodiscard]] constexpr bool is_compat(Rules rules) {
  return rules == Rules::FpgaConvNet;
}

// What every module is given.
struct Stream {
  FeatureMap map;
  bool is_3d = false;
  std::int64_t data_bits = 16;
  std::int64_t streams = 1;  // side by side
  Rules rules = Rules::Sluice;
};

// How words go through: rates are words a clock and stream.
struct Timing {
  FeatureMap in, out;
  double rate_in = 1;
  double rate_out = 1;
  double latency_cycles = 0;  // for a whole feature map
  std::int64_t pipeline_depth = 0;
};

// Of maps and rates: max(⌊words in/rate in⌋, ⌊words out/rate out⌋) cycles.
[[nodiscard]] Timing timing_of(const FeatureMap& in, const FeatureMap& out, double rate_in,
                               double rate_out, std::int64_t pipeline_depth = 0);
// A module that passes a word a clock.
[[nodiscard]] inline Timing passing(const FeatureMap& map) {
  return timing_of(map, map, 1, 1);
}

struct ModuleResources {
  std::int64_t logic_lut = 0;
  std::int64_t lut_ram = 0;  // LUTs as memory
  std::int64_t lut_sr = 0;   // LUTs as shift registers
  std::int64_t lut = 0;      // of all kinds
  std::int64_t ff = 0;
  std::int64_t dsp = 0;
  std::int64_t bram18 = 0;
  friend bool operator==(const ModuleResources&, const ModuleResources&) = default;
};

[[nodiscard]] constexpr double real(std::int64_t n) {
  return static_cast<double>(n);
}

// ⌈log2 n⌉ for n ≥ 1, the bits that count to n.
[[nodiscard]] std::int64_t count_bits(std::int64_t n);

// The features of a module, part by part; an empty list counts nothing.
struct Features {
  std::span<const double> logic_lut, lut_ram, lut_sr, ff;
};
[[nodiscard]] ModuleResources count(const Coefficients& coefficients, Regression module,
                                    const Features& features);
// Of a module whose features are 1 and the bits of its words, in LUTs and in flip-flops.
[[nodiscard]] ModuleResources count_by_bits(const Coefficients& coefficients, Regression module,
                                            const Stream& stream);

}  // namespace sluice::hw
