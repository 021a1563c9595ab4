// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/softmax_row.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

#include "sluice/exact/reference/exponential.hpp"

namespace sluice::exact::reference {
namespace {

constexpr float kProbabilityScale = 1.0F / 256;  // 256 codes from 0 to 1
constexpr int kSumIntegerBits = 12;

}  // namespace

Result<SoftmaxRow> SoftmaxRow::make(const NodeView& node) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const numeric::CodeRange inputs = numeric::codes_of(node.in_quantization(0)->dtype);
  if (inputs.highest - inputs.lowest >= static_cast<std::int64_t>(kDistances)) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("reads codes of more than 8 bits; in the arithmetic {} a Softmax has "
                             "a table of 256 distances",
                             numeric::to_string(node.arithmetic()))};
  }
  SoftmaxRow row;
  row.codes_ = node.out_codes();
  if (y.scale != kProbabilityScale || y.zero_point != row.codes_.lowest) {
    return Error{
        ErrorCode::Unsupported,
        fmt::format("has scale {} and zero point {}; a Softmax in integers makes 1/256 and "
                    "{}",
                    y.scale, y.zero_point, row.codes_.lowest)};
  }
  row.in_float_ = node.arithmetic() == numeric::Arithmetic::Xnnpack;
  if (row.in_float_) {
    row.fill_in_float(x.scale);
  } else {
    row.fill_in_integers(x.scale);
  }
  return row;
}

// Distances in Q5.26.
void SoftmaxRow::fill_in_integers(float scale) {
  constexpr int kIntegerBits = 5;
  const double scaled = std::min(static_cast<double>(scale) * (1 << (31 - kIntegerBits)),
                                 static_cast<double>(INT32_MAX));
  const numeric::FixedMultiplier multiplier = numeric::fixed_multiplier(scaled);
  const auto farthest = static_cast<std::int64_t>(
      std::floor(std::ldexp((1 << kIntegerBits) - 1, 31 - kIntegerBits - multiplier.exponent)));
  for (std::size_t d = 0; d < kDistances; ++d) {
    const auto distance = static_cast<std::int32_t>(d);
    if (distance > farthest) break;
    exponentials_[d] = exp_of_negative(numeric::multiply_rounding_twice(-distance, multiplier));
  }
}

void SoftmaxRow::fill_in_float(float scale) {
  for (std::size_t d = 0; d < kDistances; ++d) {
    float_exponentials_[d] = std::exp(-scale * static_cast<float>(d));
  }
}

void SoftmaxRow::apply(std::vector<std::int64_t>& codes) const {
  if (codes.empty()) return;
  const std::int64_t largest = *std::ranges::max_element(codes);
  if (in_float_) {
    apply_in_float(codes, largest);
  } else {
    apply_in_integers(codes, largest);
  }
}

void SoftmaxRow::apply_in_integers(std::vector<std::int64_t>& codes, std::int64_t largest) const {
  constexpr int kOutputBits = 8;
  const auto exponential = [&](std::int64_t code) {
    return exponentials_[static_cast<std::size_t>(largest - code)];
  };
  std::int64_t sum = 0;
  for (const std::int64_t code : codes) {
    sum += numeric::shift_right(exponential(code), kSumIntegerBits,
                                numeric::Rounding::HalfAwayFromZero);
  }
  // sum = (1 + rest)·2^bits_over_unit with rest in [0, 1)
  const int headroom = std::countl_zero(static_cast<std::uint32_t>(sum));
  const int bits_over_unit = kSumIntegerBits - headroom;
  const auto rest = static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << headroom) -
                                              (std::uint32_t{1} << 31));
  const std::int32_t reciprocal = reciprocal_of_one_plus(rest);
  for (std::int64_t& code : codes) {
    const std::int64_t probability = numeric::shift_right(
        numeric::saturating_rounding_doubling_high_mul(reciprocal, exponential(code)),
        bits_over_unit + 31 - kOutputBits, numeric::Rounding::HalfAwayFromZero);
    code = std::clamp(probability + codes_.lowest, codes_.lowest, codes_.highest);
  }
}

void SoftmaxRow::apply_in_float(std::vector<std::int64_t>& codes, std::int64_t largest) const {
  const auto exponential = [&](std::int64_t code) {
    return float_exponentials_[static_cast<std::size_t>(largest - code)];
  };
  float sum = 0;
  for (const std::int64_t code : codes) sum += exponential(code);
  const float per_step = 1.0F / (sum * kProbabilityScale);
  for (std::int64_t& code : codes) {
    const std::int64_t probability = std::llround(exponential(code) * per_step);
    code = std::clamp(probability + codes_.lowest, codes_.lowest, codes_.highest);
  }
}

}  // namespace sluice::exact::reference
