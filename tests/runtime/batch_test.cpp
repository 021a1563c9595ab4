// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/batch.hpp"

#include "tests/support/net.hpp"

namespace sluice::runtime {
namespace {

using test::Net;

// Whether images stay apart through the operator on [4, 6, 4, 4].
bool stay_apart(const ir::Op& op, const std::vector<std::vector<std::int64_t>>& integers = {}) {
  Net net;
  std::vector<ir::ValueId> inputs{net.input({4, 6, 4, 4})};
  for (const auto& values : integers) inputs.push_back(net.integers(values));
  const auto one = single_image(net.finish({net.add(op, inputs)}));
  if (one) {
    EXPECT_EQ(one->type(one->inputs[0].value).shape, (Shape{1, 6, 4, 4}));
  }
  return one.has_value();
}

TEST(SingleImage, OfOperatorsThatLookAtOneImage) {
  EXPECT_TRUE(stay_apart(ir::Relu{}));
  EXPECT_TRUE(stay_apart(ir::GlobalAveragePool{}));
  EXPECT_TRUE(stay_apart(ir::Softmax{1}));
  EXPECT_TRUE(stay_apart(ir::Reshape{}, {{4, 12, 8}}));
  EXPECT_TRUE(stay_apart(ir::Reshape{}, {{0, -1}}));
  EXPECT_TRUE(stay_apart(ir::Flatten{1}));
  EXPECT_TRUE(stay_apart(ir::Transpose{{0, 2, 1, 3}}));
  EXPECT_TRUE(stay_apart(ir::Slice{}, {{1}, {3}, {1}}));
  EXPECT_TRUE(stay_apart(ir::Pad{}, {{0, 0, 1, 1, 0, 0, 1, 1}}));
  EXPECT_TRUE(stay_apart(ir::Snap{numeric::FixedGrid{}}));
  EXPECT_TRUE(stay_apart(ir::Snap{numeric::BlockGrid{.batched = true}}));
}

TEST(SingleImage, NotOfOperatorsThatMixImages) {
  EXPECT_FALSE(stay_apart(ir::Softmax{0}));
  EXPECT_FALSE(stay_apart(ir::Softmax{-4}));
  EXPECT_FALSE(stay_apart(ir::Reshape{}, {{8, 3, 4, 4}}));
  EXPECT_FALSE(stay_apart(ir::Transpose{{1, 0, 2, 3}}));
  EXPECT_FALSE(stay_apart(ir::Slice{}, {{-1}, {-5}, {0}, {-1}}));
  EXPECT_FALSE(stay_apart(ir::Pad{}, {{1, 0, 0, 0, -1, 0, 0, 0}}));
  EXPECT_FALSE(stay_apart(ir::ReduceMean{}, {{0}}));
  EXPECT_FALSE(stay_apart(ir::Snap{numeric::BlockGrid{.batched = false}}));
  EXPECT_FALSE(stay_apart(ir::Shape{}));
}

TEST(SingleImage, NotOfAnOperandThatMeetsImagesWithChannels) {
  Net net;
  const ir::ValueId x = net.input({4, 4, 4});
  const ir::ValueId means = net.add(ir::ReduceMean{.keep_dims = false}, {x, net.integers({2})});
  EXPECT_FALSE(single_image(net.finish({net.add(ir::Add{}, {x, means})})));
}

TEST(SingleImage, NotOfABatchOfOne) {
  Net net;
  EXPECT_FALSE(single_image(net.finish({net.add(ir::Relu{}, {net.input({1, 3})})})));
}

TEST(SingleImage, NotWhereAConstantHasOneRowAnImage) {
  Net net;
  const ir::ValueId x = net.input({4, 3});
  EXPECT_FALSE(single_image(net.finish({net.add(ir::Add{}, {x, net.weight({4, 3})})})));
}

TEST(SingleImage, NotWhereAnImageHasAScaleOfItsOwn) {
  for (const std::int64_t axis : {0, 1}) {
    Net net;
    const ir::ValueId x = net.input({2, 2, 4});
    const ir::ValueId y = net.add(ir::Relu{}, {x});
    ir::Graph graph = net.finish({y});
    graph[y].quantization = numeric::Quantization{DType::Int8, {1, 2}, {0, 0}, axis};
    EXPECT_EQ(single_image(graph).has_value(), axis == 1);
  }
}

}  // namespace
}  // namespace sluice::runtime
