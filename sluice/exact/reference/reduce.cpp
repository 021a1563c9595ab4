// SPDX-License-Identifier: Apache-2.0
// Sums and means along axes, and Softmax.
#include "sluice/ir/ops/reduce.hpp"

#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/softmax_row.hpp"
#include "sluice/exact/reference/sum.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact::reference {
namespace {

// The sums of codes and how many each is of.
struct Sums {
  std::vector<std::int64_t> of_codes;
  std::int64_t count = 0;
};

template <class Reduce>
Result<Sums> sum_codes(const Reduce& op, const NodeView& node) {
  const ir::ReduceSum sum{op.keep_dims, op.noop_with_empty_axes};
  const Tensor codes = numeric::cast(node.in(0), DType::Int64);
  std::vector<const Tensor*> inputs(node.inputs().begin(), node.inputs().end());
  inputs[0] = &codes;
  const ir::ValueType type{DType::Int64, node.out_type().shape};
  SL_TRY(const auto outputs, runtime::reference::evaluate(sum, inputs, {&type, 1}));
  const std::int64_t count = outputs[0].num_elements();
  return Sums{numeric::to_integers(outputs[0]), count == 0 ? 0 : codes.num_elements() / count};
}

Result<Tensor> rescaled(const NodeView& node, const Sums& sums, bool is_mean) {
  SL_TRY(const numeric::SumRescaler rescaler, sum_rescaler(node, sums.count, is_mean));
  std::vector<std::int64_t> result;
  result.reserve(sums.of_codes.size());
  for (const std::int64_t sum : sums.of_codes) result.push_back(rescaler.code(sum));
  return to_tensor(result, node.out_type());
}

}  // namespace

Result<Tensor> run(const ir::ReduceMean& op, const NodeView& node) {
  SL_TRY(const Sums sums, sum_codes(op, node));
  return rescaled(node, sums, true);
}

Result<Tensor> run(const ir::ReduceSum& op, const NodeView& node) {
  SL_TRY(const Sums sums, sum_codes(op, node));
  return rescaled(node, sums, false);
}

Result<Tensor> run(const ir::Softmax& op, const NodeView& node) {
  SL_TRY(const SoftmaxRow by, SoftmaxRow::make(node));
  SL_TRY(const ir::SoftmaxShape shape, ir::softmax_shape(op, node.in(0).shape()));
  const std::vector<std::int64_t> codes = numeric::to_integers(node.in(0));
  std::vector<std::int64_t> result(codes.size());
  std::vector<std::int64_t> row(static_cast<std::size_t>(shape.reduced));
  for (std::int64_t o = 0; o < shape.outer; ++o) {
    for (std::int64_t i = 0; i < shape.inner; ++i) {
      const std::int64_t begin = o * shape.reduced * shape.inner + i;
      for (std::int64_t r = 0; r < shape.reduced; ++r) {
        row.data()[r] = codes.data()[begin + r * shape.inner];
      }
      by.apply(row);
      for (std::int64_t r = 0; r < shape.reduced; ++r) {
        result.data()[begin + r * shape.inner] = row.data()[r];
      }
    }
  }
  return to_tensor(result, node.out_type());
}

}  // namespace sluice::exact::reference
