// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "sluice/hw/memory_blocks.hpp"
#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

FeatureMap with_channels(FeatureMap map, std::int64_t channels) {
  map.channels = channels;
  return map;
}

}  // namespace

ModuleResources Fork::resources(const Coefficients& by) const {
  const double windows = real(stream.streams * kernel.size());
  const double bits = windows * real(stream.data_bits);
  const double copies = real(coarse);
  const std::array logic_lut{windows, bits, windows * copies, bits * copies, 1.0};
  const std::array ff{windows, bits * copies, 1.0};
  return count(by, Regression::Fork, {logic_lut, {}, {}, ff});
}

Timing VectorDot::timing() const {
  const auto levels = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(fine)));
  return timing_of(stream.map, with_channels(stream.map, filters), 1 / real(filters), 1, levels);
}

ModuleResources VectorDot::resources(const Coefficients& by) const {
  const auto products = real(fine);
  const auto streams = real(stream.streams);
  const auto data = real(stream.data_bits);
  const auto weights = real(weight_bits);
  const auto acc = real(acc_bits);
  const std::int64_t levels = count_bits(fine) + 1;
  const std::array logic_lut{products,
                             data,
                             weights,
                             streams * data * products,
                             streams * weights * products,
                             streams * acc * products,
                             real(filters),
                             real(count_bits(filters)),
                             1.0};
  const std::array lut_ram{real(lutram_arrays(levels, stream.streams * acc_bits)), 1.0};
  const std::array lut_sr{real(levels)};
  const std::array ff{acc,           real(filters),
                      products,      real(count_bits(filters)),
                      real(levels),  streams * acc * products,
                      streams * acc, 1.0};
  ModuleResources result = count(by, Regression::VectorDot, {logic_lut, lut_ram, lut_sr, ff});
  // fpgaConvNet's takes weights for as wide as words in three dimensions.
  const bool as_words = stream.is_3d && is_compat(stream.rules);
  const std::int64_t by_bits = as_words ? stream.data_bits : weight_bits;
  result.dsp = stream.streams * fine * dsp_blocks(stream.data_bits, by_bits);
  return result;
}

Timing SparseVectorDot::timing() const {
  return timing_of(stream.map, stream.map, windows_per_cycle / real(filters), windows_per_cycle);
}

ModuleResources SparseVectorDot::resources(const Coefficients& by) const {
  const auto products = real(fine);
  const auto data = real(stream.data_bits);
  const auto weights = real(weight_bits);
  const auto acc = real(acc_bits);
  const std::int64_t bits = count_bits(fine);
  const std::array logic_lut{products,
                             data,
                             weights,
                             data * products,
                             weights * products,
                             acc * products,
                             real(filters),
                             real(count_bits(filters)),
                             1.0};
  const std::array lut_ram{real(lutram_arrays(bits + 3, acc_bits)), 1.0};
  const std::array lut_sr{real(bits + 1)};
  const std::array ff{acc, real(count_bits(filters)), real(bits + 1), acc * products, 1.0};
  ModuleResources result = count(by, Regression::SparseVectorDot, {logic_lut, lut_ram, lut_sr, ff});
  result.dsp = fine * dsp_blocks(stream.data_bits, weight_bits);
  return result;
}

Timing Accum::timing() const {
  const std::int64_t channels = stream.map.channels;
  const double out = std::min(real(channels), words_per_cycle) / real(channels) * real(groups);
  return timing_of(with_channels(stream.map, channels * filters / groups),
                   with_channels(stream.map, filters), words_per_cycle, out,
                   channels * filters / (groups * groups));
}

ModuleResources Accum::resources(const Coefficients& by) const {
  const std::int64_t channels = stream.map.channels;
  const auto streams = real(stream.streams);
  const auto data = real(stream.data_bits);
  const auto bits = streams * data;
  const std::array counts{real(count_bits(channels)), real(count_bits(filters))};
  const std::array logic_lut{real(filters), real(channels), bits, streams,
                             counts[0],     counts[1],      1.0};
  const std::array lut_ram{real(lutram_arrays(2, stream.streams * stream.data_bits)),
                           bits * real(filters), bits, streams * real(filters)};
  const std::array ff{data, bits, counts[0], counts[1], real(channels), real(filters), 1.0};
  return count(by, Regression::Accum, {logic_lut, lut_ram, {}, ff});
}

Timing Glue::timing() const {
  const FeatureMap map = with_channels(stream.map, filters);
  Timing result = passing(map);
  // fpgaConvNet's leaves out groups in three dimensions.
  const bool ungrouped = stream.is_3d && is_compat(stream.rules);
  const std::int64_t beside = coarse_out * (ungrouped ? 1 : coarse_group);
  result.latency_cycles = real(map.words()) / real(beside);
  result.pipeline_depth = coarse_in;
  return result;
}

ModuleResources Glue::resources(const Coefficients& by) const {
  const double bits = real(stream.streams * stream.data_bits);
  const auto inputs = real(coarse_in);
  const std::int64_t levels = count_bits(coarse_in);
  const std::array logic_lut{bits * inputs, bits * real(levels), inputs, 1.0};
  const std::array lut_ram{real(lutram_arrays(levels + 1, stream.streams * stream.data_bits)), 1.0};
  const std::array lut_sr{real(levels), 1.0};
  const std::array ff{inputs,        bits, real(levels), bits * real(std::int64_t{1} << levels),
                      bits * inputs, 1.0};
  return count(by, Regression::Glue, {logic_lut, lut_ram, lut_sr, ff});
}

Timing Bias::timing() const {
  return passing(with_channels(stream.map, filters));
}

ModuleResources Bias::resources(const Coefficients& by) const {
  const double bits = real(stream.streams * stream.data_bits);
  const std::int64_t channels = stream.map.channels;
  const std::array logic_lut{bits};
  const std::array lut_ram{bits * real(channels)};
  const std::array ff{bits, real(count_bits(channels)), 1.0};
  return count(by, Regression::Bias, {logic_lut, lut_ram, {}, ff});
}

}  // namespace sluice::hw
