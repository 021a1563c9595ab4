// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_layer.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::exact {
namespace {

constexpr std::int64_t kMost32 = (std::int64_t{1} << 31) - 1;

std::int64_t depth_of(const WideLayer& layer, bool is_depthwise) {
  return layer.taps * (is_depthwise ? 1 : layer.channels);
}

std::int64_t weight_at(const WideLayer& layer, bool is_depthwise, std::int64_t m, std::int64_t k) {
  const std::int64_t at = is_depthwise ? k * layer.channels + m : m * depth_of(layer, false) + k;
  return layer.weights.data()[at];
}

// The sums a channel's products can make.
struct SumReach {
  std::int64_t low = 0, high = 0;

  void add(std::int64_t weight, numeric::CodeRange inputs) {
    const std::int64_t a = weight * inputs.lowest;
    const std::int64_t b = weight * inputs.highest;
    // Partial sums begin at 0.
    low += std::min<std::int64_t>({a, b, 0});
    high += std::max<std::int64_t>({a, b, 0});
  }
  [[nodiscard]] bool fits() const { return low >= -kMost32 && high <= kMost32; }
};

// The codes as the kernels see them: uint16 less 2^15.
numeric::CodeRange seen_codes(const WideLayer& layer) {
  const std::int64_t offset = layer.input_type == DType::UInt16 ? 1 << 15 : 0;
  return {layer.inputs.lowest - offset, layer.inputs.highest - offset};
}

std::int64_t wide_code_at(const std::byte* row, DType type, std::int64_t index) {
  const auto as = [&]<class T>(T code) {
    std::memcpy(&code, row + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return std::int64_t{code};
  };
  if (type == DType::Int8) return as(std::int8_t{});
  if (type == DType::UInt8) return as(std::uint8_t{});
  return type == DType::Int16 ? as(std::int16_t{}) : as(std::uint16_t{});
}

}  // namespace

std::int64_t largest_accumulator(const WideLayer& layer, bool is_depthwise) {
  const std::int64_t largest_input =
      std::max(std::abs(layer.inputs.lowest), std::abs(layer.inputs.highest));
  std::int64_t largest = 0;
  for (std::int64_t m = 0; m < layer.out_channels; ++m) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < depth_of(layer, is_depthwise); ++k) {
      sum += std::abs(weight_at(layer, is_depthwise, m, k));
    }
    const std::int64_t bias = layer.bias.data()[m];
    // A bias of all 64 bits has no magnitude.
    constexpr std::int64_t kFar = std::int64_t{1} << 61;
    largest = std::max(largest, sum * largest_input + std::abs(std::clamp(bias, -kFar, kFar)));
  }
  return largest;
}

std::optional<Segments> segments_of(const WideLayer& layer, bool is_depthwise, std::int64_t first,
                                    std::int64_t count) {
  const std::int64_t depth = depth_of(layer, is_depthwise);
  const std::int64_t products = is_depthwise ? 1 : 2;
  const numeric::CodeRange inputs = seen_codes(layer);
  Segments segments{0};
  std::vector<SumReach> reaches(static_cast<std::size_t>(count));
  for (std::int64_t k = 0; k < depth; k += products) {
    std::vector<SumReach> further = reaches;
    const auto add_step = [&](std::vector<SumReach>& to) {
      for (std::int64_t m = 0; m < count; ++m) {
        for (std::int64_t i = k; i < std::min(k + products, depth); ++i) {
          to.data()[m].add(weight_at(layer, is_depthwise, first + m, i), inputs);
        }
      }
      return std::ranges::all_of(to, &SumReach::fits);
    };
    if (!add_step(further)) {
      further.assign(further.size(), {});
      if (!add_step(further)) return std::nullopt;
      segments.push_back(0);
    }
    ++segments.back();
    reaches = std::move(further);
  }
  return segments;
}

bool fits_wide_kernels(const WideLayer& layer, bool is_depthwise) {
  return largest_accumulator(layer, is_depthwise) < std::int64_t{1} << 60 &&
         segments_of(layer, is_depthwise, 0, layer.out_channels).has_value();
}

void plain_wide(const WideLayer& layer, bool is_depthwise, const TapRows& input,
                PixelRows<std::int64_t> out) {
  const std::int64_t channels = is_depthwise ? 1 : layer.channels;
  for (std::int64_t p = 0; p < input.num_pixels; ++p) {
    for (std::int64_t m = 0; m < layer.out_channels; ++m) {
      std::int64_t acc = layer.bias.data()[m];
      for (std::int64_t t = 0; t < layer.taps; ++t) {
        const std::byte* row = input.rows[p * layer.taps + t] + input.offset;
        for (std::int64_t c = 0; c < channels; ++c) {
          acc += weight_at(layer, is_depthwise, m, t * channels + c) *
                 wide_code_at(row, layer.input_type, is_depthwise ? m : c);
        }
      }
      out.data[p * out.stride + m] = acc;
    }
  }
}

}  // namespace sluice::exact
