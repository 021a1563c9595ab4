// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/modules.hpp"

#include <gtest/gtest.h>

#include "tests/quant/net.hpp"

namespace sluice::quant {
namespace {

// The names of the modules, in order.
std::vector<std::string> names(const NamedNet& net, Compat compat = Compat::None) {
  const auto modules = find_modules(net.graph, compat);
  EXPECT_TRUE(modules) << modules.error().text();
  std::vector<std::string> result;
  for (const Module& module : *modules) result.push_back(net.graph[module.node].name);
  return result;
}
using Names = std::vector<std::string>;

const Shape kOneImage{1, 2, 4, 4};

TEST(FindModules, ListsActivationsAndPoolings) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  net.node("relu", ir::Relu{}, {x}, kOneImage);
  net.node("thresholded", ir::ThresholdedRelu{}, {x}, kOneImage);
  net.node("leaky", ir::LeakyRelu{}, {x}, kOneImage);
  net.node("swish", ir::HardSwish{}, {x}, kOneImage);
  net.node("max", ir::MaxPool{}, {x}, {1, 2, 2, 2});
  net.node("average", ir::AveragePool{}, {x}, {1, 2, 2, 2});
  net.node("global", ir::GlobalAveragePool{}, {x}, {1, 2, 1, 1});
  EXPECT_EQ(names(net),
            (Names{"relu", "thresholded", "leaky", "swish", "max", "average", "global"}));
}
TEST(FindModules, LeavesOutEverythingElse) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  net.node("add", ir::Add{}, {x, x}, kOneImage);
  net.node("sigmoid", ir::Sigmoid{}, {x}, kOneImage);
  net.node("concat", ir::Concat{}, {x, x}, {2, 2, 4, 4});
  net.node("global_max", ir::GlobalMaxPool{}, {x}, {1, 2, 1, 1});
  EXPECT_EQ(names(net), Names{});
}
TEST(FindModules, ClipCountsOnlyFromZeroToSix) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  const auto zero = net.constant("zero", {}, {0});
  const auto six = net.constant("six", {}, {6});
  const auto one = net.constant("one", {}, {1});
  net.node("relu6", ir::Clip{}, {x, zero, six}, kOneImage);
  net.node("clip", ir::Clip{}, {x, zero, one}, kOneImage);
  net.node("floor", ir::Clip{}, {x, zero}, kOneImage);
  EXPECT_EQ(names(net), Names{"relu6"});
}
TEST(FindModules, SkipsIntegers) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  const auto y = net.node("relu", ir::Relu{}, {x}, kOneImage);
  net.graph[x].type->dtype = DType::Int32;
  net.graph[y].type->dtype = DType::Int32;
  EXPECT_EQ(names(net), Names{});
}
TEST(FindModules, LinearNeedsAConstantMatrix) {
  NamedNet net;
  const auto x = net.input("x", {2, 3});
  const auto w = net.constant("w", {3, 5});
  const auto v = net.constant("v", {3});
  net.node("matmul", ir::MatMul{}, {x, w}, {2, 5});
  net.node("gemm", ir::Gemm{}, {x, w}, {2, 5});
  net.node("vector", ir::MatMul{}, {x, v}, {2});
  net.node("product", ir::MatMul{}, {x, x}, {2, 2});
  EXPECT_EQ(names(net), (Names{"matmul", "gemm"}));
}
TEST(FindModules, RefusesConvolutionsWithComputedWeights) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  const auto w = net.input("w", {3, 2, 1, 1});
  net.node("conv", ir::Conv{}, {x, w}, {1, 3, 4, 4});
  const auto modules = find_modules(net.graph, Compat::None);
  ASSERT_FALSE(modules);
  EXPECT_EQ(modules.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(modules.error().where, "node \"conv\" (Conv)");
}

using Axes = std::pair<std::int64_t, std::int64_t>;

// The channel and depth axis of a module's weights.
Axes axes(const ir::Op& op, const Shape& x, const Shape& w, Compat compat = Compat::None) {
  NamedNet net;
  const auto input = net.input("x", x);
  net.node("node", op, {input, net.constant("w", w)}, x);
  const auto modules = find_modules(net.graph, compat);
  if (!modules || modules->size() != 1) return {-1, -1};
  return {modules->front().weight->channel_axis, modules->front().weight->depth_axis};
}

TEST(FindModules, WeightsHaveAChannelAnOutput) {
  EXPECT_EQ(axes(ir::Conv{}, kOneImage, {2, 2, 1, 1}), Axes(0, 1));
  EXPECT_EQ(axes(ir::ConvTranspose{}, kOneImage, {2, 2, 1, 1}), Axes(1, 0));
  EXPECT_EQ(axes(ir::Gemm{}, {2, 3}, {3, 3}), Axes(1, 0));
  EXPECT_EQ(axes(ir::Gemm{.trans_b = true}, {2, 3}, {3, 3}), Axes(0, 1));
  EXPECT_EQ(axes(ir::MatMul{}, {4, 2, 3}, {4, 3, 3}), Axes(2, 1));
}
TEST(FindModules, FpgaconvnetReadsThreeDimensionalTransposedWeightsByInput) {
  const Shape volume{1, 2, 2, 2, 2};
  const Shape weights{2, 2, 1, 1, 1};
  EXPECT_EQ(axes(ir::ConvTranspose{}, volume, weights), Axes(1, 0));
  EXPECT_EQ(axes(ir::ConvTranspose{}, volume, weights, Compat::Fpgaconvnet), Axes(0, 0));
  EXPECT_EQ(axes(ir::ConvTranspose{}, kOneImage, {2, 2, 1, 1}, Compat::Fpgaconvnet), Axes(1, 0));
}
TEST(FindModules, FpgaconvnetLeavesOutOneDimension) {
  NamedNet net;
  const auto x = net.input("x", {1, 2, 8});
  const auto w = net.constant("w", {2, 2, 1});
  net.node("conv", ir::Conv{}, {x, w}, {1, 2, 8});
  net.node("pool", ir::MaxPool{}, {x}, {1, 2, 4});
  EXPECT_EQ(names(net), (Names{"conv", "pool"}));
  EXPECT_EQ(names(net, Compat::Fpgaconvnet), Names{});
}

TEST(QuantizedValues, NamesEachOnce) {
  NamedNet net;
  const auto x = net.input("x", kOneImage);
  const auto a = net.node("a", ir::Relu{}, {x}, kOneImage);
  const auto b = net.node("b", ir::Relu{}, {a}, kOneImage);
  const auto c = net.node("c", ir::Add{}, {a, b}, kOneImage);
  net.graph.outputs = {c};
  const auto modules = find_modules(net.graph, Compat::None);
  ASSERT_TRUE(modules);
  EXPECT_EQ(quantized_values(net.graph, *modules), (std::vector<ir::ValueId>{x, a, b}));
}

}  // namespace
}  // namespace sluice::quant
