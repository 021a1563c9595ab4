// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/layer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "sluice/exact/reference/linear.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::golden {
namespace {

using Axes = std::vector<std::int64_t>;

Axes in_order(std::size_t rank) {
  Axes axes(rank);
  std::iota(axes.begin(), axes.end(), std::int64_t{0});
  return axes;
}

Result<ir::ResolvedWindow> resolved_window(const ir::Graph& graph, const ir::Node& node) {
  const Shape& x = graph.type(node.inputs[0]).shape;
  const auto weights = [&] { return graph.type(node.inputs[1]).shape; };
  if (const auto* conv = std::get_if<ir::Conv>(&node.op)) return ir::resolve(*conv, x, weights());
  if (const auto* conv = std::get_if<ir::ConvTranspose>(&node.op)) {
    return ir::resolve(*conv, x, weights());
  }
  if (const auto* pool = std::get_if<ir::AveragePool>(&node.op)) return ir::resolve_pool(*pool, x);
  if (const auto* pool = std::get_if<ir::MaxPool>(&node.op)) return ir::resolve_pool(*pool, x);
  return Error{ErrorCode::Unsupported, "has no window"};
}

std::string role_of_input(const ir::Graph& graph, const ir::Node& node, std::size_t i) {
  const bool is_constant = graph[node.inputs[i]].constant.has_value();
  if (ir::is_linear(node.op) && is_constant) {
    if (i == 1) return "weights";
    if (i == 2) return "bias";
  }
  const std::string suffix = i == 0 ? "" : fmt::format("_{}", i);
  return (is_constant ? "constant" : "input") + suffix;
}

bool transposes(const ir::Node& node, const Axes& permutation) {
  const auto* transpose = std::get_if<ir::Transpose>(&node.op);
  return transpose != nullptr && transpose->permutation == permutation;
}

// Whether a value lies as a file has it whose images are channels last: a node makes one of the
// network's order of it, or it is made of such a one.
bool is_channels_last(const ir::Graph& graph, ir::ValueId id) {
  static const Axes kToFirst{0, 3, 1, 2};
  static const Axes kToLast{0, 2, 3, 1};
  return std::ranges::any_of(graph.nodes, [&](const ir::Node& node) {
    return (transposes(node, kToFirst) && node.inputs[0] == id) ||
           (transposes(node, kToLast) && node.outputs[0] == id);
  });
}

class Collector {
 public:
  Collector(const ir::Graph& graph, const reference::NodeView& view) : graph_(graph), view_(view) {}

  Result<Collected> run(std::span<const Tensor> outputs, bool thresholds) {
    const ir::Node& node = view_.node();
    Layer& layer = result_.layer;
    layer.name = node.name;
    layer.op = ir::op_name(node.op);
    if (node.arithmetic) layer.arithmetic = view_.arithmetic();
    layer.window = window_of(graph_, node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (view_.has(i)) add_value(role_of_input(graph_, node, i), node.inputs[i], view_.in(i));
    }
    if (reference::is_integer_layer(view_)) {
      SL_TRY(layer.requantizers, reference::requantizers(view_));
      layer.arithmetic = view_.arithmetic();
      if (thresholds) add_thresholds();
      SL_TRY_STATUS(add_accumulators());
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      add_value(i == 0 ? "output" : fmt::format("output_{}", i), node.outputs[i], outputs[i]);
    }
    return std::move(result_);
  }

 private:
  // Without stream_axes it is a stream as it lies.
  void add(Array array, Tensor content) {
    array.dtype = content.dtype();
    array.shape = content.shape();
    if (array.stream_axes.empty()) array.stream_axes = in_order(array.shape.size());
    result_.layer.arrays.push_back(std::move(array));
    result_.contents.push_back(std::move(content));
  }

  // Nothing if it holds numbers, not codes.
  void add_value(std::string role, ir::ValueId id, const Tensor& content) {
    const ir::Value& value = graph_[id];
    if (!value.quantization) return;
    Array array{.role = std::move(role),
                .value = value.name,
                .bits = value.quantization->bits.value_or(num_bits(content.dtype())),
                .quantization = value.quantization};
    if (array.role == "weights") {
      array.stream_axes = stream_axes_of_weights(view_.node().op, content.shape());
    } else {
      array.stream_axes = stream_axes_of_value(graph_, id);
    }
    add(std::move(array), content);
  }

  void add_thresholds() {
    constexpr std::int64_t kMostCodes = std::int64_t{1} << 16;
    constexpr int kBits = 33;  // INT32_MAX + 1 stands for what no accumulator reaches
    const auto& all = result_.layer.requantizers;
    const std::int64_t count = all[0].codes.highest - all[0].codes.lowest;
    if (count >= kMostCodes) return;
    std::vector<std::int64_t> rows;
    rows.reserve(all.size() * static_cast<std::size_t>(count));
    for (const numeric::Requantizer& by : all) {
      const auto row = numeric::thresholds_of(by);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    add({.role = "thresholds", .bits = kBits},
        Tensor::from<std::int64_t>({static_cast<std::int64_t>(all.size()), count}, rows));
  }

  Status add_accumulators() {
    using Limits = std::numeric_limits<std::int32_t>;
    SL_TRY(const auto sums, reference::accumulators_of(view_));
    const Shape& shape = view_.out_type().shape;
    const bool is_narrow = std::ranges::all_of(
        sums, [](std::int64_t sum) { return sum >= Limits::min() && sum <= Limits::max(); });
    Tensor content = Tensor::from<std::int64_t>(shape, sums);
    if (is_narrow) content = numeric::cast(content, DType::Int32);
    add({.role = "accumulators",
         .bits = is_narrow ? 32 : 64,
         .stream_axes = stream_axes(shape.size())},
        std::move(content));
    return {};
  }

  const ir::Graph& graph_;
  const reference::NodeView& view_;
  Collected result_;
};

}  // namespace

Axes stream_axes(std::size_t rank) {
  Axes axes = in_order(rank);
  if (rank >= 3) std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  return axes;
}

Axes stream_axes_of_value(const ir::Graph& graph, ir::ValueId id) {
  const std::size_t rank = graph.type(id).shape.size();
  return is_channels_last(graph, id) ? in_order(rank) : stream_axes(rank);
}

Axes stream_axes_of_weights(const ir::Op& op, std::span<const std::int64_t> shape) {
  const std::size_t rank = shape.size();
  Axes axes = in_order(rank);
  if (const auto* gemm = std::get_if<ir::Gemm>(&op)) return gemm->trans_b ? axes : Axes{1, 0};
  if (rank < 2) return axes;
  if (ir::is<ir::MatMul>(op)) {
    std::swap(axes[rank - 2], axes[rank - 1]);
    return axes;
  }
  if (ir::is<ir::ConvTranspose>(op)) {  // [C, M, kernel…]
    std::rotate(axes.begin(), axes.begin() + 1, axes.end());
    return axes;
  }
  const auto* conv = std::get_if<ir::Conv>(&op);  // [M, C/group, kernel…]
  const bool is_depthwise = conv != nullptr && conv->group > 1 && shape[1] == 1;
  if (is_depthwise) {
    std::rotate(axes.begin(), axes.begin() + 2, axes.end());
    std::swap(axes[rank - 2], axes[rank - 1]);
    return axes;
  }
  std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  return axes;
}

std::optional<LayerWindow> window_of(const ir::Graph& graph, const ir::Node& node) {
  auto window = resolved_window(graph, node);
  if (!window) return std::nullopt;
  return LayerWindow{std::move(window->kernel), std::move(window->strides),
                     std::move(window->dilations), std::move(window->pad_begin),
                     std::move(window->pad_end)};
}

Result<Collected> collect(const ir::Graph& graph, const reference::NodeView& node,
                          std::span<const Tensor> outputs, bool thresholds) {
  return Collector(graph, node).run(outputs, thresholds);
}

}  // namespace sluice::exact::golden
