// SPDX-License-Identifier: Apache-2.0
// Means over windows, of the codes themselves: the output has the input's quantization.
#include "sluice/ir/ops/pool.hpp"

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/sum_rescaler.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/taps.hpp"

namespace sluice::exact::reference {
Result<Tensor> run(const ir::AveragePool& op, const NodeView& node) {
  SL_TRY(const Affine affine, node.in_affine(0));
  if (const auto result = node.out_affine(); !result) return result.error();
  if (*node.in_quantization(0) != *node.out_quantization()) {
    return Error{ErrorCode::Unsupported,
                 "changes scale or zero point; a mean of codes keeps its input's"};
  }
  if (op.count_include_pad) {
    return Error{ErrorCode::Unsupported, "counts the padding, which is no part of a mean of codes"};
  }
  const Shape& shape = node.in(0).shape();
  const auto spatial = std::span<const std::int64_t>(shape).subspan(2);
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape));
  const std::vector<std::int64_t> x = numeric::to_integers(node.in(0));
  const std::int64_t x_size = num_elements(spatial);
  const std::int64_t y_size = num_elements(window.output);
  std::vector<std::int64_t> y(static_cast<std::size_t>(num_elements(node.out_type().shape)));
  std::int64_t position = 0;
  runtime::reference::for_each_index(window.output, [&](std::span<const std::int64_t> at) {
    const auto taps = runtime::reference::window_taps(window, spatial, at);
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
      std::int64_t sum = 0;
      for (const auto& tap : taps) sum += x.data()[plane * x_size + tap.input];
      y.data()[plane * y_size + position] =
          taps.empty() ? affine.zero_point
                       : numeric::mean_of_codes(sum, static_cast<std::int64_t>(taps.size()));
    }
    ++position;
  });
  return to_tensor(y, node.out_type());
}

}  // namespace sluice::exact::reference
