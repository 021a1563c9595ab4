// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

// y [M, N] = a [M, K] · w + bias, with constant w and bias [N].
struct InnerProduct {
  std::int64_t rows = 0, columns = 0, depth = 0;  // M, N, K
  ir::ValueId weights = ir::kNoValue;
  Desc stored;                 // the model's weights seen as [N, K]
  std::optional<Placed> bias;  // row-major [N]
};

void plan_inner_product(Planner& planner, ir::NodeId id, const InnerProduct& product) {
  const Desc src = any_desc({product.rows, product.depth});
  const Desc weights = any_desc({product.columns, product.depth});
  const Desc dst = any_desc({product.rows, product.columns});
  using dnnl::inner_product_forward;
  const auto describe = [&](const dnnl::primitive_attr& attributes) {
    const auto kind = dnnl::prop_kind::forward_inference;
    const inner_product_forward::desc descriptor =
        product.bias ? inner_product_forward::desc(kind, src, weights, product.bias->desc, dst)
                     : inner_product_forward::desc(kind, src, weights, dst);
    return inner_product_forward::primitive_desc(descriptor, attributes, engine());
  };
  const auto arguments = [&](const inner_product_forward::primitive_desc& descriptor) {
    const Placed a = planner.as(planner.input(id, 0), descriptor.src_desc());
    const Placed packed =
        planner.packed(product.weights, {product.stored, descriptor.weights_desc()});
    std::vector<Argument> list{{DNNL_ARG_SRC, a.buffer, a.desc},
                               {DNNL_ARG_WEIGHTS, packed.buffer, packed.desc}};
    if (product.bias) list.push_back({DNNL_ARG_BIAS, product.bias->buffer, product.bias->desc});
    return list;
  };
  plan_with_tail<inner_product_forward>(planner, id, describe, arguments);
}

std::shared_ptr<const Tensor> scaled(const Tensor& values, float factor, std::int64_t size) {
  std::vector<float> result;
  const auto data = values.data<float>();
  result.reserve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    result.push_back(factor * data[data.size() == 1 ? 0 : static_cast<std::size_t>(i)]);
  }
  return std::make_shared<const Tensor>(Tensor::from<float>({size}, result));
}

// [K] as [1, K] on the left or [K, 1] on the right, and leading ones up to `rank`.
Dims promoted(const Shape& shape, bool is_left, std::size_t rank) {
  Dims dims(shape.begin(), shape.end());
  if (dims.size() == 1) dims.insert(is_left ? dims.begin() : dims.end(), 1);
  dims.insert(dims.begin(), rank - dims.size(), 1);
  return dims;
}

}  // namespace

Result<bool> plan(const ir::Gemm& op, Planner& planner, ir::NodeId id) {
  const ir::ValueId w = planner.input(id, 1);
  const ir::ValueId c = planner.input(id, 2);
  const Tensor* bias = planner.constant(c);
  if (!planner.all_float(id) || op.trans_a || op.alpha != 1 || !planner.has_weights(w)) {
    return false;
  }
  const Shape& y = planner.shape(planner.node(id).outputs[0]);
  if (c != ir::kNoValue) {
    // The same for all rows.
    if (bias == nullptr) return false;
    const bool is_row = bias->rank() > 0 && bias->shape().back() == bias->num_elements();
    if (bias->num_elements() != 1 && !(is_row && bias->num_elements() == y[1])) return false;
  }
  InnerProduct product{
      .rows = y[0], .columns = y[1], .depth = planner.shape(planner.input(id, 0))[1], .weights = w};
  const Dims strides = op.trans_b ? Dims{product.depth, 1} : Dims{1, product.columns};
  product.stored = strided_desc({product.columns, product.depth}, strides);
  if (bias != nullptr) {
    product.bias = Placed{planner.add_constant(scaled(*bias, op.beta, product.columns)),
                          plain_desc({product.columns})};
  }
  plan_inner_product(planner, id, product);
  return true;
}

Result<bool> plan(const ir::MatMul& /*op*/, Planner& planner, ir::NodeId id) {
  if (!planner.all_float(id)) return false;
  const ir::ValueId a = planner.input(id, 0);
  const ir::ValueId b = planner.input(id, 1);
  const Shape& a_shape = planner.shape(a);
  const Shape& b_shape = planner.shape(b);
  if (a_shape.size() == 2 && b_shape.size() == 2 && planner.has_weights(b)) {
    InnerProduct product{
        .rows = a_shape[0], .columns = b_shape[1], .depth = a_shape[1], .weights = b};
    product.stored = strided_desc({product.columns, product.depth}, {1, product.columns});
    plan_inner_product(planner, id, product);
    return true;
  }
  const std::size_t rank = std::max<std::size_t>({a_shape.size(), b_shape.size(), 2});
  const Desc left = plain_desc(promoted(a_shape, true, rank));
  const Desc right = plain_desc(promoted(b_shape, false, rank));
  Dims dims = left.dims();
  for (std::size_t i = 0; i + 2 < rank; ++i) dims[i] = std::max(dims[i], right.dims()[i]);
  dims[rank - 1] = right.dims()[rank - 1];
  const Desc result = plain_desc(dims);
  const dnnl::matmul::primitive_desc descriptor({left, right, result}, attributes_of({}), engine());
  const BufferId y = planner.add_buffer(result.get_size());
  planner.add_primitive(id, descriptor, dnnl::matmul(descriptor),
                        {{DNNL_ARG_SRC, planner.as_plain(a).buffer, left},
                         {DNNL_ARG_WEIGHTS, planner.as_plain(b).buffer, right},
                         {DNNL_ARG_DST, y, result}});
  planner.define(planner.node(id).outputs[0], {y, {}});
  return true;
}

}  // namespace sluice::runtime::onednn
