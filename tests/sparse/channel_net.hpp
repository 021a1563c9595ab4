// SPDX-License-Identifier: Apache-2.0
// Random small networks whose channels meet in every way that is followed.
#pragma once

#include <random>

#include "tests/support/net.hpp"

#include "sluice/sparse/channel_map.hpp"

namespace sluice::sparse {

class ChannelNet {
 public:
  explicit ChannelNet(std::uint32_t seed) : engine_(seed), net_(seed) {}

  ir::Graph make() {
    ir::ValueId x = conv(net_.input({2, 3, 6, 6}), 3, 6);
    channels_ = 6;
    for (int i = 0; i < 5; ++i) x = layer(x);
    return net_.finish({classified(x)});
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_()) % (high - low + 1);
  }

  ir::ValueId conv(ir::ValueId x, std::int64_t in, std::int64_t out, std::int64_t group = 1) {
    ir::Conv op;
    op.window.pads = {1, 1, 1, 1};
    op.group = group;
    std::vector<ir::ValueId> inputs{x, net_.weight({out, in / group, 3, 3})};
    if (pick(0, 1) == 1) inputs.push_back(net_.weight({out}));
    return net_.add(op, inputs);
  }
  ir::ValueId per_channel(ir::ValueId x, ir::Op op) {
    return net_.add(std::move(op), {x, net_.weight({channels_, 1, 1})});
  }
  ir::ValueId relu(ir::ValueId x) { return net_.add(ir::Relu{}, {x}); }

  ir::ValueId layer(ir::ValueId x) {
    const std::int64_t before = channels_;
    switch (pick(0, 9)) {
      case 0:
        channels_ = pick(2, 8);
        return relu(net_.batch_norm(conv(x, before, channels_), channels_));
      case 1:  // depthwise, two filters a channel
        channels_ = 2 * before;
        return relu(conv(x, before, channels_, before));
      case 2:  // residual
        return relu(net_.add(ir::Add{}, {conv(relu(conv(x, before, 5)), 5, before), x}));
      case 3:
        channels_ = before + 4;
        return net_.add(ir::Concat{1}, {conv(x, before, 4), x});
      case 4: {  // squeeze and excitation
        const ir::ValueId pooled = net_.add(ir::GlobalAveragePool{}, {x});
        const ir::ValueId w = net_.weight({before, before, 1, 1});
        return net_.add(ir::Mul{},
                        {net_.add(ir::Sigmoid{}, {net_.add(ir::Conv{}, {pooled, w})}), x});
      }
      case 5: {
        const auto parts =
            net_.add_many(ir::Split{1}, {conv(x, before, 6), net_.integers({2, 4})}, 2);
        channels_ = 6;
        return net_.add(ir::Concat{1}, {relu(parts[1]), parts[0]});
      }
      case 6: {
        const ir::ValueId y = conv(x, before, 7);
        channels_ = 5;
        return net_.add(ir::Slice{},
                        {y, net_.integers({1}), net_.integers({-1}), net_.integers({1})});
      }
      case 7: {
        ir::ConvTranspose op;
        op.window.pads = {1, 1, 1, 1};
        channels_ = pick(2, 6);
        return net_.add(op, {x, net_.weight({before, channels_, 3, 3}), net_.weight({channels_})});
      }
      case 8: {  // a shortcut with padded channels
        channels_ = before + 3;
        const ir::ValueId padded =
            net_.add(ir::Pad{}, {x, net_.integers({0, 1, 0, 0, 0, 2, 0, 0})});
        return net_.add(ir::Add{}, {conv(x, before, channels_), padded});
      }
      default:
        return per_channel(per_channel(x, ir::Mul{}), ir::PRelu{});
    }
  }

  ir::ValueId classified(ir::ValueId x) {
    ir::MaxPool pool;
    pool.window.kernel = {3, 3};
    pool.window.strides = {3, 3};
    x = net_.add(pool, {x});
    x = pick(0, 1) == 1 ? net_.add(ir::Flatten{}, {x})
                        : net_.add(ir::Reshape{}, {x, net_.integers({2, channels_ * 4})});
    x = net_.add(ir::Gemm{.trans_b = true}, {x, net_.weight({9, channels_ * 4}), net_.weight({9})});
    return net_.add(ir::Add{},
                    {net_.add(ir::MatMul{}, {relu(x), net_.weight({9, 4})}), net_.weight({4})});
  }

  std::mt19937 engine_;
  test::Net net_;
  std::int64_t channels_ = 0;
};

// Every constant's numbers that go with the units become zero: then nothing of them is left.
inline void zero_units(ir::Graph& graph, const ChannelMap& map, const std::vector<bool>& units) {
  for (const Cut& cut : map.cuts) {
    Tensor& content = *graph[graph[cut.node].inputs[cut.input]].constant;
    const Shape& shape = content.shape();
    const auto inner =
        static_cast<std::size_t>(num_elements(std::span(shape).subspan(cut.axis + 1)));
    const auto data = content.mutable_data<float>();
    const auto& positions = map.positions[index(cut.by)];
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (units[positions[i / inner % positions.size()]]) data[i] = 0;
    }
  }
}

}  // namespace sluice::sparse
