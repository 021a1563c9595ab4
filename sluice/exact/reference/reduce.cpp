// SPDX-License-Identifier: Apache-2.0
// Sums and means along axes, and Softmax.
#include "sluice/ir/ops/reduce.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "sluice/exact/reference/exponential.hpp"
#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/sum_rescaler.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;
using numeric::FixedMultiplier;

// Of a Softmax's output: 256 codes from 0 to 1.
constexpr float kProbabilityScale = 1.0F / 256;

// The sums of codes and how many each is of.
struct Sums {
  std::vector<std::int64_t> of_codes;
  std::int64_t count = 0;
};

template <class Reduce>
Result<Sums> sum_codes(const Reduce& op, const NodeView& node) {
  const ir::ReduceSum sum{op.keep_dims, op.noop_with_empty_axes};
  const Tensor codes = numeric::cast(node.in(0), DType::Int64);
  std::vector<const Tensor*> inputs(node.inputs().begin(), node.inputs().end());
  inputs[0] = &codes;
  const ir::ValueType type{DType::Int64, node.out_type().shape};
  SL_TRY(const auto outputs, runtime::reference::evaluate(sum, inputs, {&type, 1}));
  const std::int64_t count = outputs[0].num_elements();
  return Sums{numeric::to_integers(outputs[0]), count == 0 ? 0 : codes.num_elements() / count};
}

Result<Tensor> rescaled(const NodeView& node, const Sums& sums, bool is_mean) {
  SL_TRY(const SumRescaler rescaler, SumRescaler::make(node, sums.count, is_mean));
  std::vector<std::int64_t> result;
  result.reserve(sums.of_codes.size());
  for (const std::int64_t sum : sums.of_codes) result.push_back(rescaler.code(sum));
  return to_tensor(result, node.out_type());
}

// TFLite's in integers: differences to the largest code in Q5.26, their exponentials in Q0.31, the
// sum in Q12.19.
std::vector<std::int64_t> softmax_as_tflite(const std::vector<std::int64_t>& codes, const Affine& x,
                                            numeric::CodeRange range) {
  constexpr int kIntegerBits = 5;
  constexpr int kSumIntegerBits = 12;
  constexpr int kOutputBits = 8;
  const double scaled = std::min(static_cast<double>(x.scale) * (1 << (31 - kIntegerBits)),
                                 static_cast<double>(INT32_MAX));
  const FixedMultiplier multiplier = numeric::fixed_multiplier(scaled);
  const auto least_difference = -static_cast<std::int64_t>(
      std::floor(std::ldexp((1 << kIntegerBits) - 1, 31 - kIntegerBits - multiplier.exponent)));
  const std::int64_t largest = *std::ranges::max_element(codes);
  const auto exponential = [&](std::int64_t code) {
    return exp_of_negative(
        numeric::multiply_rounding_twice(static_cast<std::int32_t>(code - largest), multiplier));
  };
  std::int64_t sum = 0;
  for (const std::int64_t code : codes) {
    if (code - largest < least_difference) continue;
    sum += numeric::shift_right(exponential(code), kSumIntegerBits,
                                numeric::Rounding::HalfAwayFromZero);
  }
  // sum = (1 + rest)·2^bits_over_unit with rest in [0, 1)
  const int headroom = std::countl_zero(static_cast<std::uint32_t>(sum));
  const int bits_over_unit = kSumIntegerBits - headroom;
  const auto rest = static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << headroom) -
                                              (std::uint32_t{1} << 31));
  const std::int32_t reciprocal = reciprocal_of_one_plus(rest);
  std::vector<std::int64_t> result;
  result.reserve(codes.size());
  for (const std::int64_t code : codes) {
    std::int64_t probability = 0;
    if (code - largest >= least_difference) {
      probability = numeric::shift_right(
          numeric::saturating_rounding_doubling_high_mul(reciprocal, exponential(code)),
          bits_over_unit + 31 - kOutputBits, numeric::Rounding::HalfAwayFromZero);
    }
    result.push_back(std::clamp(probability + range.lowest, range.lowest, range.highest));
  }
  return result;
}

// TFLite's optimised kernel, which XNNPACK's users fall back to: in float32, in this order.
std::vector<std::int64_t> softmax_in_float(const std::vector<std::int64_t>& codes, const Affine& x,
                                           numeric::CodeRange range) {
  const std::int64_t largest = *std::ranges::max_element(codes);
  const auto exponential = [&](std::int64_t code) {
    return std::exp(-x.scale * static_cast<float>(largest - code));
  };
  float sum = 0;
  for (const std::int64_t code : codes) sum += exponential(code);
  const float per_step = 1.0F / (sum * kProbabilityScale);
  std::vector<std::int64_t> result;
  result.reserve(codes.size());
  for (const std::int64_t code : codes) {
    const std::int64_t probability = std::llround(exponential(code) * per_step);
    result.push_back(std::clamp(probability + range.lowest, range.lowest, range.highest));
  }
  return result;
}

}  // namespace

Result<Tensor> run(const ir::ReduceMean& op, const NodeView& node) {
  SL_TRY(const Sums sums, sum_codes(op, node));
  return rescaled(node, sums, true);
}

Result<Tensor> run(const ir::ReduceSum& op, const NodeView& node) {
  SL_TRY(const Sums sums, sum_codes(op, node));
  return rescaled(node, sums, false);
}

Result<Tensor> run(const ir::Softmax& op, const NodeView& node) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const numeric::CodeRange range = node.out_codes();
  if (y.scale != kProbabilityScale || y.zero_point != range.lowest) {
    return Error{
        ErrorCode::Unsupported,
        fmt::format("has scale {} and zero point {}; a Softmax in integers makes 1/256 and "
                    "{}",
                    y.scale, y.zero_point, range.lowest)};
  }
  SL_TRY(const ir::SoftmaxShape shape, ir::softmax_shape(op, node.in(0).shape()));
  const std::vector<std::int64_t> codes = numeric::to_integers(node.in(0));
  std::vector<std::int64_t> result(codes.size());
  std::vector<std::int64_t> row(static_cast<std::size_t>(shape.reduced));
  for (std::int64_t o = 0; o < shape.outer; ++o) {
    for (std::int64_t i = 0; i < shape.inner; ++i) {
      const std::int64_t begin = o * shape.reduced * shape.inner + i;
      for (std::int64_t r = 0; r < shape.reduced; ++r) {
        row.data()[r] = codes.data()[begin + r * shape.inner];
      }
      const auto probabilities = node.arithmetic() == Arithmetic::Xnnpack
                                     ? softmax_in_float(row, x, range)
                                     : softmax_as_tflite(row, x, range);
      for (std::int64_t r = 0; r < shape.reduced; ++r) {
        result.data()[begin + r * shape.inner] = probabilities.data()[r];
      }
    }
  }
  return to_tensor(result, node.out_type());
}

}  // namespace sluice::exact::reference
