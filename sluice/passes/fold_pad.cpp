// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_pad.hpp"

#include <algorithm>
#include <optional>

#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

// Whether the Pad fills with what stands for 0.
bool fills_with_zero(const ir::Graph& graph, const ir::Node& pad) {
  const auto& quantization = graph[pad.inputs[0]].quantization;
  const ir::ValueId fill = input_of(pad, 2);
  if (fill == ir::kNoValue) return true;
  const Tensor* value = constant_of(graph, fill);
  if (value == nullptr || value->num_elements() != 1) return false;
  const double zero = quantization ? static_cast<double>(quantization->zero_points[0]) : 0;
  return numeric::to_doubles(*value)[0] == zero;
}

// The pads of the spatial dimensions, begins then ends, if those are all there are.
std::optional<ir::Dims> spatial_pads(const ir::Graph& graph, const ir::Node& node) {
  const auto& op = std::get<ir::Pad>(node.op);
  const Tensor* pads = constant_of(graph, input_of(node, 1));
  if (op.mode != ir::PadMode::Constant || pads == nullptr || input_of(node, 3) != ir::kNoValue ||
      !fills_with_zero(graph, node)) {
    return std::nullopt;
  }
  const auto list = ir::integers(*pads, "pads");
  const std::size_t rank = graph.type(node.inputs[0]).shape.size();
  if (!list || rank < 3 || list->size() != 2 * rank) return std::nullopt;
  ir::Dims result;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::int64_t pad = (*list)[i];
    const bool is_spatial = i % rank >= 2;
    if (pad < 0 || (!is_spatial && pad != 0)) return std::nullopt;
    if (is_spatial) result.push_back(pad);
  }
  return result;
}

void add_pads(ir::Window& window, const ir::Dims& pads) {
  if (window.pads.empty() || window.auto_pad == ir::AutoPad::Valid) {
    window.pads.assign(pads.size(), 0);
  }
  window.auto_pad = ir::AutoPad::NotSet;
  for (std::size_t i = 0; i < pads.size(); ++i) window.pads[i] += pads[i];
}

}  // namespace

Status fold_pad(ir::Graph& graph) {
  const auto consumers = ir::consumers(graph);
  for (const ir::Node& pad : graph.nodes) {
    if (!ir::is<ir::Pad>(pad.op)) continue;
    const ir::ValueId padded = pad.outputs[0];
    const auto& readers = consumers[static_cast<std::size_t>(padded)];
    if (readers.size() != 1 || std::ranges::count(graph.outputs, padded) > 0 ||
        graph[padded].quantization != graph[pad.inputs[0]].quantization) {
      continue;
    }
    ir::Node& reader = graph[readers[0]];
    auto* conv = std::get_if<ir::Conv>(&reader.op);
    const bool has_own_pads = conv != nullptr && (conv->window.auto_pad == ir::AutoPad::NotSet ||
                                                  conv->window.auto_pad == ir::AutoPad::Valid);
    if (!has_own_pads || reader.inputs[0] != padded) {
      continue;
    }
    const auto pads = spatial_pads(graph, pad);
    if (!pads) continue;
    add_pads(conv->window, *pads);
    reader.inputs[0] = pad.inputs[0];
  }
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
