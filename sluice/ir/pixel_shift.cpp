// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/pixel_shift.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <span>

#include "sluice/numeric/element.hpp"
#include "sluice/numeric/layer_scales.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::ir {
namespace {

using numeric::Quantization;

constexpr std::int64_t kReach = 1;   // pixels that a channel may move by
constexpr std::int64_t kWindow = 3;  // 2·kReach + 1
constexpr int kMostBits = 16;        // of codes that are gone through one by one
constexpr int kMostWeightBits = 14;  // whose products with these 32 bits hold

const Value* input_of(const Graph& graph, const Node& node, std::size_t i) {
  return i < node.inputs.size() && node.inputs[i] != kNoValue ? &graph[node.inputs[i]] : nullptr;
}

bool is_zero(const Value& value) {
  if (!value.constant) return false;
  if (value.quantization) {
    const auto codes = numeric::to_integers(*value.constant);
    return std::ranges::all_of(codes, [](std::int64_t code) { return code == 0; });
  }
  const auto reals = numeric::to_doubles(*value.constant);
  return std::ranges::all_of(reals, [](double real) { return real == 0; });
}

// A Conv of each channel by itself whose map is as large as its input's, and its window.
std::optional<ResolvedWindow> channel_window(const Graph& graph, const Node& node) {
  const auto* conv = std::get_if<Conv>(&node.op);
  const Value* weights = input_of(graph, node, 1);
  if (conv == nullptr || node.accumulator || weights == nullptr || !weights->constant) {
    return std::nullopt;
  }
  const sluice::Shape& x = graph.type(node.inputs[0]).shape;
  const sluice::Shape& w = weights->constant->shape();
  constexpr std::size_t kRank = 4;
  if (x.size() != kRank || w.size() != kRank || conv->group != x[1] || w[0] != x[1] || w[1] != 1) {
    return std::nullopt;
  }
  if (const Value* bias = input_of(graph, node, 2); bias != nullptr && !is_zero(*bias)) {
    return std::nullopt;
  }
  auto window = resolve(*conv, x, w);
  if (!window || window->strides != Dims{1, 1} || window->output != Dims{x[2], x[3]}) {
    return std::nullopt;
  }
  return *std::move(window);
}

// Of a kernel whose only number that is not 0 is at `place`.
std::optional<std::int64_t> tap_at(std::int64_t place, const ResolvedWindow& window) {
  const std::int64_t down = place / window.kernel[1] * window.dilations[0] - window.pad_begin[0];
  const std::int64_t right = place % window.kernel[1] * window.dilations[1] - window.pad_begin[1];
  if (std::abs(down) > kReach || std::abs(right) > kReach) return std::nullopt;
  return (down + kReach) * kWindow + right + kReach;
}

struct Kernels {
  std::vector<std::int64_t> taps;  // of each channel
  std::vector<double> numbers;     // what is there, a code where weights are these
};

std::optional<Kernels> kernels_of(const Graph& graph, const Node& node) {
  const auto window = channel_window(graph, node);
  if (!window) return std::nullopt;
  const Value& weights = graph[node.inputs[1]];
  if (weights.quantization && !std::ranges::all_of(weights.quantization->zero_points,
                                                   [](std::int64_t z) { return z == 0; })) {
    return std::nullopt;
  }
  const std::vector<double> all = numeric::to_doubles(*weights.constant);
  const auto size = static_cast<std::size_t>(window->kernel[0] * window->kernel[1]);
  Kernels result;
  for (std::size_t begin = 0; begin < all.size(); begin += size) {
    const auto kernel = std::span(all).subspan(begin, size);
    const auto is_there = [](double number) { return number != 0; };
    const auto found = std::ranges::find_if(kernel, is_there);
    if (found == kernel.end() || std::ranges::count_if(kernel, is_there) != 1) return std::nullopt;
    const auto tap = tap_at(found - kernel.begin(), *window);
    if (!tap) return std::nullopt;
    result.taps.push_back(*tap);
    result.numbers.push_back(*found);
  }
  return result;
}

bool is_one(const Quantization* weights, double number, std::size_t channel) {
  if (weights == nullptr) return number == 1;
  const float scale = weights->scales[weights->is_per_channel() ? channel : 0];
  return static_cast<float>(number) * scale == 1;
}

// Whether the sum of one product gives the code of its input again, for every code. Powers of two
// round nothing; of others each code is tried.
bool gives_codes_again(std::int64_t weight, float weight_scale, const Quantization& x,
                       const Quantization& y, numeric::Arithmetic arithmetic) {
  if (numeric::is_shift(arithmetic)) {
    return static_cast<double>(weight) * weight_scale * x.scales[0] == double{y.scales[0]};
  }
  if (num_bits(x.dtype) > kMostBits || std::abs(weight) >= std::int64_t{1} << kMostWeightBits) {
    return false;
  }
  const auto by = numeric::make_requantizer(
      arithmetic,
      numeric::multiplied_scales(arithmetic, x.dtype, {x.scales[0], weight_scale, y.scales[0]}),
      y.zero_points[0], numeric::codes_of(y));
  if (!by) return false;
  const numeric::CodeRange codes = numeric::codes_of(x);
  for (std::int64_t code = codes.lowest; code <= codes.highest; ++code) {
    const auto sum = static_cast<std::int32_t>(weight * (code - x.zero_points[0]));
    if (numeric::requantize(sum, *by) != code) return false;
  }
  return true;
}

bool keeps_codes(const Graph& graph, const Node& node, const Kernels& kernels) {
  const auto& x = graph[node.inputs[0]].quantization;
  const auto& y = graph[node.outputs[0]].quantization;
  const auto& weights = graph[node.inputs[1]].quantization;
  if (!x && !y && !weights) {
    return std::ranges::all_of(kernels.numbers, [](double number) { return number == 1; });
  }
  const auto same_codes = [](const Quantization& a, const Quantization& b) {
    const numeric::CodeRange of_a = numeric::codes_of(a), of_b = numeric::codes_of(b);
    return a.dtype == b.dtype && of_a.lowest == of_b.lowest && of_a.highest == of_b.highest &&
           a.zero_points == b.zero_points;
  };
  const bool is_plain = x && y && weights && !x->is_per_channel() && !y->is_per_channel() &&
                        (!weights->is_per_channel() || weights->axis == 0);
  if (!is_plain || !same_codes(*x, *y)) return false;
  std::set<std::pair<std::int64_t, float>> seen;
  for (std::size_t c = 0; c < kernels.numbers.size(); ++c) {
    const auto weight = static_cast<std::int64_t>(kernels.numbers[c]);
    const float scale = weights->scales[weights->is_per_channel() ? c : 0];
    if (!seen.emplace(weight, scale).second) continue;
    if (!gives_codes_again(weight, scale, *x, *y,
                           node.arithmetic.value_or(numeric::Arithmetic::Onnx))) {
      return false;
    }
  }
  return true;
}

// Without what repeats.
PixelShift shortest(std::vector<std::int64_t> taps) {
  for (std::size_t period = 1; period < taps.size(); ++period) {
    bool repeats = true;
    for (std::size_t c = period; c < taps.size() && repeats; ++c) {
      repeats = taps[c] == taps[c - period];
    }
    if (!repeats) continue;
    taps.resize(period);
    break;
  }
  return {std::move(taps)};
}

}  // namespace

std::optional<PixelShift> pixel_shift_of(const Graph& graph, const Node& node) {
  auto kernels = kernels_of(graph, node);
  if (!kernels || !keeps_codes(graph, node, *kernels)) return std::nullopt;
  return shortest(std::move(kernels->taps));
}

std::optional<PixelShift> real_pixel_shift_of(const Graph& graph, const Node& node) {
  auto kernels = kernels_of(graph, node);
  if (!kernels) return std::nullopt;
  const auto& weights = graph[node.inputs[1]].quantization;
  for (std::size_t c = 0; c < kernels->numbers.size(); ++c) {
    if (!is_one(weights ? &*weights : nullptr, kernels->numbers[c], c)) return std::nullopt;
  }
  return shortest(std::move(kernels->taps));
}

}  // namespace sluice::ir
