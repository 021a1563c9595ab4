// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/opset.hpp"

#include <gmock/gmock.h>

#include "tests/support/net.hpp"

namespace sluice::exporter::onnx {
namespace {

using ::testing::HasSubstr;

// Of a graph of one node with one float32 input of 2×4×3.
std::int64_t opset_of(ir::Op op) {
  test::Net net;
  const ir::ValueId x = net.input({2, 4, 3});
  const auto opset = lowest_opset(net.finish({net.add(std::move(op), {x})}));
  EXPECT_TRUE(opset) << opset.error().text();
  return opset ? *opset : 0;
}

TEST(Opset, IsTheLowestThatHasTheOperator) {
  EXPECT_EQ(opset_of(ir::Relu{}), 13);
  EXPECT_EQ(opset_of(ir::HardSwish{}), 14);
  EXPECT_EQ(opset_of(ir::Shape{.start = 1}), 15);
  EXPECT_EQ(opset_of(ir::Mish{}), 18);
  EXPECT_EQ(opset_of(ir::ReduceMax{.noop_with_empty_axes = true}), 18);
  EXPECT_EQ(opset_of(ir::Gelu{}), 20);
}

TEST(Opset, FollowsTheTypes) {
  EXPECT_EQ(opset_of(ir::Cast{.to = DType::Int8}), 13);
  EXPECT_EQ(opset_of(ir::Cast{.to = DType::Float8E5M2}), 19);
  EXPECT_EQ(opset_of(ir::Cast{.to = DType::BFloat16}), 22);
  EXPECT_EQ(opset_of(ir::Cast{.to = DType::Int2}), 25);
}

TEST(Opset, CodesOf8BitsAreIn13AndOf16In21) {
  for (const DType dtype : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
    test::Net net;
    const ir::ValueId zero_point = net.constant(Tensor(dtype, {}));
    const ir::Graph graph =
        net.finish({net.add(ir::QuantizeLinear{}, {net.input({3}), net.scalar(1), zero_point})});
    EXPECT_EQ(*lowest_opset(graph), num_bits(dtype) == 8 ? 13 : 21);
  }
}

// The scales of a group normalization were one a group up to opset 20, which is withdrawn.
TEST(Opset, FormsOfOlderOpsetsAreRefused) {
  test::Net net;
  const ir::ValueId x = net.input({2, 4, 3});
  const ir::ValueId scale = net.weight({2});
  const auto opset = lowest_opset(net.finish({net.add(
      ir::GroupNormalization{.num_groups = 2, .scale_per_group = true}, {x, scale, scale})}));
  ASSERT_FALSE(opset);
  EXPECT_EQ(opset.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(opset.error().text(), HasSubstr("(GroupNormalization): is not in ONNX's opsets"));
}

TEST(Opset, NearestPositionsOfTensorFlowAreHalfPixels) {
  for (std::int64_t from = 1; from < 24; ++from) {
    for (std::int64_t to = 1; to < 24; ++to) {
      test::Net net;
      const ir::ValueId x = net.input({from});
      ir::Graph graph =
          net.finish({net.add(ir::Resize{.coordinate_mode = ir::CoordinateMode::TfHalfPixelForNn,
                                         .nearest_mode = ir::NearestMode::Floor},
                              {x, ir::kNoValue, ir::kNoValue, net.integers({to})})});
      const auto inputs = test::random_inputs(graph);
      const auto before = test::reference_outputs(graph, inputs);
      EXPECT_FALSE(lowest_opset(graph));
      to_newest_forms(graph);
      EXPECT_TRUE(lowest_opset(graph));
      test::expect_near(test::reference_outputs(graph, inputs), before, 0);
    }
  }
}

TEST(Opset, FileVersionFollowsTheOpset) {
  EXPECT_EQ(ir_version_of(13), 8);
  EXPECT_EQ(ir_version_of(19), 9);
  EXPECT_EQ(ir_version_of(21), 10);
  EXPECT_EQ(ir_version_of(24), 12);
  EXPECT_EQ(ir_version_of(26), 13);
}

}  // namespace
}  // namespace sluice::exporter::onnx
