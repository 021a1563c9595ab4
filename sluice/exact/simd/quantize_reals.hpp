// SPDX-License-Identifier: Apache-2.0
// Real numbers to 8-bit codes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sluice/numeric/dtype.hpp"

namespace sluice::exact {

// numeric::quantize for codes of 8 bits where halves go to even: limits are integers, so that
// limiting before rounding is the same, and below 2^22 adding 1.5·2^23 leaves the nearest integer.
struct RealQuantizer {
  float scale = 1;
  float zero_point = 0;
  float lowest = -128, highest = 127;  // less the zero point
  bool is_signed = true;               // the codes are Int8, else UInt8

  // As the byte that holds it.
  [[nodiscard]] std::uint8_t code(float real) const {
    constexpr float kRounds = 0x1.8p23F;
    const float quotient = real / scale;
    const float limited = std::min(std::max(quotient, lowest), highest);
    const float rounded = (limited + kRounds) - kRounds;
    const float step = quotient == quotient ? rounded : 0;  // NaN becomes the zero point
    return static_cast<std::uint8_t>(static_cast<std::int32_t>(step + zero_point));
  }
};

// to[i] = the code of from[i].
void quantize_reals(const RealQuantizer& by, const float* from, std::byte* to,
                    std::int64_t count) noexcept;

}  // namespace sluice::exact
