// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

using dnnl::algorithm;

// A window for which the padding at the end makes the output size come out; it may reach beyond the
// model's (ceil_mode), and then positions there count for nothing.
struct PoolWindow {
  Dims kernel, strides, dilates, pad_begin, pad_end;
  bool is_dilated = false;
  bool exceeds_padding = false;
};

// Nothing if oneDNN has no such window: negative padding, or as much as the kernel.
std::optional<PoolWindow> pool_window(const ir::ResolvedWindow& window, const Shape& x) {
  PoolWindow result{
      .kernel = window.kernel, .strides = window.strides, .pad_begin = window.pad_begin};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) {
    const std::int64_t extent = window.dilations[i] * (window.kernel[i] - 1) + 1;
    const std::int64_t pad_end =
        (window.output[i] - 1) * window.strides[i] + extent - x[i + 2] - window.pad_begin[i];
    if (window.pad_begin[i] < 0 || window.pad_end[i] < 0) return std::nullopt;
    if (window.pad_begin[i] >= window.kernel[i] || pad_end >= window.kernel[i]) return std::nullopt;
    result.pad_end.push_back(pad_end);
    result.dilates.push_back(window.dilations[i] - 1);
    result.is_dilated = result.is_dilated || window.dilations[i] > 1;
    result.exceeds_padding = result.exceeds_padding || pad_end > window.pad_end[i];
  }
  return result;
}

bool is_covered_pool(const Planner& planner, ir::NodeId id) {
  const std::size_t rank = planner.shape(planner.input(id, 0)).size();
  return planner.all_float(id) && planner.node(id).outputs.size() == 1 && rank >= 3 && rank <= 5;
}

void plan_pool(Planner& planner, ir::NodeId id, algorithm name, const PoolWindow& window) {
  const ir::ValueId x = planner.input(id, 0);
  const ir::ValueId y = planner.node(id).outputs[0];
  const Placed from = planner.placed(x);
  const dnnl::pooling_v2_forward::primitive_desc descriptor(
      {dnnl::prop_kind::forward_inference, name, from.desc, any_desc(dims_of(planner.shape(y))),
       window.strides, window.kernel, window.dilates, window.pad_begin, window.pad_end},
      attributes_of({}), engine());
  const Placed to = planner.add_placed(descriptor.dst_desc());
  planner.add_primitive(
      id, descriptor, dnnl::pooling_v2_forward(descriptor),
      {{DNNL_ARG_SRC, from.buffer, from.desc}, {DNNL_ARG_DST, to.buffer, to.desc}});
  planner.define(y, to);
}

bool plan_global_pool(Planner& planner, ir::NodeId id, algorithm name) {
  if (!is_covered_pool(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const Dims size(x.begin() + 2, x.end());
  const Dims zeros(size.size(), 0);
  plan_pool(
      planner, id, name,
      {.kernel = size, .strides = size, .dilates = zeros, .pad_begin = zeros, .pad_end = zeros});
  return true;
}

}  // namespace

Result<bool> plan(const ir::MaxPool& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_pool(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  SL_TRY(const auto resolved, ir::resolve(op.window, std::span(x).subspan(2), op.ceil_mode));
  const auto window = pool_window(resolved, x);
  if (!window) return false;
  plan_pool(planner, id, algorithm::pooling_max, *window);
  return true;
}

Result<bool> plan(const ir::AveragePool& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_pool(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  SL_TRY(const auto resolved, ir::resolve(op.window, std::span(x).subspan(2), op.ceil_mode));
  const auto window = pool_window(resolved, x);
  if (!window || window->is_dilated) return false;
  // Positions beyond the model's padding never count in ONNX's divisor; they would in oneDNN's.
  if (op.count_include_pad && window->exceeds_padding) return false;
  plan_pool(planner, id,
            op.count_include_pad ? algorithm::pooling_avg_include_padding
                                 : algorithm::pooling_avg_exclude_padding,
            *window);
  return true;
}

Result<bool> plan(const ir::GlobalAveragePool& /*op*/, Planner& planner, ir::NodeId id) {
  return plan_global_pool(planner, id, algorithm::pooling_avg_exclude_padding);
}

Result<bool> plan(const ir::GlobalMaxPool& /*op*/, Planner& planner, ir::NodeId id) {
  return plan_global_pool(planner, id, algorithm::pooling_max);
}

}  // namespace sluice::runtime::onednn
