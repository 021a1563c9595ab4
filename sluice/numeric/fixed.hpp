// SPDX-License-Identifier: Apache-2.0
// True Q-format: an integer of `bits` bits times 2^−fraction_bits, as hardware has it.
#pragma once

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// The code of x: round_to_integer(x·2^fraction_bits), then fit_to_bits. x·2^fraction_bits is not
// rounded. An infinity behaves as any value far too large: it saturates, or wraps to 0. x must not
// be NaN.
[[nodiscard]] std::int64_t fixed_code(float x, const FixedGrid& grid) noexcept;
// code·2^−fraction_bits, exactly.
[[nodiscard]] float fixed_value(std::int64_t code, const FixedGrid& grid) noexcept;
// fixed_value(fixed_code(x)); NaN becomes the default quiet NaN.
[[nodiscard]] float fixed_snap(float x, const FixedGrid& grid) noexcept;

// The most fraction bits with which both ends of the range still round to codes of the format:
// the power-of-two scale a range calls for. Within [kMinFractionBits, kMaxFractionBits]; bits for a
// range of nothing but 0. An unsigned format looks at max alone. The range satisfies check_range.
[[nodiscard]] int fraction_bits_for(const Range& range, const FixedGrid& format) noexcept;

}  // namespace sluice::numeric
