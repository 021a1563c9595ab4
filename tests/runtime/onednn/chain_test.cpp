// SPDX-License-Identifier: Apache-2.0
// Chains of element-wise nodes give the same bits in one pass as one after the other, and Snap
// gives the bits of its definition.
#include "sluice/runtime/onednn/chain.hpp"

#include "tests/support/fast_equals_reference.hpp"
#include "tests/support/observe.hpp"

#include "sluice/numeric/snap.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::Net;

std::vector<float> ramp(std::int64_t size, float first, float step) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) values.push_back(first + step * static_cast<float>(i));
  return values;
}

numeric::Grid per_channel(int bits, std::int64_t channels) {
  return numeric::AffineGrid{
      .bits = bits, .scale = ramp(channels, 20, 1.5F), .zero_point = ramp(channels, -9, 1)};
}

const numeric::Grid kPerTensor =
    numeric::AffineGrid{.bits = 8, .scale = {31.5F}, .zero_point = {-3}};
const numeric::Grid kFixed = numeric::FixedGrid{.bits = 8, .fraction_bits = 4};

// conv → Snap → BN → Snap → Relu → Snap, and a residual sum: what emulation makes of a block.
ir::Graph emulated_block(std::int64_t channels, const numeric::Grid& grid) {
  Net net;
  const ir::ValueId x = net.input({3, channels, 9, 7});
  ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({channels, channels, 1, 1})});
  y = net.add(ir::Snap{grid}, {y});
  y = net.batch_norm(y, channels);
  y = net.add(ir::Snap{grid}, {y});
  y = net.add(ir::Relu{}, {y});
  y = net.add(ir::Snap{grid}, {y});
  y = net.add(ir::Add{}, {y, x});
  y = net.add(ir::Snap{grid}, {y});
  return net.finish({net.add(ir::Conv{}, {y, net.weight({5, channels, 3, 3})}), y});
}

TEST(Chain, GivesTheBitsOfItsNodesOneByOne) {
  for (const std::int64_t channels : {1, 3, 16, 19, 32}) {
    for (const numeric::Grid& grid :
         {kPerTensor, kFixed, per_channel(8, channels), per_channel(16, channels)}) {
      const ir::Graph graph = emulated_block(channels, grid);
      const auto inputs = test::random_inputs(graph);
      const auto apart = test::outputs_of(make_onednn_executor(graph, {.fuse = false}), inputs);
      const auto fused = test::outputs_of(make_onednn_executor(graph, {.fuse = true}), inputs);
      test::expect_near(fused, apart, 0);
    }
  }
}

TEST(Chain, SnapsExactlyWhatTheConvolutionMade) {
  for (const std::int64_t channels : {3, 16, 19}) {
    for (const numeric::Grid& grid :
         {kPerTensor, kFixed, per_channel(8, channels), per_channel(16, channels)}) {
      Net net;
      const ir::ValueId x = net.input({2, 5, 9, 7});
      const ir::ValueId made = net.add(ir::Conv{}, {x, net.weight({channels, 5, 3, 3})});
      const ir::ValueId snapped = net.add(ir::Snap{grid}, {made});
      const ir::Graph graph =
          net.finish({net.add(ir::MaxPool{.window = {.kernel = {1, 1}}}, {snapped})});
      const auto inputs = test::random_inputs(graph);
      const auto outputs = test::outputs_of(make_onednn_executor(graph), inputs);

      auto executor = make_onednn_executor(graph);
      ASSERT_TRUE(executor) << executor.error().text();
      const Tensor before = test::observed(**executor, graph, inputs, {made}).at(made);
      Tensor expected = before;
      numeric::snap(grid, before.shape(), before.data<float>(), expected.mutable_data<float>());
      test::expect_near(outputs, {expected}, 0);
    }
  }
}

TEST(Chain, SnapsToBlocksLikeTheReference) {
  for (const auto block :
       {numeric::BlockShape::Tensor, numeric::BlockShape::Channel, numeric::BlockShape::Run}) {
    const numeric::BlockGrid grid{.block = block, .block_size = 8};
    const ir::Graph graph = test::one_node(ir::Snap{grid}, {2, 16, 5, 5});
    const auto inputs = test::random_inputs(graph);
    test::expect_near(test::outputs_of(make_onednn_executor(graph), inputs),
                      test::reference_outputs(graph, inputs), 0);
  }
}

// Between convolutions values lie channels last or in blocks of channels.
TEST(Chain, SnapsToBlocksInAnyLayout) {
  for (const numeric::BlockShape block :
       {numeric::BlockShape::Tensor, numeric::BlockShape::Channel, numeric::BlockShape::Run}) {
    for (const std::int64_t channels : {8, 19, 64}) {
      for (const bool batched : {true, false}) {
        const numeric::BlockGrid grid{.block = block, .block_size = 16, .batched = batched};
        Net net;
        const ir::ValueId made =
            net.add(ir::Conv{}, {net.input({2, 5, 6, 7}), net.weight({channels, 5, 1, 1})});
        const ir::ValueId snapped = net.add(ir::Snap{grid}, {made});
        const ir::Graph graph =
            net.finish({net.add(ir::MaxPool{.window = {.kernel = {1, 1}}}, {snapped})});
        const auto inputs = test::random_inputs(graph);
        auto executor = make_onednn_executor(graph);
        ASSERT_TRUE(executor) << executor.error().text();
        const Tensor before = test::observed(**executor, graph, inputs, {made}).at(made);
        Tensor expected = before;
        numeric::snap(grid, before.shape(), before.data<float>(), expected.mutable_data<float>());
        test::expect_near(test::outputs_of(make_onednn_executor(graph), inputs), {expected}, 0);
      }
    }
  }
}

TEST(Chain, SnapsRowsOfAMatrixAndAlongTheFirstDimension) {
  for (const std::int64_t columns : {5, 16, 35}) {
    for (const std::int64_t axis : {0, 1}) {
      auto grid = *std::get_if<numeric::AffineGrid>(&kPerTensor);
      grid.scale = ramp(axis == 0 ? 3 : columns, 10, 1);
      grid.zero_point = ramp(axis == 0 ? 3 : columns, -5, 1);
      grid.axis = axis;
      const ir::Graph graph = test::one_node(ir::Snap{grid}, {3, columns});
      const auto inputs = test::random_inputs(graph);
      test::expect_near(test::outputs_of(make_onednn_executor(graph), inputs),
                        test::reference_outputs(graph, inputs), 0);
    }
  }
}

TEST(Chain, KeepsThePaddingOfBlocksZero) {
  // A bias and a grid without 0 would show in the padded channels, and so in the convolution.
  Net net;
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({1, 3, 6, 6}), net.weight({19, 3, 1, 1})});
  const ir::ValueId biased = net.add(ir::Add{}, {x, net.scalar(3)});
  const ir::ValueId y = net.add(ir::Conv{}, {biased, net.weight({8, 19, 3, 3})});
  EXPECT_EQ(test::expect_fast_equals_reference(net.finish({y})), 0U);
}

TEST(Chain, WalksTheUsualLayouts) {
  using enum dnnl::memory::format_tag;
  const auto desc = [](const Dims& dims, dnnl::memory::format_tag tag) {
    return Desc(dims, dnnl::memory::data_type::f32, tag);
  };
  EXPECT_TRUE(is_walkable(desc({2, 19, 5, 7}, nchw)));
  EXPECT_TRUE(is_walkable(desc({2, 19, 5, 7}, nhwc)));
  EXPECT_TRUE(is_walkable(desc({2, 19, 5, 7}, nChw16c)));
  EXPECT_TRUE(is_walkable(desc({2, 19, 5, 7}, nChw8c)));
  EXPECT_TRUE(is_walkable(desc({2, 19}, nc)));
  EXPECT_TRUE(is_walkable(desc({7}, a)));
  EXPECT_FALSE(is_walkable(desc({2, 19, 5, 7}, cdba)));
}

}  // namespace
}  // namespace sluice::runtime::onednn
