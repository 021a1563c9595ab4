// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/plain.hpp"

#include "sluice/exact/simd/code.hpp"

namespace sluice::exact {

void plain_dense(const ConvLayer& layer, const TapRows& input, PixelRows<std::int32_t> out) {
  for (std::int64_t p = 0; p < input.num_pixels; ++p) {
    for (std::int64_t m = 0; m < layer.out_channels; ++m) {
      std::int32_t acc = bias_of(layer, m);
      for (std::int64_t t = 0; t < layer.taps; ++t) {
        const std::byte* row = input.rows[p * layer.taps + t] + input.offset;
        const std::byte* weights = layer.weights.data() + (m * layer.taps + t) * layer.channels;
        for (std::int64_t c = 0; c < layer.channels; ++c) {
          acc += (code_at(weights, layer.weight_type, c) - zero_point_of(layer, m)) *
                 (code_at(row, layer.input_type, c) - layer.input_zero_point);
        }
      }
      out.data[p * out.stride + m] = acc;
    }
  }
}

void plain_depthwise(const ConvLayer& layer, const TapRows& input, PixelRows<std::int32_t> out) {
  for (std::int64_t p = 0; p < input.num_pixels; ++p) {
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      std::int32_t acc = bias_of(layer, c);
      for (std::int64_t t = 0; t < layer.taps; ++t) {
        const std::byte* row = input.rows[p * layer.taps + t] + input.offset;
        const std::byte* weights = layer.weights.data() + t * layer.channels;
        acc += (code_at(weights, layer.weight_type, c) - zero_point_of(layer, c)) *
               (code_at(row, layer.input_type, c) - layer.input_zero_point);
      }
      out.data[p * out.stride + c] = acc;
    }
  }
}

void plain_requantize(const ConvOutput& output, std::int64_t num_pixels, std::int64_t channels,
                      PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  const auto& requantizers = output.requantizers;
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    for (std::int64_t m = 0; m < channels; ++m) {
      const auto& by = requantizers[requantizers.size() == 1 ? 0 : static_cast<std::size_t>(m)];
      const std::int32_t code = numeric::requantize(acc.data[p * acc.stride + m], by);
      out.data[p * out.stride + m] = static_cast<std::byte>(code);
    }
  }
}

}  // namespace sluice::exact
