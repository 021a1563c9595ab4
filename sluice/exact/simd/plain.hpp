// SPDX-License-Identifier: Apache-2.0
// The definition of the convolution kernels, as loops one can read. Whatever is faster must give
// the same numbers.
#pragma once

#include "sluice/exact/simd/layer.hpp"

namespace sluice::exact {

void plain_dense(const ConvLayer& layer, const TapRows& input, PixelRows<std::int32_t> out);
void plain_depthwise(const ConvLayer& layer, const TapRows& input, PixelRows<std::int32_t> out);

// The codes of num_pixels rows of `channels` accumulators.
void plain_requantize(const ConvOutput& output, std::int64_t num_pixels, std::int64_t channels,
                      PixelRows<const std::int32_t> acc, PixelRows<std::byte> out);

}  // namespace sluice::exact
