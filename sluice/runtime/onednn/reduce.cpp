// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/runtime/known.hpp"
#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

using dnnl::algorithm;

// Sums and means over all spatial dimensions of [N, C, spatial…] are what poolings are fast at.
bool is_spatial(const Dims& x, const Dims& reduced) {
  bool result = x.size() >= 3 && x.size() <= 5 && reduced[0] == x[0] && reduced[1] == x[1];
  for (std::size_t i = 2; i < x.size(); ++i) result = result && reduced[i] == 1;
  return result;
}

void plan_spatial_mean(Planner& planner, ir::NodeId id, const Desc& to_desc, BufferId to) {
  const Placed from = planner.placed(planner.input(id, 0));
  const Dims dims = from.desc.dims();
  const Dims window(dims.begin() + 2, dims.end());
  const Dims zeros(window.size(), 0);
  const dnnl::pooling_forward::primitive_desc descriptor(
      {dnnl::prop_kind::forward_inference, algorithm::pooling_avg_exclude_padding, from.desc,
       any_desc(to_desc.dims()), window, window, zeros, zeros},
      attributes_of({}), engine());
  const Placed pooled = planner.add_placed(descriptor.dst_desc());
  planner.add_primitive(
      id, descriptor, dnnl::pooling_forward(descriptor),
      {{DNNL_ARG_SRC, from.buffer, from.desc}, {DNNL_ARG_DST, pooled.buffer, pooled.desc}});
  planner.add_reorder(id, {0, pooled.buffer, pooled.desc}, {0, to, to_desc});
}

// The dimensions of the result before the reduced ones are dropped, or nothing if the axes are not
// known.
template <class Op>
std::optional<Dims> reduced_dims(const Op& op, const Planner& planner, ir::NodeId id) {
  const Shape& x = planner.shape(planner.input(id, 0));
  const bool is_given = planner.input(id, 1) != ir::kNoValue;
  const auto axes = known_integers(planner.graph(), planner.input(id, 1));
  Dims dims = dims_of(x);
  if (is_given && !axes) return std::nullopt;
  if (!axes || axes->empty()) {
    if (!op.noop_with_empty_axes) dims.assign(dims.size(), 1);
    return dims;
  }
  for (const std::int64_t axis : *axes) {
    const auto normalized = normalize_axis(axis, x.size());
    if (!normalized) return std::nullopt;
    dims[static_cast<std::size_t>(*normalized)] = 1;
  }
  return dims;
}

template <class Op>
Result<bool> plan_reduction(const Op& op, Planner& planner, ir::NodeId id, algorithm name) {
  const ir::ValueId x = planner.input(id, 0);
  const ir::ValueId y = planner.node(id).outputs[0];
  const auto dims = reduced_dims(op, planner, id);
  const bool fits = planner.is_float(x) && is_describable(planner.shape(x));
  if (!fits || !dims || *dims == dims_of(planner.shape(x))) return false;
  const Desc result = plain_desc(*dims);
  const BufferId to = planner.add_buffer(result.get_size());
  if (name == algorithm::reduction_mean && is_spatial(dims_of(planner.shape(x)), *dims)) {
    plan_spatial_mean(planner, id, result, to);
  } else {
    const Placed from = planner.as_plain(x);
    const dnnl::reduction::primitive_desc descriptor({name, from.desc, result, 0, 0},
                                                     attributes_of({}), engine());
    planner.add_primitive(id, descriptor, dnnl::reduction(descriptor),
                          {{DNNL_ARG_SRC, from.buffer, from.desc}, {DNNL_ARG_DST, to, result}});
  }
  planner.define(y, {to, {}});
  return true;
}

}  // namespace

Result<bool> plan(const ir::ReduceMax& op, Planner& planner, ir::NodeId id) {
  return plan_reduction(op, planner, id, algorithm::reduction_max);
}
Result<bool> plan(const ir::ReduceMean& op, Planner& planner, ir::NodeId id) {
  return plan_reduction(op, planner, id, algorithm::reduction_mean);
}
Result<bool> plan(const ir::ReduceMin& op, Planner& planner, ir::NodeId id) {
  return plan_reduction(op, planner, id, algorithm::reduction_min);
}
Result<bool> plan(const ir::ReduceSum& op, Planner& planner, ir::NodeId id) {
  return plan_reduction(op, planner, id, algorithm::reduction_sum);
}

Result<bool> plan(const ir::Softmax& op, Planner& planner, ir::NodeId id) {
  const ir::ValueId x = planner.input(id, 0);
  const Shape& shape = planner.shape(x);
  if (!planner.all_float(id) || shape.empty()) return false;
  SL_TRY(const std::int64_t given, normalize_axis(op.axis, shape.size()));
  Placed from = planner.placed(x);
  std::int64_t axis = given;
  if (op.flatten) {
    const std::int64_t rows = num_elements(std::span(shape).first(static_cast<std::size_t>(given)));
    from = {planner.as_plain(x).buffer, plain_desc({rows, num_elements(shape) / rows})};
    axis = 1;
  }
  const dnnl::softmax_v2_forward::primitive_desc descriptor(
      {dnnl::prop_kind::forward_inference, algorithm::softmax_accurate, from.desc, from.desc,
       static_cast<int>(axis)},
      attributes_of({}), engine());
  const Placed to = planner.add_placed(from.desc);
  planner.add_primitive(
      id, descriptor, dnnl::softmax_v2_forward(descriptor),
      {{DNNL_ARG_SRC, from.buffer, from.desc}, {DNNL_ARG_DST, to.buffer, to.desc}});
  planner.define(planner.node(id).outputs[0], {to.buffer, op.flatten ? Desc() : to.desc});
  return true;
}

}  // namespace sluice::runtime::onednn
