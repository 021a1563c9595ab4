// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/pixel_shift.hpp"

#include <algorithm>

#include "sluice/ir/ops/conv.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/factor_scales.hpp"

namespace sluice::hw {
namespace {

constexpr std::int64_t kTaps = 9;  // of a window of 3 x 3

// A window of 3 x 3 around each pixel of each channel by itself.
bool is_around_each_pixel(const ir::Graph& network, const ir::Node& node) {
  const auto* conv = std::get_if<ir::Conv>(&node.op);
  if (conv == nullptr) return false;
  const Shape& x = network.type(node.inputs[0]).shape;
  const Shape& w = network.type(node.inputs[1]).shape;
  if (x.size() != 4 || conv->group != x[1] || w != Shape{x[1], 1, 3, 3}) return false;
  const auto window = ir::resolve(*conv, x, w);
  const auto all = [](const ir::Dims& dims, std::int64_t value) {
    return std::ranges::all_of(dims, [&](std::int64_t each) { return each == value; });
  };
  return window && all(window->strides, 1) && all(window->dilations, 1) &&
         all(window->pad_begin, 1) && all(window->pad_end, 1);
}

bool is_zero(const ir::Value& value) {
  if (!value.constant) return false;
  const std::vector<double> numbers = numeric::to_doubles(*value.constant);
  return std::ranges::all_of(numbers, [](double number) { return number == 0; });
}

double entry(const auto& list, std::int64_t channel) {
  return static_cast<double>(list[list.size() == 1 ? 0 : static_cast<std::size_t>(channel)]);
}

// Whether codes stay what they are, times a weight and requantized.
class Codes {
 public:
  static std::optional<Codes> make(const ir::Graph& network, const ir::Node& node) {
    const auto& x = network[node.inputs[0]].quantization;
    const auto& y = network[node.outputs[0]].quantization;
    if (!x || !y || *x != *y || x->is_per_channel()) return std::nullopt;
    const numeric::CodeRange range = numeric::codes_of(*x);
    constexpr std::int64_t kMostCodes = 1 << 16;
    if (range.highest - range.lowest >= kMostCodes) return std::nullopt;
    return Codes(*x, range, node.arithmetic.value_or(numeric::Arithmetic::Onnx));
  }

  [[nodiscard]] bool stay(std::int64_t weight, float weight_scale) const {
    const numeric::LayerScales scales = numeric::factor_scales(
        arithmetic_, of_.dtype, {of_.scales[0], weight_scale, of_.scales[0]});
    const auto by = numeric::make_requantizer(arithmetic_, scales, of_.zero_points[0], range_);
    if (!by) return false;
    for (std::int64_t code = range_.lowest; code <= range_.highest; ++code) {
      const std::int64_t sum = (code - of_.zero_points[0]) * weight;
      const std::int64_t made = numeric::is_shift(arithmetic_)
                                    ? numeric::requantize_wide(sum, *by)
                                    : numeric::requantize(static_cast<std::int32_t>(sum), *by);
      if (made != code) return false;
    }
    return true;
  }

 private:
  Codes(const numeric::Quantization& of, numeric::CodeRange range, numeric::Arithmetic arithmetic)
      : of_(of), range_(range), arithmetic_(arithmetic) {}

  const numeric::Quantization& of_;
  numeric::CodeRange range_;
  numeric::Arithmetic arithmetic_;
};

// The place of each kernel's one weight, if all have one and it changes nothing.
template <class Number, class Stays>
std::optional<std::vector<std::int64_t>> places(const std::vector<Number>& weights, Stays stays) {
  const auto channels = static_cast<std::int64_t>(weights.size()) / kTaps;
  std::vector<std::int64_t> result;
  result.reserve(static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto kernel = weights.begin() + c * kTaps;
    const auto is_weight = [](Number weight) { return weight != 0; };
    if (std::count_if(kernel, kernel + kTaps, is_weight) != 1) return std::nullopt;
    const auto found = std::find_if(kernel, kernel + kTaps, is_weight);
    if (!stays(*found, c)) return std::nullopt;
    result.push_back(found - kernel);
  }
  return result;
}

}  // namespace

std::optional<std::vector<std::int64_t>> shift_taps(const ir::Graph& network,
                                                    const ir::Node& node) {
  if (!is_around_each_pixel(network, node)) return std::nullopt;
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  if (has_bias && !is_zero(network[node.inputs[2]])) return std::nullopt;
  const ir::Value& weights = network[node.inputs[1]];
  if (!weights.constant) return std::nullopt;
  if (!weights.quantization) {
    if (network[node.inputs[0]].quantization) return std::nullopt;
    return places(numeric::to_doubles(*weights.constant),
                  [](double weight, std::int64_t) { return weight == 1; });
  }
  const numeric::Quantization& by = *weights.quantization;
  const auto codes = Codes::make(network, node);
  if (!codes || (by.is_per_channel() && by.axis != 0)) return std::nullopt;
  std::vector<std::int64_t> centred = numeric::to_integers(*weights.constant);
  for (std::size_t i = 0; i < centred.size(); ++i) {
    const auto channel = static_cast<std::int64_t>(i) / kTaps;
    centred[i] -= static_cast<std::int64_t>(entry(by.zero_points, channel));
  }
  return places(centred, [&](std::int64_t weight, std::int64_t channel) {
    return codes->stay(weight, static_cast<float>(entry(by.scales, channel)));
  });
}

}  // namespace sluice::hw
