// SPDX-License-Identifier: Apache-2.0
// Quantized layers with random weights.
#pragma once

#include "tests/support/quantized_net.hpp"

#include "sluice/ir/op.hpp"

namespace sluice::exact::fast {

struct WeightKind {
  DType dtype = DType::Int8;
  bool is_per_channel = false;
  bool has_zero_points = false;
};

inline ir::ValueId add_weights(test::QuantizedNet& net, Shape shape, const WeightKind& kind,
                               std::int64_t axis) {
  if (kind.is_per_channel) {
    return net.weights_per_channel(std::move(shape), kind.dtype, axis, kind.has_zero_points);
  }
  numeric::Quantization grid = net.grid(kind.dtype);
  if (!kind.has_zero_points) {
    grid.zero_points = {kind.dtype == DType::UInt8    ? 128
                        : kind.dtype == DType::UInt16 ? 1 << 15
                                                      : 0};
  }
  return net.codes(std::move(shape), grid);
}

struct ConvShape {
  std::int64_t in = 3, out = 8;
  ir::Dims kernel{3, 3};
  ir::Dims pads{1, 1, 1, 1};
  ir::Dims strides{1, 1};
  ir::Dims dilations{1, 1};
  std::int64_t group = 1;
  bool has_bias = true;
};

inline ir::ValueId add_conv(test::QuantizedNet& net, ir::ValueId x, const ConvShape& shape,
                            const WeightKind& kind = {}) {
  ir::Conv op;
  op.window = {.strides = shape.strides, .dilations = shape.dilations, .pads = shape.pads};
  op.group = shape.group;
  const std::int64_t group_in = shape.in / shape.group;
  const ir::ValueId weights =
      add_weights(net, {shape.out, group_in, shape.kernel[0], shape.kernel[1]}, kind, 0);
  std::vector<ir::ValueId> inputs{x, weights};
  if (shape.has_bias) inputs.push_back(net.bias({shape.out}, x, weights));
  const std::int64_t depth = group_in * shape.kernel[0] * shape.kernel[1];
  return net.add(op, std::move(inputs), net.grid_after(x, weights, depth));
}

inline ir::ValueId add_gemm(test::QuantizedNet& net, ir::ValueId x, std::int64_t in,
                            std::int64_t out, const WeightKind& kind = {}) {
  const ir::ValueId weights = add_weights(net, {out, in}, kind, 0);
  return net.add(ir::Gemm{.trans_b = true}, {x, weights, net.bias({out}, x, weights)},
                 net.grid_after(x, weights, in));
}

}  // namespace sluice::exact::fast
