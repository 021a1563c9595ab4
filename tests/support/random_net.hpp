// SPDX-License-Identifier: Apache-2.0
// Random small CNNs: convolutions of all kinds, normalisation, activations, residual sums, concats,
// poolings, a classifier. For properties that must hold on any network.
#pragma once

#include "tests/support/net.hpp"

namespace sluice::test {

class RandomNet {
 public:
  explicit RandomNet(std::uint32_t seed) : engine_(seed), net_(seed) {}

  ir::Graph make() {
    const std::int64_t batch = pick({1, 2, 3});
    channels_ = pick({1, 3, 5, 16});
    size_ = pick({7, 8, 12});
    ir::ValueId x = net_.input({batch, channels_, size_, size_});
    const std::int64_t depth = pick({3, 5, 8});
    for (std::int64_t i = 0; i < depth; ++i) x = layer(x);
    if (pick({0, 1}) == 1) return net_.finish({x});
    const ir::ValueId pooled = net_.add(ir::GlobalAveragePool{}, {x});
    const ir::ValueId flat = net_.add(ir::Flatten{}, {pooled});
    const ir::ValueId logits =
        net_.add(ir::Gemm{}, {flat, net_.weight({channels_, 10}), net_.weight({10})});
    return net_.finish({x, net_.add(ir::Softmax{}, {logits})});
  }

 private:
  std::int64_t pick(std::initializer_list<std::int64_t> choices) {
    return *(choices.begin() + engine_() % choices.size());
  }

  ir::ValueId conv(ir::ValueId x, std::int64_t channels_out, std::int64_t kernel,
                   std::int64_t group = 1) {
    ir::Conv op;
    op.window.kernel = {kernel, kernel};
    const std::int64_t pad = kernel / 2;
    op.window.pads = {pad, pad, pad, pad};
    op.group = group;
    const Shape weights{channels_out, channels_ / group, kernel, kernel};
    const std::int64_t products = weights[1] * kernel * kernel;
    const float bound = 1 / std::sqrt(static_cast<float>(products));
    std::vector<ir::ValueId> inputs{x, net_.weight(weights, -bound, bound)};
    if (pick({0, 1}) == 1) inputs.push_back(net_.weight({channels_out}));
    channels_ = channels_out;
    return net_.add(op, inputs);
  }

  ir::ValueId activation(ir::ValueId x) {
    switch (pick({0, 1, 2, 3, 4, 5})) {
      case 0:
        return net_.add(ir::Relu{}, {x});
      case 1:
        return net_.add(ir::Clip{}, {x, net_.scalar(0), net_.scalar(6)});
      case 2:
        return net_.add(ir::LeakyRelu{}, {x});
      case 3:
        return net_.add(ir::HardSwish{}, {x});
      case 4:
        return net_.add(ir::Mul{}, {x, net_.add(ir::Sigmoid{}, {x})});
      default:
        return x;
    }
  }

  ir::ValueId layer(ir::ValueId x) {
    const std::int64_t before = channels_;
    switch (pick({0, 1, 2, 3, 4, 5, 6, 7})) {
      case 0:
        return activation(conv(x, pick({4, 16, 17}), 3));
      case 1: {
        const ir::ValueId y = conv(x, pick({8, 16, 31}), 1);
        return activation(net_.batch_norm(y, channels_));
      }
      case 2:
        return activation(conv(x, channels_, 3, channels_));  // depthwise
      case 3: {                                               // residual
        const ir::ValueId y = activation(conv(x, before, 3));
        return activation(net_.add(ir::Add{}, {net_.batch_norm(conv(y, before, 1), before), x}));
      }
      case 4: {
        const ir::ValueId y = conv(x, 5, 1);
        channels_ = before;
        const ir::ValueId z = conv(x, 16, 3);
        channels_ = 21;
        return net_.add(ir::Concat{1}, {y, z});
      }
      case 5: {
        ir::MaxPool pool;
        pool.window.kernel = {3, 3};
        pool.window.pads = {1, 1, 1, 1};
        return net_.add(pool, {x});
      }
      case 6:
        return net_.add(ir::Dropout{}, {net_.add(ir::Identity{}, {x})});
      default:
        return net_.batch_norm(x, channels_);
    }
  }

  std::mt19937 engine_;
  Net net_;
  std::int64_t channels_ = 0, size_ = 0;
};

inline ir::Graph random_net(std::uint32_t seed) {
  return RandomNet(seed).make();
}

}  // namespace sluice::test
