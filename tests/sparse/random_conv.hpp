// SPDX-License-Identifier: Apache-2.0
// Convolutions of many shapes, with zeros among their weights and inputs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/net.hpp"

#include "sluice/ir/ops/conv.hpp"

namespace sluice::test {

struct ConvShape {
  std::string name;
  Shape x, w;
  ir::Window window;
  std::int64_t group = 1;
};

inline std::vector<ConvShape> conv_shapes() {
  return {{"3x3", {2, 3, 9, 7}, {12, 3, 3, 3}, {.pads = {1, 1, 1, 1}}},
          {"stride 2", {1, 2, 11, 66}, {3, 2, 3, 3}, {.strides = {2, 2}, .pads = {0, 1, 1, 0}}},
          {"dilated", {1, 2, 12, 13}, {4, 2, 3, 2}, {.dilations = {2, 3}, .pads = {2, 2, 2, 2}}},
          {"pointwise", {2, 5, 6, 6}, {9, 5, 1, 1}, {}},
          {"pointwise with stride", {1, 2, 7, 70}, {2, 2, 1, 1}, {.strides = {2, 3}}},
          {"depthwise", {2, 4, 8, 8}, {4, 1, 3, 3}, {.pads = {1, 1, 1, 1}}, 4},
          {"groups", {1, 4, 7, 7}, {20, 2, 3, 3}, {.pads = {1, 1, 1, 1}}, 2},
          {"7x7", {1, 3, 16, 15}, {10, 3, 7, 7}, {.strides = {2, 2}, .pads = {3, 3, 3, 3}}},
          {"11x11", {1, 1, 23, 23}, {2, 1, 11, 11}, {.strides = {4, 4}, .pads = {2, 2, 2, 2}}},
          {"cropped", {1, 2, 9, 9}, {3, 2, 3, 3}, {.pads = {-1, -2, 0, -1}}},
          {"wide padding", {1, 1, 3, 4}, {2, 1, 2, 2}, {.pads = {5, 66, 3, 2}}},
          {"one dimension", {3, 2, 40}, {9, 2, 5}, {.strides = {3}, .pads = {2, 2}}},
          {"three dimensions", {1, 2, 4, 5, 6}, {3, 2, 3, 3, 3}, {.pads = {1, 1, 1, 1, 1, 1}}}};
}

// Zeros with the chance of `percent` in place of what was there.
inline Tensor with_zeros(Tensor tensor, unsigned percent, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (float& value : tensor.mutable_data<float>()) {
    if (random() % 100 < percent) value = 0;
  }
  return tensor;
}

// A network of one convolution whose weights are zero with the chance of `percent`.
inline ir::Graph one_conv(const ConvShape& shape, unsigned percent) {
  Net net;
  const auto x = net.input(shape.x);
  const auto w = net.constant(with_zeros(random_tensor(shape.w, 3), percent, 4));
  const auto y = net.add(ir::Conv{.window = shape.window, .group = shape.group}, {x, w});
  return net.finish({y});
}

}  // namespace sluice::test
