// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/integer_operators.hpp"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>
#include <vector>

#include "sluice/numeric/code_rescale.hpp"
#include "sluice/numeric/code_sum.hpp"
#include "sluice/numeric/layer_scales.hpp"
#include "sluice/numeric/sum_rescaler.hpp"

namespace sluice::train {
namespace {

using numeric::Quantization;

// to[i] = code(i, from[i]), in float64 on the CPU: it holds all of them exactly.
template <class Code>
at::Tensor by_element(const at::Tensor& from, const Code& code) {
  constexpr std::int64_t kGrain = 1 << 14;
  const at::Tensor source = from.detach().to(at::kCPU, at::kDouble).contiguous();
  at::Tensor result = at::empty(source.sizes(), at::kFloat);
  const double* const in = source.data_ptr<double>();
  auto* const out = result.data_ptr<float>();
  at::parallel_for(0, source.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out[i] = static_cast<float>(code(i, in[i]));
  });
  return result.to(from.device());
}

std::int64_t zero_point(const Quantization& quantization) {
  return quantization.zero_points[0];
}

}  // namespace

at::Tensor levels_of_reals(const at::Tensor& reals, const Quantization& y) {
  const numeric::CodeRange codes = numeric::codes_of(y);
  return by_element(reals, [&](std::int64_t, double real) {
    return numeric::quantize(static_cast<float>(real), y.scales[0], zero_point(y), codes,
                             kAnyStepArithmetic) -
           zero_point(y);
  });
}

Result<at::Tensor> levels_of_sums(const at::Tensor& sums, std::int64_t axis, const Quantization& x,
                                  std::span<const float> weight_scales, const Quantization& y) {
  using Limits = std::numeric_limits<std::int32_t>;
  const double least = sums.min().item<double>(), most = sums.max().item<double>();
  if (least < Limits::min() || most > Limits::max()) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("its sums reach {:.0f}, which 32 bits do not hold; take fewer bits",
                             std::max(-least, most))};
  }
  std::vector<numeric::Requantizer> by;
  by.reserve(weight_scales.size());
  for (const float scale : weight_scales) {
    SL_TRY(by.emplace_back(),
           numeric::make_requantizer(kAnyStepArithmetic,
                                     numeric::multiplied_scales(kAnyStepArithmetic, x.dtype,
                                                                {x.scales[0], scale, y.scales[0]}),
                                     zero_point(y), numeric::codes_of(y)));
  }
  std::int64_t stride = 1;
  for (std::int64_t d = axis + 1; d < sums.dim(); ++d) stride *= sums.size(d);
  return by_element(sums, [&](std::int64_t i, double sum) {
    const auto channel = static_cast<std::size_t>(i / stride) % by.size();
    return numeric::requantize(static_cast<std::int32_t>(sum), by[channel]) - zero_point(y);
  });
}

Result<at::Tensor> clamped_levels(const at::Tensor& levels, const Quantization& x,
                                  const Quantization& y, double low, double high) {
  SL_TRY(const auto by, numeric::CodeRescale::clamped(kAnyStepArithmetic, x, y, low, high));
  return by_element(levels, [&](std::int64_t, double level) {
    return by.code(static_cast<std::int64_t>(level) + zero_point(x)) - zero_point(y);
  });
}

Result<at::Tensor> sum_levels(const Addend& a, const Addend& b, int sign, const Quantization& y) {
  SL_TRY(const auto by,
         numeric::CodeSum::make(kAnyStepArithmetic, a.quantization, b.quantization, y, sign));
  const auto both = at::broadcast_tensors({a.levels, b.levels});
  const at::Tensor other = both[1].detach().to(at::kCPU, at::kDouble).contiguous();
  const double* const of_b = other.data_ptr<double>();
  return by_element(both[0], [&](std::int64_t i, double level) {
    return by.code(static_cast<std::int64_t>(level) + zero_point(a.quantization),
                   static_cast<std::int64_t>(of_b[i]) + zero_point(b.quantization)) -
           zero_point(y);
  });
}

at::Tensor pooled_levels(const at::Tensor& levels, const ir::ResolvedWindow& window, bool ceil_mode,
                         const Quantization& x) {
  // Divided by 1: sums.
  const auto sums_of = [&](const at::Tensor& each) {
    return at::avg_pool2d(each, window.kernel, window.strides, window.pad_begin, ceil_mode, true,
                          1);
  };
  const at::Tensor wide = levels.to(at::kDouble);
  const at::Tensor counts = sums_of(at::ones_like(wide)).to(at::kCPU).contiguous();
  const double* const count_of = counts.data_ptr<double>();
  return by_element(sums_of(wide), [&](std::int64_t i, double sum) {
    const auto count = static_cast<std::int64_t>(count_of[i]);
    if (count == 0) return std::int64_t{0};
    const std::int64_t codes = static_cast<std::int64_t>(sum) + count * zero_point(x);
    return numeric::mean_of_codes(codes, count) - zero_point(x);
  });
}

Result<at::Tensor> mean_levels(const at::Tensor& sums, std::int64_t count, const Quantization& x,
                               const Quantization& y) {
  SL_TRY(const auto by, numeric::SumRescaler::make(kAnyStepArithmetic, x, y, count, count));
  return by_element(sums, [&](std::int64_t, double sum) {
    return by.code(static_cast<std::int64_t>(sum) + count * zero_point(x)) - zero_point(y);
  });
}

}  // namespace sluice::train
