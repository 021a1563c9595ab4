// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/builder.hpp"

#include <gtest/gtest.h>

#include "tests/support/tflite_graph.hpp"

namespace sluice::importer::tflite {
namespace {

constexpr std::size_t kEnough = 1 << 20;

TEST(TfliteBuilder, TransposeOfATransposeIsOne) {
  Builder builder(kEnough);
  const auto x = builder.input("x", DType::Float32, {1, 2, 3, 4});
  const auto a = builder.transposed(x, {0, 3, 1, 2});
  const auto b = builder.transposed(a, {1, 0, 2, 3});
  const ir::Graph graph = builder.finish("g", {b});
  EXPECT_EQ(test::op_names(graph), "Transpose");
  EXPECT_EQ(test::op_of<ir::Transpose>(graph).permutation, (Permutation{3, 0, 1, 2}));
}

TEST(TfliteBuilder, TransposeThereAndBackIsTheValueItself) {
  Builder builder(kEnough);
  const auto x = builder.input("x", DType::Float32, {1, 2, 3, 4});
  EXPECT_EQ(builder.transposed(builder.transposed(x, {0, 3, 1, 2}), {0, 2, 3, 1}), x);
}

TEST(TfliteBuilder, SameTransposeIsMadeOnce) {
  Builder builder(kEnough);
  const auto x = builder.input("x", DType::Float32, {1, 2, 3, 4});
  EXPECT_EQ(builder.transposed(x, {0, 3, 1, 2}), builder.transposed(x, {0, 3, 1, 2}));
}

TEST(TfliteBuilder, ConstantsAreTransposedAtOnce) {
  Builder builder(kEnough);
  const auto w = builder.constant("w", Tensor::from<float>({1, 2}, {3, 4}));
  const auto turned = builder.transposed(w, {1, 0});
  ASSERT_NE(builder.content(turned), nullptr);
  EXPECT_EQ(*builder.content(turned), Tensor::from<float>({2, 1}, {3, 4}));
}

TEST(TfliteBuilder, TensorsNameGoesToItsValueAndNode) {
  Builder builder(kEnough);
  const auto x = builder.input("x", DType::Float32, {2});
  const auto y = builder.node("y/Relu", ir::Relu{}, {x}, 1)[0];
  builder.name_after_tensor(y, "y");
  const ir::Graph graph = builder.finish("g", {y});
  EXPECT_EQ(graph.nodes[0].name, "y");
  EXPECT_EQ(graph[graph.outputs[0]].name, "y");
}

TEST(TfliteBuilder, FirstTensorOfAValueNamesIt) {
  Builder builder(kEnough);
  const auto x = builder.input("x", DType::Float32, {2});
  builder.name_after_tensor(x, "another");
  const ir::Graph graph = builder.finish("g", {x});
  EXPECT_EQ(graph[graph.inputs[0].value].name, "x");
}

TEST(TfliteBuilder, BeyondItsBytesItIsExhausted) {
  Builder builder(100);
  builder.constant("a", Tensor(DType::Float32, {10}));
  EXPECT_FALSE(builder.exhausted());
  builder.constant("b", Tensor(DType::Float32, {20}));
  EXPECT_TRUE(builder.exhausted());
}

}  // namespace
}  // namespace sluice::importer::tflite
