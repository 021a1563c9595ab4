// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/operators.hpp"

#include <algorithm>
#include <concepts>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/binary.hpp"
#include "sluice/ir/ops/conv.hpp"
#include "sluice/ir/ops/layout.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/ir/ops/matmul.hpp"
#include "sluice/ir/ops/normalization.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/ir/ops/reduce.hpp"
#include "sluice/ir/ops/tensor.hpp"
#include "sluice/ir/ops/unary.hpp"

namespace sluice::train {
namespace {

using Outputs = Result<std::vector<at::Tensor>>;
using MaybeTensor = c10::optional<at::Tensor>;

Shape shape_of(const at::Tensor& tensor) {
  return {tensor.sizes().begin(), tensor.sizes().end()};
}

const at::Tensor& in(const OperatorCall& call, std::size_t i) {
  return call.inputs[i];
}

bool has(const OperatorCall& call, std::size_t i) {
  return i < call.inputs.size() && call.inputs[i].defined();
}

MaybeTensor optional_in(const OperatorCall& call, std::size_t i) {
  return has(call, i) ? MaybeTensor(in(call, i)) : MaybeTensor();
}

// Input i, if it is one constant number of float32.
std::optional<float> constant_number(const OperatorCall& call, std::size_t i) {
  if (!has(call, i)) return std::nullopt;
  const auto& constant = call.graph[call.node.inputs[i]].constant;
  const bool is_number =
      constant && constant->dtype() == DType::Float32 && constant->num_elements() == 1;
  return is_number ? std::optional(constant->data<float>()[0]) : std::nullopt;
}

// Input i as integers, which must be constant.
Result<ir::Integers> integers_in(const OperatorCall& call, std::size_t i) {
  const ir::Value& value = call.graph[call.node.inputs[i]];
  if (value.constant) return ir::integers(*value.constant, value.name);
  return Error{ErrorCode::Unsupported, fmt::format("input {} must be constant", i)};
}

Result<std::optional<ir::Integers>> optional_integers_in(const OperatorCall& call, std::size_t i) {
  if (!has(call, i)) return std::optional<ir::Integers>();
  SL_TRY(ir::Integers values, integers_in(call, i));
  return std::optional(std::move(values));
}

std::vector<at::Tensor> only(at::Tensor tensor) {
  return {std::move(tensor)};
}

// LibTorch pads both ends alike; what differs is padded by hand, and taken out of the window.
at::Tensor pad_unevenly(const at::Tensor& x, ir::ResolvedWindow& window, double fill) {
  if (window.pad_begin == window.pad_end) return x;
  std::vector<std::int64_t> pads;  // last dimension first, begin before end
  for (std::size_t d = window.pad_begin.size(); d-- > 0;) {
    pads.push_back(window.pad_begin[d]);
    pads.push_back(window.pad_end[d]);
  }
  std::ranges::fill(window.pad_begin, 0);
  std::ranges::fill(window.pad_end, 0);
  return at::constant_pad_nd(x, pads, fill);
}

// ---- layers

Outputs run(const ir::Conv& op, const OperatorCall& call) {
  SL_TRY(ir::ResolvedWindow window, ir::resolve(op, shape_of(in(call, 0)), shape_of(in(call, 1))));
  const at::Tensor x = pad_unevenly(in(call, 0), window, 0);
  const std::vector<std::int64_t> output_padding(window.kernel.size(), 0);
  return only(at::convolution(x, in(call, 1), optional_in(call, 2), window.strides,
                              window.pad_begin, window.dilations, false, output_padding, op.group));
}

Outputs run(const ir::Gemm& op, const OperatorCall& call) {
  const at::Tensor a = op.trans_a ? in(call, 0).t() : in(call, 0);
  const at::Tensor b = op.trans_b ? in(call, 1).t() : in(call, 1);
  at::Tensor y = at::matmul(a, b);
  if (op.alpha != 1) y = y * op.alpha;
  if (has(call, 2)) y = op.beta == 1 ? y + in(call, 2) : y + in(call, 2) * op.beta;
  return only(std::move(y));
}

Outputs run(const ir::MatMul& /*op*/, const OperatorCall& call) {
  return only(at::matmul(in(call, 0), in(call, 1)));
}

Outputs run(const ir::BatchNormalization& op, const OperatorCall& call) {
  // ONNX's momentum is the part of the old statistics that stays, LibTorch's that of the new.
  return only(at::batch_norm(in(call, 0), in(call, 1), in(call, 2), in(call, 3), in(call, 4),
                             call.is_training, 1 - static_cast<double>(op.momentum),
                             static_cast<double>(op.epsilon), false));
}

// ---- pools

Outputs run(const ir::MaxPool& op, const OperatorCall& call) {
  SL_TRY(ir::ResolvedWindow window, ir::resolve_pool(op, shape_of(in(call, 0))));
  const at::Tensor x = pad_unevenly(in(call, 0), window, -std::numeric_limits<double>::infinity());
  return only(at::max_pool2d(x, window.kernel, window.strides, window.pad_begin, window.dilations,
                             op.ceil_mode));
}

Outputs run(const ir::AveragePool& op, const OperatorCall& call) {
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape_of(in(call, 0))));
  return only(at::avg_pool2d(in(call, 0), window.kernel, window.strides, window.pad_begin,
                             op.ceil_mode, op.count_include_pad));
}

Outputs run(const ir::GlobalAveragePool& /*op*/, const OperatorCall& call) {
  std::vector<std::int64_t> spatial;
  for (std::int64_t d = 2; d < in(call, 0).dim(); ++d) spatial.push_back(d);
  return only(in(call, 0).mean(spatial, true));
}

Outputs run(const ir::ReduceMean& op, const OperatorCall& call) {
  SL_TRY(const auto given, optional_integers_in(call, 1));
  const auto rank = static_cast<std::size_t>(in(call, 0).dim());
  SL_TRY(const std::vector<bool> is_reduced,
         ir::reduced_dims(given.value_or(ir::Integers()), op.noop_with_empty_axes, rank));
  std::vector<std::int64_t> axes;
  for (std::size_t d = 0; d < rank; ++d) {
    if (is_reduced[d]) axes.push_back(static_cast<std::int64_t>(d));
  }
  return only(axes.empty() ? in(call, 0) : in(call, 0).mean(axes, op.keep_dims));
}

// ---- one value to one value

Outputs run(const ir::Relu& /*op*/, const OperatorCall& call) {
  return only(at::relu(in(call, 0)));
}

// By the bounds as numbers where they are constant: by tensors the gradient takes four passes over
// memory in place of one. It is 0 at the bounds, as that of PyTorch's ReLU6.
Outputs run(const ir::Clip& /*op*/, const OperatorCall& call) {
  const auto low = constant_number(call, 1), high = constant_number(call, 2);
  if (low && high) return only(at::hardtanh(in(call, 0), *low, *high));
  return only(at::clamp(in(call, 0), optional_in(call, 1), optional_in(call, 2)));
}

Outputs run(const ir::LeakyRelu& op, const OperatorCall& call) {
  return only(at::leaky_relu(in(call, 0), op.alpha));
}

Outputs run(const ir::Elu& op, const OperatorCall& call) {
  return only(at::elu(in(call, 0), op.alpha));
}

Outputs run(const ir::Sigmoid& /*op*/, const OperatorCall& call) {
  return only(at::sigmoid(in(call, 0)));
}

Outputs run(const ir::Tanh& /*op*/, const OperatorCall& call) {
  return only(at::tanh(in(call, 0)));
}

Outputs run(const ir::HardSwish& /*op*/, const OperatorCall& call) {
  return only(at::hardswish(in(call, 0)));
}

Outputs run(const ir::HardSigmoid& op, const OperatorCall& call) {
  return only(at::clamp(in(call, 0) * op.alpha + op.beta, 0, 1));
}

Outputs run(const ir::Mish& /*op*/, const OperatorCall& call) {
  return only(at::mish(in(call, 0)));
}

Outputs run(const ir::Identity& /*op*/, const OperatorCall& call) {
  return only(in(call, 0));
}

Outputs run(const ir::Dropout& op, const OperatorCall& call) {
  const double ratio = has(call, 1) ? in(call, 1).item<double>() : static_cast<double>(op.ratio);
  return only(at::dropout(in(call, 0), ratio, call.is_training));
}

Outputs run(const ir::Softmax& op, const OperatorCall& call) {
  return only(at::softmax(in(call, 0), op.axis));
}

// ---- two values to one

Outputs run(const ir::Add& /*op*/, const OperatorCall& call) {
  return only(in(call, 0) + in(call, 1));
}

Outputs run(const ir::Sub& /*op*/, const OperatorCall& call) {
  return only(in(call, 0) - in(call, 1));
}

Outputs run(const ir::Mul& /*op*/, const OperatorCall& call) {
  // The gain of a range that is its clip's own; a product would take a pass each way.
  const bool is_whole = in(call, 1).dim() <= in(call, 0).dim() && constant_number(call, 1) == 1.0F;
  if (is_whole) return only(in(call, 0));
  return only(in(call, 0) * in(call, 1));
}

Outputs run(const ir::Div& /*op*/, const OperatorCall& call) {
  return only(in(call, 0) / in(call, 1));
}

Outputs run(const ir::PRelu& /*op*/, const OperatorCall& call) {
  return only(at::where(in(call, 0) < 0, in(call, 0) * in(call, 1), in(call, 0)));
}

// ---- what only moves values

Outputs run(const ir::Concat& op, const OperatorCall& call) {
  return only(at::cat(at::TensorList(call.inputs.data(), call.inputs.size()), op.axis));
}

Outputs run(const ir::Split& op, const OperatorCall& call) {
  SL_TRY(const auto given, optional_integers_in(call, 1));
  const std::int64_t axis = at::maybe_wrap_dim(op.axis, in(call, 0).dim());
  SL_TRY(const ir::Integers sizes,
         ir::split_sizes(in(call, 0).size(axis), call.node.outputs.size(), given));
  return at::split_with_sizes(in(call, 0), sizes, axis);
}

Outputs run(const ir::Slice& /*op*/, const OperatorCall& call) {
  ir::SliceRequest request;
  SL_TRY(request.starts, integers_in(call, 1));
  SL_TRY(request.ends, integers_in(call, 2));
  SL_TRY(request.axes, optional_integers_in(call, 3));
  SL_TRY(request.steps, optional_integers_in(call, 4));
  at::Tensor y = in(call, 0);
  SL_TRY(const auto ranges, ir::resolve_slice(shape_of(y), request));
  for (std::size_t d = 0; d < ranges.size(); ++d) {
    const ir::SliceRange& range = ranges[d];
    const auto dim = static_cast<std::int64_t>(d);
    if (range.step < 0) {
      return Error{ErrorCode::Unsupported, "slices that run backwards cannot be trained through"};
    }
    if (range.size == y.size(dim)) continue;
    y = y.slice(dim, range.begin, range.begin + (range.size - 1) * range.step + 1, range.step);
  }
  return only(std::move(y));
}

Outputs run(const ir::Pad& op, const OperatorCall& call) {
  if (op.mode != ir::PadMode::Constant) {
    return Error{ErrorCode::Unsupported, "only padding by a constant can be trained through"};
  }
  SL_TRY(const ir::Integers given, integers_in(call, 1));
  SL_TRY(const auto axes, optional_integers_in(call, 3));
  SL_TRY(const auto ranges, ir::resolve_pad(shape_of(in(call, 0)), op.mode, given, axes));
  std::vector<std::int64_t> pads;  // last dimension first; what is cropped is padded by less than 0
  for (std::size_t d = ranges.size(); d-- > 0;) {
    const ir::PadRange& range = ranges[d];
    const auto size = in(call, 0).size(static_cast<std::int64_t>(d));
    pads.push_back(range.begin - range.crop_begin);
    pads.push_back(range.end - (size - range.crop_begin - range.kept));
  }
  const double fill = has(call, 2) ? in(call, 2).item<double>() : 0;
  return only(at::constant_pad_nd(in(call, 0), pads, fill));
}

// The batch that a request has written into it is the graph's: here it is the input's.
Outputs run(const ir::Reshape& op, const OperatorCall& call) {
  SL_TRY(ir::Integers request, integers_in(call, 1));
  const Shape& declared = call.graph.type(call.node.inputs[0]).shape;
  const Shape& asked = call.graph.type(call.node.outputs[0]).shape;
  if (!request.empty() && !declared.empty() && request[0] == declared[0] &&
      asked[0] == request[0]) {
    request[0] = in(call, 0).size(0);
  }
  SL_TRY(const Shape shape, ir::reshaped_shape(shape_of(in(call, 0)), request, op.allow_zero));
  return only(in(call, 0).reshape(shape));
}

Outputs run(const ir::Flatten& op, const OperatorCall& call) {
  const at::Tensor& x = in(call, 0);
  const std::int64_t axis = op.axis < 0 ? op.axis + x.dim() : op.axis;
  std::int64_t rows = 1;
  for (std::int64_t d = 0; d < axis; ++d) rows *= x.size(d);
  return only(x.reshape({rows, rows > 0 ? x.numel() / rows : 0}));
}

Outputs run(const ir::Transpose& op, const OperatorCall& call) {
  SL_TRY(const ir::Integers permutation,
         ir::resolve_permutation(op.permutation, static_cast<std::size_t>(in(call, 0).dim())));
  return only(in(call, 0).permute(permutation));
}

// Both name the dimensions anew; the first one is the batch.
Result<std::vector<at::Tensor>> reshape_as_typed(const OperatorCall& call) {
  Shape shape = call.graph.type(call.node.outputs[0]).shape;
  const Shape& declared = call.graph.type(call.node.inputs[0]).shape;
  if (!shape.empty() && !declared.empty() && shape[0] == declared[0]) {
    shape[0] = in(call, 0).size(0);
  }
  return only(in(call, 0).reshape(shape));
}

Outputs run(const ir::Squeeze& /*op*/, const OperatorCall& call) {
  return reshape_as_typed(call);
}

Outputs run(const ir::Unsqueeze& /*op*/, const OperatorCall& call) {
  return reshape_as_typed(call);
}

template <class Op>
concept Trainable = requires(const Op& op, const OperatorCall& call) {
  { run(op, call) } -> std::same_as<Outputs>;
};

Error untrainable(const ir::Node& node) {
  return {ErrorCode::Unsupported, fmt::format("{} cannot be trained through", ir::op_name(node.op)),
          ir::place_of(node)};
}

// What the calls above take for granted of the graph.
Status check_form(const ir::Graph& graph, const ir::Node& node) {
  const bool is_pool = ir::is<ir::MaxPool>(node.op) || ir::is<ir::AveragePool>(node.op);
  if (is_pool && graph.type(node.inputs[0]).shape.size() != 4) {
    return Error{ErrorCode::Unsupported, "only pools over two dimensions can be trained through",
                 ir::place_of(node)};
  }
  if (const auto* pool = std::get_if<ir::AveragePool>(&node.op)) {
    SL_TRY(const ir::ResolvedWindow window,
           ir::resolve_pool(*pool, graph.type(node.inputs[0]).shape));
    if (window.pad_begin != window.pad_end) {
      return Error{ErrorCode::Unsupported,
                   "an average pool padded more at one end cannot be trained through",
                   ir::place_of(node)};
    }
  }
  if (const auto* pool = std::get_if<ir::MaxPool>(&node.op); pool && node.outputs.size() > 1) {
    return Error{ErrorCode::Unsupported, "a max pool's indices cannot be trained through",
                 ir::place_of(node)};
  }
  return {};
}

}  // namespace

Status check_operator(const ir::Graph& graph, const ir::Node& node) {
  const bool is_known =
      std::visit([](const auto& op) { return Trainable<std::decay_t<decltype(op)>>; }, node.op);
  return is_known ? check_form(graph, node) : Status(untrainable(node));
}

Result<std::vector<at::Tensor>> apply_operator(const OperatorCall& call) {
  auto outputs = std::visit(
      [&](const auto& op) -> Outputs {
        if constexpr (Trainable<std::decay_t<decltype(op)>>) return run(op, call);
        return untrainable(call.node);
      },
      call.node.op);
  if (!outputs) return std::move(outputs).error().at(ir::place_of(call.node));
  return outputs;
}

}  // namespace sluice::train
