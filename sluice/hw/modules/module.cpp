// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/modules/module.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sluice/base/assert.hpp"

namespace sluice::hw {

Timing timing_of(const FeatureMap& in, const FeatureMap& out, double rate_in, double rate_out,
                 std::int64_t pipeline_depth) {
  const auto cycles = [](const FeatureMap& map, double rate) {
    return std::floor(real(map.words()) / rate);
  };
  return {.in = in,
          .out = out,
          .rate_in = rate_in,
          .rate_out = rate_out,
          .latency_cycles = std::max(cycles(in, rate_in), cycles(out, rate_out)),
          .pipeline_depth = pipeline_depth};
}

std::int64_t count_bits(std::int64_t n) {
  SL_ASSERT(n >= 1, "a count");
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(n - 1)));
}

ModuleResources count(const Coefficients& coefficients, Regression module,
                      const Features& features) {
  const auto part = [&](Part which, std::span<const double> list) {
    return list.empty() ? 0 : coefficients.count(module, which, list);
  };
  ModuleResources result{.logic_lut = part(Part::LogicLut, features.logic_lut),
                         .lut_ram = part(Part::LutRam, features.lut_ram),
                         .lut_sr = part(Part::LutSr, features.lut_sr),
                         .ff = part(Part::Ff, features.ff)};
  result.lut = result.logic_lut + result.lut_ram + result.lut_sr;
  return result;
}

ModuleResources count_by_bits(const Coefficients& coefficients, Regression module,
                              const Stream& stream) {
  const std::array features{1.0, real(stream.streams * stream.data_bits)};
  return count(coefficients, module, {features, {}, {}, features});
}

}  // namespace sluice::hw
