// SPDX-License-Identifier: Apache-2.0
// Random small quantized CNNs: convolutions of all kinds, activations, residual sums, concats,
// poolings, moves, a classifier. For properties that must hold on any network.
#pragma once

#include "tests/exact/fast/layers.hpp"

namespace sluice::exact::fast {

class RandomCodeNet {
 public:
  RandomCodeNet(std::uint64_t seed, numeric::Arithmetic arithmetic, DType dtype)
      : net_(seed, arithmetic, dtype), dtype_(dtype) {}

  ir::Graph make() {
    batch_ = pick({1, 2, 3});
    channels_ = pick({1, 3, 5, 16});
    ir::ValueId x = net_.input({batch_, channels_, kSize, kSize});
    for (std::int64_t left = pick({3, 5, 8}); left > 0; --left) x = layer(x);
    if (pick({0, 1}) == 1) return net_.finish({x});
    const std::int64_t features = channels_ * kSize * kSize;
    const ir::ValueId flat = net_.add_like(ir::Reshape{}, {x, net_.integers({batch_, features})});
    return net_.finish({add_gemm(net_, flat, features, 10, weight_kind()), x});
  }

 private:
  static constexpr std::int64_t kSize = 7;

  std::int64_t pick(std::initializer_list<std::int64_t> choices) {
    return *(choices.begin() + net_.rng().below(choices.size()));
  }

  WeightKind weight_kind() {
    if (dtype_ == DType::Int8 || pick({0, 1}) == 1) return {DType::Int8, true, false};
    return {DType::UInt8, false, true};
  }

  ir::ValueId conv(ir::ValueId x, std::int64_t out, std::int64_t kernel, std::int64_t group = 1) {
    const std::int64_t pad = kernel / 2;
    const ir::ValueId y = add_conv(net_, x,
                                   {.in = channels_,
                                    .out = out,
                                    .kernel = {kernel, kernel},
                                    .pads = {pad, pad, pad, pad},
                                    .group = group,
                                    .has_bias = pick({0, 1}) == 1},
                                   weight_kind());
    channels_ = out;
    return y;
  }

  ir::ValueId activation(ir::ValueId x) {
    switch (pick({0, 1, 2, 3, 4, 5})) {
      case 0:
        return net_.add_like(ir::Relu{}, {x});
      case 1:
        return net_.add_like(ir::Clip{}, {x, net_.scalar(0), net_.scalar(6)});
      case 2:
        return net_.add(ir::LeakyRelu{0.25F}, {x}, net_.grid());
      case 3:
        return net_.add(ir::Mul{}, {x, net_.add(ir::Sigmoid{}, {x}, net_.grid())}, net_.grid());
      case 4:
        return net_.add(ir::Relu{}, {net_.add(ir::Identity{}, {x}, net_.grid())}, net_.grid());
      default:
        return x;
    }
  }

  ir::ValueId layer(ir::ValueId x) {
    const std::int64_t before = channels_;
    switch (pick({0, 1, 2, 3, 4, 5, 6})) {
      case 0:
        return activation(conv(x, pick({4, 16, 17}), 3));
      case 1:
        return activation(conv(x, pick({8, 31}), 1));
      case 2:
        return activation(conv(x, channels_, 3, channels_));  // depthwise
      case 3: {                                               // residual
        const ir::ValueId y = activation(conv(x, before, 3));
        // Scales far apart are refused.
        const ir::ValueId a = net_.add(ir::Identity{}, {y}, net_.grid());
        const ir::ValueId b = net_.add(ir::Identity{}, {x}, net_.grid());
        return activation(net_.add(ir::Add{}, {a, b}, net_.grid()));
      }
      case 4: {
        const ir::ValueId y = conv(x, 5, 1);
        const ir::ValueId like_y = net_.add(ir::Identity{}, {x}, net_.grid_of(y));
        channels_ = before + 5;
        return net_.add_like(ir::Concat{1}, {like_y, y});
      }
      case 5:
        return net_.add_like(ir::MaxPool{{.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}, {x});
      default: {  // there and back again
        const ir::ValueId y = net_.add_like(ir::Transpose{{0, 2, 3, 1}}, {x});
        const ir::ValueId z = net_.add(ir::Tanh{}, {y}, net_.grid());
        return net_.add_like(ir::Transpose{{0, 3, 1, 2}}, {z});
      }
    }
  }

  test::QuantizedNet net_;
  DType dtype_;
  std::int64_t channels_ = 0, batch_ = 1;
};

inline ir::Graph random_code_net(std::uint64_t seed, numeric::Arithmetic arithmetic, DType dtype) {
  return RandomCodeNet(seed, arithmetic, dtype).make();
}

}  // namespace sluice::exact::fast
