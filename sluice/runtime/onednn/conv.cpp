// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/runtime/onednn/conv_scatter.hpp"
#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

using dnnl::prop_kind;

// The weights as oneDNN wants to see them: [group, M/group, C/group, kernel…] where group > 1.
struct Weights {
  Dims dims;
  Desc stored;  // of the model's row-major bytes
};

Weights conv_weights(const Shape& shape, std::int64_t group) {
  Dims dims(shape.begin(), shape.end());
  if (group > 1) {
    dims[0] /= group;
    dims.insert(dims.begin(), group);
  }
  return {dims, plain_desc(dims)};
}

// The model has [C, M/group, kernel…]: rows and columns change places within a group.
Weights transposed_weights(const Shape& shape, std::int64_t group) {
  Weights weights = conv_weights(shape, group);
  Dims strides = strides_of(weights.dims);
  const std::size_t rows = group > 1 ? 1 : 0;
  std::swap(weights.dims[rows], weights.dims[rows + 1]);
  std::swap(strides[rows], strides[rows + 1]);
  weights.stored = strided_desc(weights.dims, strides);
  return weights;
}

// oneDNN counts the positions left out between two elements.
Dims gaps(const ir::Dims& dilations) {
  Dims result;
  for (const std::int64_t dilation : dilations) result.push_back(dilation - 1);
  return result;
}

// What both convolutions ask of a node: float32, 1 to 3 spatial dimensions, constant weights.
bool is_covered_conv(const Planner& planner, ir::NodeId id) {
  const ir::ValueId w = planner.input(id, 1);
  const ir::ValueId b = planner.input(id, 2);
  const std::size_t rank = planner.shape(planner.input(id, 0)).size();
  return planner.all_float(id) && rank >= 3 && rank <= 5 && planner.has_weights(w) &&
         (b == ir::kNoValue || planner.constant(b) != nullptr);
}

struct Problem {
  Desc src, weights, bias, dst;
  Dims strides, dilates, pad_begin, pad_end;
};

Problem problem_of(const Planner& planner, ir::NodeId id, const Dims& weights,
                   const ir::ResolvedWindow& window) {
  Problem problem;
  problem.src = any_desc(planner.shape(planner.input(id, 0)));
  problem.weights = any_desc(weights);
  problem.dst = any_desc(planner.shape(planner.node(id).outputs[0]));
  if (const ir::ValueId b = planner.input(id, 2); b != ir::kNoValue) {
    problem.bias = plain_desc(planner.shape(b));
  }
  problem.strides = window.strides;
  problem.dilates = gaps(window.dilations);
  problem.pad_begin = window.pad_begin;
  problem.pad_end = window.pad_end;
  return problem;
}

// Plans forward convolution or deconvolution; they differ in name only.
template <class Primitive>
void plan_convolution(Planner& planner, ir::NodeId id, dnnl::algorithm algorithm,
                      const Weights& weights, const Problem& problem) {
  const auto describe = [&](const dnnl::primitive_attr& attributes) {
    const typename Primitive::desc descriptor =
        problem.bias.data.ndims == 0
            ? typename Primitive::desc(prop_kind::forward_inference, algorithm, problem.src,
                                       problem.weights, problem.dst, problem.strides,
                                       problem.dilates, problem.pad_begin, problem.pad_end)
            : typename Primitive::desc(prop_kind::forward_inference, algorithm, problem.src,
                                       problem.weights, problem.bias, problem.dst, problem.strides,
                                       problem.dilates, problem.pad_begin, problem.pad_end);
    return typename Primitive::primitive_desc(descriptor, attributes, engine());
  };
  const auto arguments = [&](const auto& descriptor) {
    const Placed src = planner.as(planner.input(id, 0), descriptor.src_desc());
    const Placed packed =
        planner.packed(planner.input(id, 1), {weights.stored, descriptor.weights_desc()});
    std::vector<Argument> list{{DNNL_ARG_SRC, src.buffer, src.desc},
                               {DNNL_ARG_WEIGHTS, packed.buffer, packed.desc}};
    if (problem.bias.data.ndims > 0) {
      const Placed bias = planner.placed(planner.input(id, 2));
      list.push_back({DNNL_ARG_BIAS, bias.buffer, problem.bias});
    }
    return list;
  };
  plan_with_tail<Primitive>(planner, id, describe, arguments);
}

std::span<const std::int64_t> spatial(const Shape& shape) {
  return std::span(shape).subspan(2);
}

bool any_negative(const ir::Dims& values) {
  return std::ranges::any_of(values, [](std::int64_t v) { return v < 0; });
}

}  // namespace

Result<bool> plan(const ir::Conv& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_conv(planner, id)) return false;
  const Shape& x = planner.shape(planner.input(id, 0));
  const Shape& w = planner.shape(planner.input(id, 1));
  ir::Window window = op.window;
  window.kernel.assign(w.begin() + 2, w.end());
  SL_TRY(const ir::ResolvedWindow resolved, ir::resolve(window, spatial(x)));
  if (any_negative(resolved.pad_begin) || any_negative(resolved.pad_end)) return false;
  const Weights weights = conv_weights(w, op.group);
  plan_convolution<dnnl::convolution_forward>(planner, id, dnnl::algorithm::convolution_direct,
                                              weights,
                                              problem_of(planner, id, weights.dims, resolved));
  return true;
}

// oneDNN wants the padding of the convolution this is the transpose of:
// y = stride·(x − 1) + dilation·(kernel − 1) + 1 − pad_begin − pad_end, output_padding included.
Result<bool> plan(const ir::ConvTranspose& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_conv(planner, id)) return false;
  if (plan_scatter(op, planner, id)) return true;
  const Shape& x = planner.shape(planner.input(id, 0));
  const Shape& w = planner.shape(planner.input(id, 1));
  const Shape& y = planner.shape(planner.node(id).outputs[0]);
  ir::Window window = op.window;
  window.kernel.assign(w.begin() + 2, w.end());
  SL_TRY(ir::ResolvedWindow resolved,
         ir::resolve_transposed(window, {op.output_padding, op.output_shape}, spatial(x)));
  for (std::size_t i = 0; i + 2 < x.size(); ++i) {
    const std::int64_t full =
        resolved.strides[i] * (x[i + 2] - 1) + resolved.dilations[i] * (w[i + 2] - 1) + 1;
    resolved.pad_end[i] = full - y[i + 2] - resolved.pad_begin[i];
  }
  if (any_negative(resolved.pad_begin)) return false;
  const Weights weights = transposed_weights(w, op.group);
  plan_convolution<dnnl::deconvolution_forward>(planner, id, dnnl::algorithm::deconvolution_direct,
                                                weights,
                                                problem_of(planner, id, weights.dims, resolved));
  return true;
}

}  // namespace sluice::runtime::onednn
