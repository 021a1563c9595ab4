// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_elementwise.hpp"

#include "tests/exact/fast/expect_equal.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using test::QuantizedNet;

const std::vector<DType> kWideCodes{DType::Int16, DType::UInt16};

TEST(WideElementwise, SumsEqualTheReference) {
  std::uint64_t seed = 0;
  for (const DType dtype : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
    for (const Arithmetic arithmetic : kShifts) {
      for (const ir::Op& op : {ir::Op(ir::Add{}), ir::Op(ir::Sub{})}) {
        QuantizedNet net(++seed, arithmetic, dtype);
        const ir::ValueId a = net.input({2, 5, 7, 3});
        const ir::ValueId b = net.input({2, 5, 7, 3});
        const ir::ValueId y = net.add(op, {a, b}, net.grid());
        const ir::Graph graph = net.finish({net.add_like(ir::Relu{}, {y})});
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph));
      }
    }
  }
}

Quantization channel_grid(QuantizedNet& net, DType dtype, int channels) {
  Quantization grid{dtype, {}, {}, 1};
  for (int c = 0; c < channels; ++c) {
    grid.scales.push_back(std::ldexp(1.0F, static_cast<int>(net.rng().integer(-8, -4))));
    grid.zero_points.push_back(net.rng().integer(0, 50));
  }
  return grid;
}

// Of operands and results of which each may have a scale a channel; bounds differ by channel.
TEST(WideElementwise, SumsOfChannelsEqualTheReference) {
  std::uint64_t seed = 200;
  for (const DType dtype : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
    for (const int channel_scales : {1, 2, 4, 3, 7}) {  // a bit each: of a, of b, of the sum
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      for (const Shape& shape : {Shape{2, 13, 7, 3}, Shape{3, 13}}) {
        QuantizedNet net(seed, arithmetic, dtype);
        const auto grid = [&](int bit) {
          return (channel_scales & bit) != 0
                     ? channel_grid(net, dtype, 13)
                     : Quantization{dtype, {0x1p-5F}, {net.rng().integer(0, 50)}};
        };
        const ir::ValueId a = net.input(shape, grid(1));
        const ir::ValueId b = net.input(shape, grid(2));
        const ir::Op op = seed % 2 == 0 ? ir::Op(ir::Add{}) : ir::Op(ir::Sub{});
        ir::ValueId y = net.add(op, {a, b}, grid(4));
        y = net.add_like(ir::Clip{}, {y, net.scalar(-0.4F), net.scalar(2.3F)});
        const ir::Graph graph = net.finish({y});
        SCOPED_TRACE(name_of(arithmetic, dtype) + " " + std::to_string(channel_scales));
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph, {2}));
      }
    }
  }
}

TEST(WideElementwise, OtherSumsOfChannelsAreLeftToTheReference) {
  const auto sum = [](const Shape& shape, std::int64_t axis, float scale) {
    QuantizedNet net(230, Arithmetic::ShiftHalfUp);
    Quantization grid{DType::Int8, {1, 1, 1}, {0, 4, 2}, axis};
    grid.scales[1] = scale;
    const ir::ValueId a = net.input(shape, grid);
    const ir::ValueId b = net.input(shape, {DType::Int8, {1}, {2}});
    const ir::Graph graph =
        net.finish({net.add(ir::Add{}, {a, b}, Quantization{DType::Int8, {2}, {3}})});
    EXPECT_TRUE(expect_equal(graph, {1}));
    return num_plain(graph);
  };
  EXPECT_EQ(sum({2, 3, 3, 3}, 1, 0.5F), 0U);
  EXPECT_EQ(sum({2, 3, 3, 3}, 1, 0x1p-14F), 0U);
  EXPECT_EQ(sum({2, 3, 3, 3}, 1, 0x1p-21F), 1U);
  EXPECT_EQ(sum({2, 3, 3, 3}, 2, 0.5F), 1U);
  EXPECT_EQ(sum({2, 3, 3}, 1, 0.5F), 1U);
}

// Scales far apart, operands of two types and shapes.
TEST(WideElementwise, OtherSumsAreLeftToTheReference) {
  const auto sum = [](float of_a, float of_b, float of_y, DType type_of_b,
                      const Shape& shape_of_b) {
    QuantizedNet net(30, Arithmetic::ShiftHalfUp, DType::Int16);
    const ir::ValueId a = net.input({2, 3}, {DType::Int16, {of_a}, {1}});
    const ir::ValueId b = net.input(shape_of_b, {type_of_b, {of_b}, {2}});
    const ir::Graph graph =
        net.finish({net.add(ir::Add{}, {a, b}, Quantization{DType::Int16, {of_y}, {3}})});
    EXPECT_TRUE(expect_equal(graph, {1}));
    return num_plain(graph);
  };
  EXPECT_EQ(sum(1, 0.5F, 2, DType::Int16, {2, 3}), 0U);
  EXPECT_EQ(sum(1, 0x1p-14F, 2, DType::Int16, {2, 3}), 1U);
  EXPECT_EQ(sum(1, 1, 0.5F, DType::Int16, {2, 3}), 0U);
  EXPECT_EQ(sum(1, 1, 0x1p-14F, DType::Int16, {2, 3}), 1U);
  EXPECT_EQ(sum(1, 1, 1, DType::Int8, {2, 3}), 1U);
  EXPECT_EQ(sum(1, 1, 1, DType::Int16, {3}), 1U);
}

TEST(WideElementwise, FunctionsOfOneCodeEqualTheReference) {
  std::uint64_t seed = 50;
  for (const DType dtype : kWideCodes) {
    for (const DType to : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      QuantizedNet net(seed, arithmetic, dtype);
      const ir::ValueId x = net.input({2, 5, 7, 3});
      std::vector<ir::ValueId> results;
      for (const ir::Op& op :
           {ir::Op(ir::Identity{}), ir::Op(ir::Sigmoid{}), ir::Op(ir::LeakyRelu{0.3F}),
            ir::Op(ir::HardSwish{}), ir::Op(ir::Relu{}), ir::Op(ir::Abs{})}) {
        results.push_back(net.add(op, {x}, net.grid(to)));
      }
      results.push_back(net.add(ir::Mul{}, {x, net.scalar(0.37F)}, net.grid(to)));
      const ir::Graph graph = net.finish(results);
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

TEST(WideElementwise, BoundsEqualTheReference) {
  std::uint64_t seed = 80;
  for (const DType dtype : kWideCodes) {
    for (const Arithmetic arithmetic : kShifts) {
      QuantizedNet net(++seed, arithmetic, dtype);
      Quantization grid = net.grid();
      grid.bits = 13;
      grid.zero_points = {1000};
      const ir::ValueId x = net.input({1, 3, 9, 9}, grid);
      // Between codes, the wrong way round, and beyond all.
      const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
      const ir::ValueId clip = net.add_like(ir::Clip{}, {x, net.scalar(-0.77F), net.scalar(1.23F)});
      const ir::ValueId none = net.add_like(ir::Clip{}, {x, net.scalar(2), net.scalar(1)});
      const ir::ValueId all = net.add_like(ir::Clip{}, {x, net.scalar(-1e9F), net.scalar(1e9F)});
      const ir::Graph graph = net.finish({relu, clip, none, all});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

TEST(WideElementwise, OtherArithmeticsAreLeftAlone) {
  QuantizedNet net(90, Arithmetic::Onnx, DType::Int16);
  const ir::ValueId x = net.input({4, 5});
  const ir::Graph graph = net.finish({net.add(ir::Add{}, {x, x}, net.grid())});
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph, {1}));
}

}  // namespace
}  // namespace sluice::exact::fast
