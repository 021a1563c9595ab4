// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/accumulator_range.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sluice/exact/reference/node.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact {
namespace {

using Integers = std::vector<std::int64_t>;

// The weights of one layer by the output that they meet in.
class Weights {
 public:
  Weights(const ir::Node& node, const Tensor& codes, const numeric::Quantization& quantization)
      : node_(node),
        quantization_(quantization),
        shape_(codes.shape()),
        strides_(strides_of(codes.shape())),
        codes_(numeric::to_integers(codes)) {}

  std::int64_t size() const { return static_cast<std::int64_t>(codes_.size()); }

  std::int64_t centred(std::int64_t i) const {
    const auto slice =
        quantization_.is_per_channel()
            ? static_cast<std::size_t>(along(i, static_cast<std::size_t>(quantization_.axis)))
            : std::size_t{0};
    return codes_[static_cast<std::size_t>(i)] - quantization_.zero_points[slice];
  }

  std::int64_t channel(std::int64_t i) const {
    const std::size_t rank = shape_.size();
    if (ir::is<ir::Conv>(node_.op)) return along(i, 0);
    if (ir::is<ir::ConvTranspose>(node_.op)) return along(i, 1);
    if (const auto* gemm = std::get_if<ir::Gemm>(&node_.op)) return along(i, gemm->trans_b ? 0 : 1);
    return rank < 2 ? 0 : along(i, rank - 1);
  }

  // Which outputs of its channel a weight adds to, where not all of a channel meet.
  std::int64_t part(std::int64_t i) const {
    const std::size_t rank = shape_.size();
    std::int64_t result = 0;
    if (const auto* conv = std::get_if<ir::ConvTranspose>(&node_.op)) {
      for (std::size_t d = 2; d < rank; ++d) {
        const std::int64_t stride = entry(conv->window.strides, d - 2);
        const std::int64_t tap = along(i, d) * entry(conv->window.dilations, d - 2);
        result = result * stride + tap % stride;
      }
    } else if (ir::is<ir::MatMul>(node_.op)) {  // a product for each index before the last two
      for (std::size_t d = 0; d + 2 < rank; ++d) result = result * shape_[d] + along(i, d);
    }
    return result;
  }

 private:
  static std::int64_t entry(const ir::Dims& dims, std::size_t i) {
    return dims.empty() ? 1 : dims[i];
  }
  std::int64_t along(std::int64_t i, std::size_t axis) const {
    return i / strides_[axis] % shape_[axis];
  }

  const ir::Node& node_;
  const numeric::Quantization& quantization_;
  Shape shape_;
  Integers strides_;
  Integers codes_;
};

// What a layer's bias adds.
class Bias {
 public:
  // `unit`: the scales of the sums in an arithmetic that shifts, one or one a channel; empty in the
  // others, where the numbers count as they are.
  Bias(const Tensor* numbers, const std::optional<numeric::Quantization>& quantization,
       std::vector<double> unit)
      : unit_(std::move(unit)) {
    if (numbers == nullptr) return;
    numbers_ = numeric::to_integers(*numbers);
    columns_ = numbers->rank() == 0 ? 1 : numbers->shape().back();
    if (quantization) quantization_ = *quantization;
  }

  // To one channel: at least and at most, and 0.
  SumRange range(std::int64_t channel) const {
    SumRange result;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (columns_ > 1 && static_cast<std::int64_t>(i) % columns_ != channel) continue;
      const std::int64_t added = in_unit(i, static_cast<std::size_t>(channel));
      result.lowest = std::min(result.lowest, added);
      result.highest = std::max(result.highest, added);
    }
    return result;
  }

 private:
  std::int64_t in_unit(std::size_t i, std::size_t channel) const {
    if (unit_.empty()) return numbers_[i];
    const std::size_t slice = quantization_.is_per_channel() ? channel : 0;
    const double scale = quantization_.scales[slice];
    const double steps = static_cast<double>(numbers_[i] - quantization_.zero_points[slice]) *
                         (scale / unit_[channel % unit_.size()]);
    return static_cast<std::int64_t>(steps);
  }

  Integers numbers_;
  std::int64_t columns_ = 1;
  numeric::Quantization quantization_;
  std::vector<double> unit_;
};

std::vector<double> unit_of(const numeric::Quantization& x, const numeric::Quantization& w) {
  std::vector<double> unit;
  unit.reserve(w.scales.size());
  for (const float scale : w.scales) unit.push_back(double{x.scales[0]} * scale);
  return unit;
}

const Tensor* constant(const ir::Graph& graph, const ir::Node& node, std::size_t i) {
  if (i >= node.inputs.size() || node.inputs[i] == ir::kNoValue) return nullptr;
  const auto& content = graph[node.inputs[i]].constant;
  return content ? &*content : nullptr;
}

}  // namespace

int bits_of(SumRange range) noexcept {
  int bits = 1;
  while (bits < 64) {
    const numeric::CodeRange codes{-(std::int64_t{1} << (bits - 1)),
                                   (std::int64_t{1} << (bits - 1)) - 1};
    if (range.lowest >= codes.lowest && range.highest <= codes.highest) break;
    ++bits;
  }
  return bits;
}

Result<SumRange> proven_range(const ir::Graph& graph, const ir::Node& node,
                              numeric::CodeRange input,
                              std::optional<numeric::Arithmetic> instead) {
  const Tensor* codes = constant(graph, node, 1);
  const Tensor* numbers = constant(graph, node, 2);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  if (codes == nullptr || (has_bias && numbers == nullptr)) {
    return Error{ErrorCode::Unsupported, "its weights are not known before it runs"};
  }
  const auto& of_x = graph[node.inputs[0]].quantization;
  const auto& of_w = graph[node.inputs[1]].quantization;
  if (!of_x || of_x->is_per_channel() || !of_w) {
    return Error{ErrorCode::Unsupported, "its input or its weights are not quantized"};
  }
  const bool is_shift = numeric::is_shift(reference::arithmetic_of(node, instead));
  const Bias bias(numbers, has_bias ? graph[node.inputs[2]].quantization : std::nullopt,
                  is_shift ? unit_of(*of_x, *of_w) : std::vector<double>());
  const std::int64_t least = input.lowest - of_x->zero_points[0];
  const std::int64_t most = input.highest - of_x->zero_points[0];
  const Weights weights(node, *codes, *of_w);
  std::map<std::pair<std::int64_t, std::int64_t>, SumRange> sums;  // by channel and part
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    const std::int64_t w = weights.centred(i);
    SumRange& sum = sums[{weights.channel(i), weights.part(i)}];
    // A padded position adds nothing.
    sum.lowest += std::min({w * least, w * most, std::int64_t{0}});
    sum.highest += std::max({w * least, w * most, std::int64_t{0}});
  }
  SumRange result;
  for (const auto& [at, sum] : sums) {
    const SumRange added = bias.range(at.first);
    result.lowest = std::min(result.lowest, sum.lowest + added.lowest);
    result.highest = std::max(result.highest, sum.highest + added.highest);
  }
  return result;
}

}  // namespace sluice::exact
