// SPDX-License-Identifier: Apache-2.0
// Operators that move elements: views where nothing moves, oneDNN's reorder between strided views
// of row-major memory where it does.
#include <algorithm>
#include <cstring>

#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/runtime/known.hpp"
#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

// The output is the input's row-major bytes under another shape.
Result<bool> plan_view(Planner& planner, ir::NodeId id) {
  const auto& outputs = planner.node(id).outputs;
  if (outputs.size() > 1) return false;
  planner.define(outputs[0], {planner.as_plain(planner.input(id, 0)).buffer, {}});
  return true;
}

std::size_t bytes(std::int64_t elements) {
  return static_cast<std::size_t>(elements) * sizeof(float);
}

// The elements at `offset` of a row-major value, seen with dimensions and strides.
struct StridedView {
  std::int64_t offset = 0;
  Dims dims, strides;
};

// `output` becomes the view of x's elements, which counts its elements in row-major order.
void plan_gather(Planner& planner, ir::NodeId id, ir::ValueId output, const StridedView& view) {
  const Placed from = planner.as_plain(planner.input(id, 0));
  const Placed to = planner.add_placed(plain_desc(view.dims));
  planner.add_reorder(id,
                      {0, from.buffer, strided_desc(view.dims, view.strides), bytes(view.offset)},
                      {0, to.buffer, to.desc});
  planner.define(output, {to.buffer, {}});
}

std::optional<ir::Integers> integers(const Planner& planner, ir::NodeId id, std::size_t i) {
  return known_integers(planner.graph(), planner.input(id, i));
}

// Whether the inputs from `first` on, where present, are known.
bool are_known(const Planner& planner, ir::NodeId id, std::size_t first) {
  const auto& inputs = planner.node(id).inputs;
  for (std::size_t i = first; i < inputs.size(); ++i) {
    if (inputs[i] != ir::kNoValue && planner.constant(inputs[i]) == nullptr) return false;
  }
  return true;
}

// x and the outputs are float32 that oneDNN can describe; the other inputs are known.
bool is_covered_layout(const Planner& planner, ir::NodeId id) {
  const auto fits = [&](ir::ValueId value) {
    return value == ir::kNoValue ||
           (planner.is_float(value) && is_describable(planner.shape(value)));
  };
  return fits(planner.input(id, 0)) && std::ranges::all_of(planner.node(id).outputs, fits) &&
         are_known(planner, id, 1);
}

// [N, C, H, W] to the blocks' rows and columns as dimensions of their own, in another order.
void plan_permuted(Planner& planner, ir::NodeId id, const Shape& split, const ir::Integers& order) {
  const Dims strides = strides_of(split);
  StridedView view;
  for (const std::int64_t i : order) {
    view.dims.push_back(split[static_cast<std::size_t>(i)]);
    view.strides.push_back(strides[static_cast<std::size_t>(i)]);
  }
  plan_gather(planner, id, planner.node(id).outputs[0], view);
}

// Channels last if a source has them so, which is what convolutions around it then want too.
Desc concat_desc(std::span<const Desc> sources, const Dims& dims) {
  const bool channels_last = std::ranges::any_of(sources, [](const Desc& source) {
    return source.data.ndims >= 3 && !is_plain(source) && is_channels_last(source);
  });
  return channels_last ? channels_last_desc(dims) : any_desc(dims);
}

}  // namespace

#define SL_VIEW(Name)                                                          \
  Result<bool> plan(const ir::Name& /*op*/, Planner& planner, ir::NodeId id) { \
    return plan_view(planner, id);                                             \
  }
SL_VIEW(Flatten)
SL_VIEW(Identity)
SL_VIEW(Reshape)
SL_VIEW(Squeeze)
SL_VIEW(Unsqueeze)
#undef SL_VIEW

// Where it does train, the reference kernel draws what is dropped.
Result<bool> plan(const ir::Dropout& /*op*/, Planner& planner, ir::NodeId id) {
  const ir::ValueId training = planner.input(id, 2);
  if (training != ir::kNoValue) {
    const Tensor* known = planner.constant(training);
    if (known == nullptr || known->data<bool>()[0]) return false;
  }
  return plan_view(planner, id);
}

Result<bool> plan(const ir::Concat& op, Planner& planner, ir::NodeId id) {
  if (!planner.all_float(id)) return false;
  const ir::ValueId y = planner.node(id).outputs[0];
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, planner.shape(y).size()));
  std::vector<Desc> sources;
  for (const ir::ValueId x : planner.node(id).inputs) sources.push_back(planner.placed(x).desc);
  const Desc result = concat_desc(sources, dims_of(planner.shape(y)));
  const dnnl::concat::primitive_desc descriptor(result, static_cast<int>(axis), sources, engine(),
                                                attributes_of({}));
  const Placed to = planner.add_placed(descriptor.dst_desc());
  std::vector<Argument> arguments{{DNNL_ARG_DST, to.buffer, to.desc}};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Placed& from = planner.placed(planner.node(id).inputs[i]);
    arguments.push_back({DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), from.buffer, from.desc});
  }
  planner.add_primitive(id, descriptor, dnnl::concat(descriptor), std::move(arguments));
  planner.define(y, to);
  return true;
}

Result<bool> plan(const ir::Transpose& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_layout(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  if (x.empty()) return false;
  SL_TRY(const ir::Integers order, ir::resolve_permutation(op.permutation, x.size()));
  plan_permuted(planner, id, x, order);
  return true;
}

Result<bool> plan(const ir::DepthToSpace& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_layout(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const std::int64_t b = op.block_size;
  if (op.column_row_depth) {
    plan_permuted(planner, id, {x[0], x[1] / (b * b), b, b, x[2], x[3]}, {0, 1, 4, 2, 5, 3});
  } else {
    plan_permuted(planner, id, {x[0], b, b, x[1] / (b * b), x[2], x[3]}, {0, 3, 4, 1, 5, 2});
  }
  return true;
}

Result<bool> plan(const ir::SpaceToDepth& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_layout(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const std::int64_t b = op.block_size;
  plan_permuted(planner, id, {x[0], x[1], x[2] / b, b, x[3] / b, b}, {0, 3, 5, 1, 2, 4});
  return true;
}

Result<bool> plan(const ir::Slice& /*op*/, Planner& planner, ir::NodeId id) {
  if (!is_covered_layout(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const auto starts = integers(planner, id, 1);
  const auto ends = integers(planner, id, 2);
  if (!starts || !ends) return false;
  const ir::SliceRequest request{*starts, *ends, integers(planner, id, 3),
                                 integers(planner, id, 4)};
  SL_TRY(const auto ranges, ir::resolve_slice(x, request));
  const Dims strides = strides_of(x);
  StridedView view;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (ranges[i].step < 0) return false;  // oneDNN has no negative strides
    view.offset += ranges[i].begin * strides[i];
    view.dims.push_back(ranges[i].size);
    view.strides.push_back(ranges[i].step * strides[i]);
  }
  plan_gather(planner, id, planner.node(id).outputs[0], view);
  return true;
}

Result<bool> plan(const ir::Split& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_layout(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, x.size()));
  const Dims strides = strides_of(x);
  std::int64_t offset = 0;
  for (const ir::ValueId output : planner.node(id).outputs) {
    if (output == ir::kNoValue) return false;
    const Shape& part = planner.shape(output);
    plan_gather(planner, id, output, {offset, part, strides});
    offset += part[static_cast<std::size_t>(axis)] * strides[static_cast<std::size_t>(axis)];
  }
  return true;
}

Result<bool> plan(const ir::Pad& op, Planner& planner, ir::NodeId id) {
  const Tensor* value = planner.constant(planner.input(id, 2));
  const auto pads = integers(planner, id, 1);
  if (!is_covered_layout(planner, id) || op.mode != ir::PadMode::Constant || !pads) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const ir::ValueId output = planner.node(id).outputs[0];
  SL_TRY(const auto ranges, ir::resolve_pad(x, op.mode, *pads, integers(planner, id, 3)));
  const Desc result = plain_desc(dims_of(planner.shape(output)));
  const Dims strides = strides_of(result.dims());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (ranges[i].kept != x[i]) return false;  // negative padding
    offset += ranges[i].begin * strides[i];
  }
  const Placed from = planner.as_plain(planner.input(id, 0));
  const BufferId to = planner.add_buffer(result.get_size());
  const float fill = value == nullptr ? 0 : value->data<float>()[0];
  planner.add_call(
      id, {to}, [to, fill, size = num_elements(result.dims())](Addresses at) -> Status {
        std::fill_n(reinterpret_cast<float*>(at[static_cast<std::size_t>(to)]), size, fill);
        return {};
      });
  const Dims dims = dims_of(x);
  planner.add_reorder(id, {0, from.buffer, plain_desc(dims)},
                      {0, to, strided_desc(dims, strides), bytes(offset)});
  planner.define(output, {to, {}});
  return true;
}

}  // namespace sluice::runtime::onednn
