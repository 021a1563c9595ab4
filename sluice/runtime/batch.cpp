// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/batch.hpp"

#include <algorithm>

#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/runtime/known.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime {
namespace {

// Whether an operator computes image n of its results from image n of its inputs, given that its
// inputs and outputs that depend on the images count them in dimension 0.
struct KeepsImagesApart {
  const ir::Graph& graph;
  const ir::Node& node;
  const std::vector<bool>& has_images;  // by value

  std::size_t rank(ir::ValueId id) const { return graph.type(id).shape.size(); }
  bool only_first_has_images() const {
    return std::none_of(node.inputs.begin() + 1, node.inputs.end(), [&](ir::ValueId id) {
      return id != ir::kNoValue && has_images[index(id)];
    });
  }
  // Dimension 0 of every input with images meets dimension 0 of the output.
  bool aligned() const {
    return std::ranges::all_of(node.inputs, [&](ir::ValueId id) {
      return id == ir::kNoValue || !has_images[index(id)] || rank(id) == rank(node.outputs[0]);
    });
  }
  std::optional<ir::Integers> integers(std::size_t i) const {
    return known_integers(graph, i < node.inputs.size() ? node.inputs[i] : ir::kNoValue);
  }
  bool is_inner_axis(std::int64_t axis) const {
    return axis != 0 && axis + static_cast<std::int64_t>(rank(node.inputs[0])) != 0;
  }

  // Operators that work on each position of dimension 0 alike; what else they read is constant.
  template <class Op>
  bool operator()(const Op& /*op*/) const {
    return only_first_has_images();
  }
  bool operator()(const std::monostate& /*op*/) const { return false; }

  bool operator()(const ir::Add& /*op*/) const { return aligned(); }
  bool operator()(const ir::Div& /*op*/) const { return aligned(); }
  bool operator()(const ir::Equal& /*op*/) const { return aligned(); }
  bool operator()(const ir::Max& /*op*/) const { return aligned(); }
  bool operator()(const ir::Min& /*op*/) const { return aligned(); }
  bool operator()(const ir::Mul& /*op*/) const { return aligned(); }
  bool operator()(const ir::Pow& /*op*/) const { return aligned(); }
  bool operator()(const ir::PRelu& /*op*/) const { return aligned(); }
  bool operator()(const ir::Sub& /*op*/) const { return aligned(); }
  bool operator()(const ir::Where& /*op*/) const { return aligned(); }

  bool operator()(const ir::Gemm& op) const { return !op.trans_a && only_first_has_images(); }
  bool operator()(const ir::MatMul& /*op*/) const {
    return (only_first_has_images() && rank(node.inputs[0]) >= 2) ||
           (aligned() && rank(node.inputs[0]) >= 3);
  }
  bool operator()(const ir::MaxPool& /*op*/) const {
    return node.outputs.size() == 1;  // indices count through the images
  }
  bool operator()(const ir::BatchNormalization& op) const {
    return !op.training_mode && only_first_has_images();
  }
  bool operator()(const ir::Dropout& /*op*/) const {
    return node.inputs.size() < 3;  // training draws numbers through the images
  }
  bool operator()(const ir::Concat& op) const { return is_inner_axis(op.axis); }
  bool operator()(const ir::Split& op) const { return is_inner_axis(op.axis); }
  bool operator()(const ir::Softmax& op) const { return is_inner_axis(op.axis); }
  bool operator()(const ir::ArgMax& op) const { return is_inner_axis(op.axis); }
  bool operator()(const ir::Gather& op) const {
    return is_inner_axis(op.axis) && only_first_has_images();
  }
  bool operator()(const ir::QuantizeLinear& op) const {
    return op.block_size == 0 && only_first_has_images();
  }
  bool operator()(const ir::DequantizeLinear& op) const {
    return op.block_size == 0 && only_first_has_images();
  }
  bool operator()(const ir::Snap& op) const {
    if (const auto* affine = std::get_if<numeric::AffineGrid>(&op.grid)) {
      return affine->scale.size() == 1 || affine->axis != 0;
    }
    const auto* block = std::get_if<numeric::BlockGrid>(&op.grid);
    return block == nullptr || block->batched ||
           (block->block == numeric::BlockShape::Run && block->axis != 0);
  }
  // These can move along dimension 0 without changing its size.
  bool operator()(const ir::Slice& /*op*/) const {
    const Shape& x = graph.type(node.inputs[0]).shape;
    const auto starts = integers(1);
    const auto ends = integers(2);
    if (!starts || !ends) return false;
    const auto ranges = ir::resolve_slice(x, {*starts, *ends, integers(3), integers(4)});
    return ranges && (*ranges)[0].begin == 0 && (*ranges)[0].step == 1;
  }
  bool operator()(const ir::Pad& op) const {
    const auto pads = integers(1);
    if (!pads) return false;
    const auto ranges =
        ir::resolve_pad(graph.type(node.inputs[0]).shape, op.mode, *pads, integers(3));
    return ranges && (*ranges)[0].begin == 0 && (*ranges)[0].crop_begin == 0 &&
           only_first_has_images();
  }
  bool operator()(const ir::Resize& op) const {
    return op.coordinate_mode != ir::CoordinateMode::TfCropAndResize && only_first_has_images();
  }
  // The batch size becomes a number to compute with.
  bool operator()(const ir::Shape& /*op*/) const { return false; }
};

// By value: depends on a graph input.
std::vector<bool> values_with_images(const ir::Graph& graph) {
  std::vector<bool> result(graph.values.size(), false);
  for (const ir::GraphInput& input : graph.inputs) result[index(input.value)] = true;
  for (const ir::Node& node : graph.nodes) {
    const bool reads = std::ranges::any_of(
        node.inputs, [&](ir::ValueId id) { return id != ir::kNoValue && result[index(id)]; });
    for (const ir::ValueId id : node.outputs) {
      if (id != ir::kNoValue) result[index(id)] = reads;
    }
  }
  return result;
}

// Reshapes that name the batch in their constant shape get the shape of one image.
void reshape_to_one(ir::Graph& graph, std::int64_t batch) {
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!ir::is<ir::Reshape>(graph.nodes[n].op)) continue;
    Shape shape = graph.type(graph.nodes[n].outputs[0]).shape;
    if (shape.empty() || shape[0] != batch) continue;
    shape[0] = 1;
    const auto rank = static_cast<std::int64_t>(shape.size());
    const ir::ValueId request =
        graph.add_constant("shape_of_one", Tensor::from<std::int64_t>({rank}, shape));
    graph.nodes[n].inputs[1] = request;
  }
}

// Whether each image has a scale of its own.
bool has_scales_of_images(const ir::Value& value) {
  return value.quantization && value.quantization->is_per_channel() &&
         value.quantization->axis == 0;
}

bool counts_images(const Shape& all, const Shape& one, std::int64_t batch) {
  return !all.empty() && !one.empty() && all[0] == batch && one[0] == 1 &&
         std::equal(all.begin() + 1, all.end(), one.begin() + 1, one.end());
}

}  // namespace

std::optional<ir::Graph> single_image(const ir::Graph& graph) {
  std::vector<Shape> shapes;
  std::int64_t batch = 0;
  for (const ir::GraphInput& input : graph.inputs) {
    Shape shape = graph.type(input.value).shape;
    if (shape.empty() || (batch != 0 && shape[0] != batch)) return std::nullopt;
    batch = shape[0];
    shape[0] = 1;
    shapes.push_back(std::move(shape));
  }
  if (batch < 2) return std::nullopt;
  ir::Graph one = graph;
  reshape_to_one(one, batch);
  if (!ir::infer_types(one, shapes, reference::evaluate)) return std::nullopt;

  const std::vector<bool> has_images = values_with_images(graph);
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    const ir::ValueId id{static_cast<std::int32_t>(v)};
    if (has_images[v] && (has_scales_of_images(graph[id]) ||
                          !counts_images(graph.type(id).shape, one.type(id).shape, batch))) {
      return std::nullopt;
    }
  }
  for (const ir::ValueId id : graph.outputs) {
    if (!has_images[index(id)]) return std::nullopt;
  }
  for (const ir::Node& node : graph.nodes) {
    const bool matters = std::ranges::any_of(
        node.outputs, [&](ir::ValueId id) { return id != ir::kNoValue && has_images[index(id)]; });
    if (matters && !std::visit(KeepsImagesApart{graph, node, has_images}, node.op)) {
      return std::nullopt;
    }
  }
  return one;
}

}  // namespace sluice::runtime
