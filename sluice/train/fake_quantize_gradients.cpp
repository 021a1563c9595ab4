// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/fake_quantize_gradients.hpp"

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "sluice/train/fake_quantize_kernels.hpp"

namespace sluice::train {
namespace {

// The adjoint of along_axis: the sum over the values that share a number.
at::Tensor summed(const at::Tensor& gradients, std::int64_t axis) {
  if (axis < 0) return gradients.sum().view({1});
  std::vector<std::int64_t> others;
  others.reserve(static_cast<std::size_t>(gradients.dim()));
  for (std::int64_t i = 0; i < gradients.dim(); ++i) {
    if (i != axis) others.push_back(i);
  }
  // No dimensions would mean all of them.
  return others.empty() ? gradients : gradients.sum(others);
}

constexpr std::size_t kSumLanes = 8;  // as many sums at a time, for the machine's sake
constexpr std::size_t kBlock = 256;   // values of which the summands are kept

struct Sums {
  std::array<double, kSumLanes> of_learnt{}, of_offset{};
};

using Block = std::array<float, kBlock>;

// kernel(x, upstream, parts, n) for the run's values, a block at a time; the last vector of the
// last one is filled up with gradients of 0.
template <class Kernel>
void sweep(std::span<const float> x, const float* upstream, float* of_x, const Kernel& kernel,
           Sums& sums) {
  Block of_learnt{}, of_offset{};
  for (std::size_t begin = 0; begin < x.size(); begin += kBlock) {
    const std::size_t size = std::min(kBlock, x.size() - begin);
    const std::size_t rest = size % kFakeQuantizeLanes, whole = size - rest;
    kernel(x.data() + begin, upstream + begin,
           GradientParts{of_x + begin, of_learnt.data(), of_offset.data()}, whole);
    if (rest > 0) {
      std::array<float, kFakeQuantizeLanes> values{}, gradients{}, found{};
      std::copy_n(x.data() + begin + whole, rest, values.begin());
      std::copy_n(upstream + begin + whole, rest, gradients.begin());
      kernel(values.data(), gradients.data(),
             GradientParts{found.data(), of_learnt.data() + whole, of_offset.data() + whole},
             kFakeQuantizeLanes);
      std::copy_n(found.begin(), rest, of_x + begin + whole);
    }
    const std::size_t padded = whole + (rest > 0 ? kFakeQuantizeLanes : 0);
    for (std::size_t i = 0; i < padded; i += kSumLanes) {
      for (std::size_t lane = 0; lane < kSumLanes; ++lane) {
        sums.of_learnt[lane] += static_cast<double>(of_learnt[i + lane]);
        sums.of_offset[lane] += static_cast<double>(of_offset[i + lane]);
      }
    }
  }
}

double total(const std::array<double, kSumLanes>& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

// Runs of values that share what is learnt, `make_kernel(i)` for number i of it. Where all share
// it, runs of a fixed length: sums are then added in an order that threads have no part in.
template <class MakeKernel>
SnapGradients in_one_pass(const Backward& call, std::int64_t numbers,
                          const MakeKernel& make_kernel) {
  constexpr std::int64_t kRun = 1 << 14;
  const at::Tensor x = call.x.contiguous(), upstream = call.upstream.contiguous();
  const at::Tensor of_x = at::empty_like(x);
  std::int64_t length = call.axis < 0 ? kRun : 1;
  for (std::int64_t i = call.axis + 1; call.axis >= 0 && i < x.dim(); ++i) length *= x.size(i);
  const std::int64_t runs = length == 0 ? 0 : (x.numel() + length - 1) / length;
  std::vector<double> of_learnt(static_cast<std::size_t>(runs)), of_offset(of_learnt);
  at::parallel_for(0, runs, std::max<std::int64_t>(1, kRun / std::max<std::int64_t>(length, 1)),
                   [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t run = first; run < last; ++run) {
                       const std::int64_t begin = run * length;
                       Sums sums;
                       const auto size =
                           static_cast<std::size_t>(std::min(length, x.numel() - begin));
                       sweep({x.data_ptr<float>() + begin, size},
                             upstream.data_ptr<float>() + begin, of_x.data_ptr<float>() + begin,
                             make_kernel(call.axis < 0 ? 0 : run % numbers), sums);
                       of_learnt[static_cast<std::size_t>(run)] = total(sums.of_learnt);
                       of_offset[static_cast<std::size_t>(run)] = total(sums.of_offset);
                     }
                   });
  const at::Tensor learnt = at::zeros({numbers}, at::kDouble), offset = at::zeros_like(learnt);
  for (std::int64_t run = 0; run < runs; ++run) {
    const std::int64_t i = call.axis < 0 ? 0 : run % numbers;
    learnt.data_ptr<double>()[i] += of_learnt[static_cast<std::size_t>(run)];
    offset.data_ptr<double>()[i] += of_offset[static_cast<std::size_t>(run)];
  }
  return {of_x, learnt.to(at::kFloat), offset.to(at::kFloat)};
}

// In float64, in order where that is a CPU's.
at::Tensor sum_in_order(const at::Tensor& values) {
  if (!values.is_cpu()) return values.sum(at::kDouble);
  const at::Tensor flat = values.contiguous();
  const std::span<const float> all(flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel()));
  double sum = 0;
  for (const float value : all) sum += static_cast<double>(value);
  return at::full({}, sum, at::kDouble);
}

}  // namespace

at::Tensor along_axis(const at::Tensor& numbers, const at::Tensor& x, std::int64_t axis) {
  if (axis < 0 || numbers.numel() == 1) return numbers;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = -1;
  return numbers.view(shape);
}

SnapGradients reference_gradients_by_step(const Backward& call, const at::Tensor& step,
                                          const at::Tensor& zero_point,
                                          const numeric::CodeRange& codes) {
  const at::Tensor v = call.x / along_axis(step, call.x, call.axis);
  const at::Tensor zero = along_axis(zero_point, call.x, call.axis);
  const at::Tensor below = v <= codes.lowest - zero, above = v >= codes.highest - zero;
  const at::Tensor outside = below.logical_or(above);
  at::Tensor of_step = at::round(v).sub_(v);
  of_step.masked_fill_(below, static_cast<double>(codes.lowest));
  of_step.masked_fill_(above, static_cast<double>(codes.highest));
  return {call.upstream.masked_fill(outside, 0), summed(of_step.mul_(call.upstream), call.axis),
          summed(call.upstream * outside, call.axis)};
}

SnapGradients gradients_by_step(const Backward& call, const at::Tensor& step,
                                const at::Tensor& zero_point, const numeric::CodeRange& codes) {
  if (!call.x.is_cpu()) return reference_gradients_by_step(call, step, zero_point, codes);
  const auto lowest = static_cast<float>(codes.lowest), highest = static_cast<float>(codes.highest);
  const float *steps = step.data_ptr<float>(), *zeros = zero_point.data_ptr<float>();
  const bool has_zeros = zero_point.numel() == step.numel();
  return in_one_pass(call, step.numel(), [&](std::int64_t number) {
    const StepNumbers each{steps[number], zeros[has_zeros ? number : 0], lowest, highest};
    return [=](const float* x, const float* upstream, const GradientParts& parts, std::size_t n) {
      fake_quantize_kernels().by_step(each, x, upstream, parts, n);
    };
  });
}

SnapGradients reference_gradients_by_clip(const Backward& call, const at::Tensor& clip) {
  const at::Tensor above = call.x >= along_axis(clip, call.x, call.axis);
  return {call.upstream.masked_fill(above.logical_or(call.x < 0), 0),
          summed(call.upstream * above, call.axis),
          {}};
}

SnapGradients gradients_by_clip(const Backward& call, const at::Tensor& clip) {
  if (!call.x.is_cpu()) return reference_gradients_by_clip(call, clip);
  const float* clips = clip.data_ptr<float>();
  return in_one_pass(call, clip.numel(), [&](std::int64_t number) {
    return [a = clips[number]](const float* x, const float* upstream, const GradientParts& parts,
                               std::size_t n) {
      fake_quantize_kernels().by_clip(a, x, upstream, parts, n);
    };
  });
}

SnapGradients reference_gradients_normalized(const Backward& call, const at::Tensor& clip,
                                             const at::Tensor& range) {
  const at::Tensor a = along_axis(clip, call.x, call.axis);
  const at::Tensor inside = (call.x > 0).logical_and(call.x < a);
  const at::Tensor at_ends = (call.x == 0).logical_or(call.x == a);
  at::Tensor part = inside.to(call.x.scalar_type()).add_(at_ends, 0.5);
  const at::Tensor of_x = part.mul_(call.upstream).mul_(range / a);
  return {of_x, summed(of_x * call.x / a, call.axis).neg_(), {}};
}

SnapGradients gradients_normalized(const Backward& call, const at::Tensor& clip,
                                   const at::Tensor& range) {
  if (!call.x.is_cpu()) return reference_gradients_normalized(call, clip, range);
  const float* clips = clip.data_ptr<float>();
  const float largest = range.item<float>();
  return in_one_pass(call, clip.numel(), [&](std::int64_t number) {
    return [=, a = clips[number]](const float* x, const float* upstream, const GradientParts& parts,
                                  std::size_t n) {
      fake_quantize_kernels().normalized(a, largest, x, upstream, parts, n);
    };
  });
}

// With level = n·(t/(2M) + 1/2): dt = n/(2M), and dM = −n·Σ t/(2M²) goes to those that are M large.
at::Tensor gradients_by_tanh(const at::Tensor& t, const at::Tensor& upstream,
                             std::int64_t highest) {
  const at::Tensor magnitude = t.abs(), largest = magnitude.max();
  const at::Tensor divisor = at::where(largest == 0, at::ones_like(largest), largest);
  const at::Tensor slope = static_cast<double>(highest) / (2 * divisor);
  const at::Tensor are_largest = magnitude == largest;
  const at::Tensor of_largest = -sum_in_order(upstream * t).to(at::kFloat) * slope / divisor;
  const at::Tensor share = of_largest / are_largest.sum();
  return (upstream * slope + t.sign() * are_largest * share) * (1 - t.square());
}

}  // namespace sluice::train
