// SPDX-License-Identifier: Apache-2.0
// The exponential in integers, as gemmlowp's fixed-point arithmetic defines it and TFLite's softmax
// uses it. Qm.n: n fractional bits in 32.
#pragma once

#include <cstdint>

namespace sluice::exact::reference {

// e^x of x ≤ 0, x in Q5.26, the result in Q0.31 (of 0: the largest number below 1). The argument is
// split into a multiple of 1/4 and a rest in [−1/4, 0): the rest by a polynomial around −1/8, the
// multiples by one factor e^(−2^k) a bit.
[[nodiscard]] std::int32_t exp_of_negative(std::int32_t x) noexcept;

// 1/(1 + x) of x in [0, 1), both in Q0.31; three steps of Newton's method from 48/17 − 32/17·d.
[[nodiscard]] std::int32_t reciprocal_of_one_plus(std::int32_t x) noexcept;

}  // namespace sluice::exact::reference
