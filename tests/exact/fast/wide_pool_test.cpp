// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_pool.hpp"

#include "tests/exact/fast/expect_equal.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

const std::vector<DType> kPooledTypes{DType::Int8, DType::UInt8, DType::Int16, DType::UInt16};

TEST(WidePool, AveragesEqualTheReference) {
  std::uint64_t seed = 0;
  for (const DType dtype : kPooledTypes) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const ir::AveragePool& op :
           {ir::AveragePool{.window = {.kernel = {2, 2}, .strides = {2, 2}}},
            ir::AveragePool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}},
            ir::AveragePool{.window = {.kernel = {3, 2}, .strides = {2, 1}}, .ceil_mode = true},
            ir::AveragePool{.window = {.kernel = {2, 2}}, .count_include_pad = true}}) {
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(++seed));
        QuantizedNet net(seed, arithmetic, dtype);
        const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, 17, 6, 5});
        const ir::Graph graph = net.finish({net.add(op, {x}, net.grid())});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

TEST(WidePool, MeansOfImagesEqualTheReference) {
  std::uint64_t seed = 100;
  for (const DType dtype : kPooledTypes) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const DType to : {dtype, DType::Int16}) {
        QuantizedNet net(++seed, arithmetic, dtype);
        const ir::ValueId x = net.input({2, 21, 5, 7});
        const ir::ValueId a = net.add(ir::GlobalAveragePool{}, {x}, net.grid(to));
        const ir::ValueId b =
            net.add(ir::ReduceMean{.keep_dims = false}, {x, net.integers({2, 3})}, net.grid(to));
        const ir::Graph graph = net.finish({a, b});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

numeric::Quantization channel_grid(QuantizedNet& net, DType dtype, int channels, int exponent) {
  numeric::Quantization grid{dtype, {}, {}, 1};
  for (int c = 0; c < channels; ++c) {
    grid.scales.push_back(std::ldexp(1.0F, exponent + static_cast<int>(net.rng().integer(-2, 2))));
    grid.zero_points.push_back(net.rng().integer(0, 50));
  }
  grid.scales[0] = std::ldexp(1.0F, exponent - 17);  // of a channel in which nothing happens
  return grid;
}

TEST(WidePool, MeansOfChannelsEqualTheReference) {
  std::uint64_t seed = 150;
  for (const DType dtype : kPooledTypes) {
    for (const Arithmetic arithmetic : kShifts) {
      QuantizedNet net(++seed, arithmetic, dtype);
      const ir::ValueId x = net.input({2, 13, 5, 7}, channel_grid(net, dtype, 13, -5));
      const ir::ValueId a = net.add(ir::GlobalAveragePool{}, {x}, net.grid());
      const ir::ValueId b = net.add(ir::ReduceMean{.keep_dims = false}, {x, net.integers({2, 3})},
                                    channel_grid(net, dtype, 13, -4));
      const ir::AveragePool op{.window = {.kernel = {2, 2}, .strides = {2, 2}}};
      const ir::ValueId c = net.add(op, {x}, channel_grid(net, dtype, 13, -6));
      const ir::Graph graph = net.finish({a, b, c});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph, {2}));
    }
  }
}

TEST(WidePool, MeansOfScalesFarApartAreLeftToTheReference) {
  const auto mean = [](float of_x, float of_y) {
    QuantizedNet net(190, Arithmetic::ShiftHalfUp);
    const ir::ValueId x =
        net.input({1, 2, 5, 7}, numeric::Quantization{DType::Int8, {1, of_x}, {3, 4}, 1});
    const ir::Graph graph = net.finish({net.add(
        ir::GlobalAveragePool{}, {x}, numeric::Quantization{DType::Int8, {1, of_y}, {3, 4}, 1})});
    EXPECT_TRUE(expect_equal(graph, {1}));
    return num_plain(graph);
  };
  EXPECT_EQ(mean(0x1p16F, 1), 0U);
  EXPECT_EQ(mean(0x1p17F, 1), 1U);
  EXPECT_EQ(mean(1, 0x1p40F), 0U);
  EXPECT_EQ(mean(1, 0x1p41F), 1U);
}

TEST(WidePool, CountedPaddingAndOtherAxesAreLeftToTheReference) {
  QuantizedNet net(200, Arithmetic::ShiftHalfEven, DType::Int16);
  const ir::ValueId x = net.input({1, 4, 6, 5});
  const ir::AveragePool op{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}},
                           .count_include_pad = true};
  const ir::ValueId a = net.add(op, {x}, net.grid());
  const ir::ValueId b = net.add(ir::ReduceMean{}, {x, net.integers({1})}, net.grid());
  const ir::Graph graph = net.finish({a, b});
  EXPECT_EQ(num_plain(graph), 2U);
  EXPECT_TRUE(expect_equal(graph, {1}));
}

}  // namespace
}  // namespace sluice::exact::fast
