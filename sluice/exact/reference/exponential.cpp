// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/exponential.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact::reference {
namespace {

constexpr std::int64_t kLeast32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMost32 = std::numeric_limits<std::int32_t>::max();

std::int32_t product(std::int32_t a, std::int32_t b) {
  return numeric::saturating_rounding_doubling_high_mul(a, b);
}

std::int32_t shifted_left(std::int32_t x, int bits) {
  return static_cast<std::int32_t>(
      std::clamp(std::int64_t{x} * (std::int64_t{1} << bits), kLeast32, kMost32));
}

std::int32_t shifted_right(std::int32_t x, int bits) {
  return static_cast<std::int32_t>(
      numeric::shift_right(x, bits, numeric::Rounding::HalfAwayFromZero));
}

// e^x of x in [−1/4, 0) in Q0.31: c·(1 + t + t²/2 + t³/6 + t⁴/24) with t = x + 1/8, c = e^(−1/8).
std::int32_t exp_of_small(std::int32_t x) {
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;
  constexpr std::int32_t kThird = 715827883;
  constexpr std::int32_t kEighth = 1 << 28;
  const std::int32_t t = x + kEighth;
  const std::int32_t t2 = product(t, t);
  const std::int32_t t3 = product(t2, t);
  const std::int32_t t4 = product(t2, t2);
  const std::int32_t above_second = product(shifted_right(t4, 2) + t3, kThird);
  const std::int32_t from_second = shifted_right(above_second + t2, 1);
  return kExpOfMinusEighth + product(kExpOfMinusEighth, t + from_second);
}

}  // namespace

std::int32_t exp_of_negative(std::int32_t x) noexcept {
  constexpr int kFractionalBits = 26;
  constexpr int kIntegerBits = 5;
  constexpr std::int32_t kQuarter = 1 << (kFractionalBits - 2);
  // e^(−2^k) in Q0.31 for k = −2, −1, …, 4.
  constexpr std::array<std::int32_t, 7> kPowers{1672461947, 1302514674, 790015084, 290630308,
                                                39332535,   720401,     242};
  if (x == 0) return static_cast<std::int32_t>(kMost32);
  const std::int32_t rest = (x & (kQuarter - 1)) - kQuarter;
  std::int32_t result = exp_of_small(shifted_left(rest, kIntegerBits));
  const std::int32_t quarters = rest - x;
  for (std::size_t k = 0; k < kPowers.size(); ++k) {
    const std::int32_t bit = std::int32_t{1} << (kFractionalBits - 2 + static_cast<int>(k));
    if ((quarters & bit) != 0) result = product(result, kPowers[k]);
  }
  return result;
}

std::int32_t reciprocal_of_one_plus(std::int32_t x) noexcept {
  // In Q2.29.
  constexpr std::int32_t kOne = 1 << 29;
  constexpr std::int32_t k48Over17 = 1515870810;
  constexpr std::int32_t kMinus32Over17 = -1010580540;
  const auto half_denominator = static_cast<std::int32_t>((x + kMost32 + 1) / 2);
  std::int32_t result = k48Over17 + product(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t error = kOne - product(half_denominator, result);
    result += shifted_left(product(result, error), 2);
  }
  return shifted_left(result, 1);
}

}  // namespace sluice::exact::reference
