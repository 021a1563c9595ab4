// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/code_ranges.hpp"

#include <gtest/gtest.h>

#include "tests/support/quantized_net.hpp"

namespace sluice::exact {
namespace {

using numeric::CodeRange;

CodeRange range_of(const ir::Graph& graph, ir::ValueId id) {
  return code_ranges(graph)[static_cast<std::size_t>(id)];
}

TEST(CodeRanges, AClampNarrowsThemThroughWhatMovesCodes) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 4, 4}, {DType::Int8, {0.5F}, {-10}});
  // [0, 6] is 0 … 12 above the zero point.
  const ir::ValueId clip = net.add_like(ir::Clip{}, {x, net.scalar(0), net.scalar(6)});
  const ir::ValueId pool = net.add_like(ir::MaxPool{{.kernel = {2, 2}}}, {clip});
  const ir::ValueId moved = net.add_like(ir::Transpose{{0, 2, 3, 1}}, {pool});
  const ir::Graph graph = net.finish({moved});
  EXPECT_EQ(range_of(graph, x).lowest, -128);
  EXPECT_EQ(range_of(graph, moved).lowest, -10);
  EXPECT_EQ(range_of(graph, moved).highest, 2);
}

TEST(CodeRanges, OtherOperatorsMakeAnyCode) {
  test::QuantizedNet net(1, numeric::Arithmetic::TfliteDouble, DType::UInt8);
  const ir::ValueId x = net.input({1, 2, 4, 4}, {DType::UInt8, {0.5F}, {100}});
  const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
  const ir::ValueId sum = net.add(ir::Add{}, {relu, relu}, net.grid());
  const ir::Graph graph = net.finish({sum});
  EXPECT_EQ(range_of(graph, relu).lowest, 100);
  EXPECT_EQ(range_of(graph, relu).highest, 255);
  EXPECT_EQ(range_of(graph, sum).lowest, 0);
  EXPECT_EQ(range_of(graph, sum).highest, 255);
}

TEST(Clamped, OnlyClampsOfCodes) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2}, {DType::Int8, {0.5F}, {3}});
  const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
  const ir::Graph graph = net.finish({net.add_like(ir::Identity{}, {relu})});
  const auto codes = clamped(graph, graph.nodes[0], {-50, 60});
  ASSERT_TRUE(codes) << codes.error().text();
  EXPECT_EQ(codes->lowest, 3);
  EXPECT_EQ(codes->highest, 60);
  EXPECT_FALSE(clamped(graph, graph.nodes[1], {-50, 60}));
}

}  // namespace
}  // namespace sluice::exact
