// SPDX-License-Identifier: Apache-2.0
#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/layers.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

struct ConvTypes {
  DType activation;
  WeightKind weight;
};

// Of activations and weights, as runtimes combine them, and what else a graph may hold.
const std::vector<ConvTypes> kConvTypes{
    {DType::Int8, {DType::Int8, true, false}},   {DType::Int8, {DType::Int8, false, false}},
    {DType::Int8, {DType::Int8, true, true}},    {DType::UInt8, {DType::Int8, true, false}},
    {DType::UInt8, {DType::UInt8, false, true}}, {DType::UInt8, {DType::UInt8, true, true}},
    {DType::Int8, {DType::UInt8, false, true}}};

const std::vector<ConvShape> kConvShapes{
    {.in = 3, .out = 8},
    {.in = 16, .out = 33, .kernel = {1, 1}, .pads = {0, 0, 0, 0}},
    {.in = 5, .out = 4, .pads = {0, 1, 2, 0}, .strides = {2, 1}, .has_bias = false},
    {.in = 4, .out = 6, .pads = {2, 1, 2, 1}, .dilations = {2, 1}},
    {.in = 6, .out = 9, .group = 3},
    {.in = 9, .out = 9, .group = 9},
    {.in = 67, .out = 67, .strides = {2, 2}, .group = 67, .has_bias = false},
    {.in = 4, .out = 8, .group = 4},
    {.in = 4, .out = 4, .pads = {2, 2, 2, 2}, .dilations = {2, 2}, .group = 4},
    {.in = 3, .out = 5, .kernel = {9, 8}, .pads = {4, 4, 4, 4}},
    {.in = 1, .out = 1, .kernel = {1, 3}, .pads = {0, 3, 0, 3}},
    {.in = 1, .out = 7, .kernel = {5, 5}, .pads = {2, 2, 2, 2}, .strides = {3, 2}}};

// Batches of 1 and 3.
ir::Graph one_conv(const ConvShape& shape, const ConvTypes& types, Arithmetic arithmetic,
                   std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, types.activation);
  const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, shape.in, 5, 6});
  return net.finish({add_conv(net, x, shape, types.weight)});
}

TEST(FastConv, EqualsTheReferenceInEveryShapeAndType) {
  std::uint64_t seed = 0;
  for (const ConvShape& shape : kConvShapes) {
    for (const ConvTypes& types : kConvTypes) {
      const Arithmetic arithmetic = kArithmetics[++seed % kArithmetics.size()];
      SCOPED_TRACE("seed " + std::to_string(seed) + " " + name_of(arithmetic, types.activation));
      const ir::Graph graph = one_conv(shape, types, arithmetic, seed);
      EXPECT_TRUE(expect_equal(graph));
      EXPECT_EQ(num_plain(graph), 0U);
    }
  }
}

TEST(FastConv, EqualsTheReferenceInEveryArithmetic) {
  std::uint64_t seed = 1000;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const ConvTypes& types : kConvTypes) {
      for (const std::size_t shape : {0U, 5U}) {
        SCOPED_TRACE(name_of(arithmetic, types.activation) + " " + std::to_string(++seed));
        EXPECT_TRUE(expect_equal(one_conv(kConvShapes[shape], types, arithmetic, seed)));
      }
    }
  }
}

TEST(FastConv, RunsManyChunksOfPixels) {
  QuantizedNet net(7);
  const ir::ValueId x = net.input({1, 4, 23, 31});
  const ir::ValueId y = add_conv(net, x, {.in = 4, .out = 4, .group = 4});
  const ir::Graph graph = net.finish({add_conv(net, y, {.in = 4, .out = 5})});
  EXPECT_EQ(num_plain(graph), 0U);
  expect_equal(graph);
}

// However much padding a file asks for, it is not written out.
TEST(FastConv, TakesNoMemoryForMuchPadding) {
  QuantizedNet net(21);
  const ir::ValueId x = net.input({1, 3, 8, 8});
  const ir::ValueId y = add_conv(net, x,
                                 {.in = 3,
                                  .out = 4,
                                  .kernel = {2, 2},
                                  .pads = {9000, 9000, 9000, 9000},
                                  .strides = {6001, 6001}});
  const ir::Graph graph = net.finish({y});
  EXPECT_LT(planned(graph).workspace_bytes, 1U << 20);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(FastConv, LeavesOtherDimensionsAndNegativePadsToTheReference) {
  QuantizedNet net(8);
  const ir::ValueId line = net.input({2, 3, 9});
  const ir::ValueId w = add_weights(net, {4, 3, 3}, {}, 0);
  const ir::ValueId y = net.add(ir::Conv{}, {line, w}, net.grid_after(line, w, 9));
  const ir::ValueId image = net.input({2, 3, 6, 6});
  const ir::ValueId z = add_conv(net, image, {.in = 3, .out = 4, .pads = {-1, 0, 0, -1}});
  const ir::Graph graph = net.finish({y, z});
  EXPECT_EQ(num_plain(graph), 2U);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(FastConv, LeavesOtherCodesAndComputedBiasesToTheReference) {
  QuantizedNet net(14);
  const ir::ValueId x = net.input({1, 3, 5, 6});
  const ir::ValueId w = add_weights(net, {4, 3, 1, 1}, {}, 0);
  const ir::ValueId wide = net.add(ir::Conv{}, {x, w}, net.grid(DType::Int16, 0.01));
  numeric::Quantization of_bias = net.grid_of(net.bias({4}, x, w));
  const ir::ValueId raw = net.codes({4}, net.grid());
  of_bias.zero_points = {3};
  const ir::ValueId b = net.add(ir::Identity{}, {raw}, of_bias);
  const ir::ValueId y = net.add(ir::Conv{}, {x, w, b}, net.grid());
  const ir::Graph graph = net.finish({wide, y});
  EXPECT_EQ(num_plain(graph), 3U);
  EXPECT_TRUE(expect_equal(graph));
}

// ---- accumulators

ir::Graph conv_of_sums(std::int32_t bias, std::int64_t channels, double output_scale = 1e7) {
  QuantizedNet net(9);
  const ir::ValueId x = net.input({1, channels, 2, 2}, {DType::Int8, {1}, {-128}});
  const auto count = static_cast<std::size_t>(channels);
  const ir::ValueId w = net.constant(
      Tensor::from<std::int8_t>({1, channels, 1, 1}, std::vector<std::int8_t>(count, 127)));
  net.graph()[w].quantization = numeric::Quantization{};
  const ir::ValueId b = net.constant(Tensor::from<std::int32_t>({1}, {bias}));
  net.graph()[b].quantization = numeric::Quantization{.dtype = DType::Int32};
  return net.finish({net.add(ir::Conv{}, {x, w, b}, net.grid(DType::Int8, output_scale))});
}

TEST(FastConv, RunsWhatCouldOverflowByTheReference) {
  // 65 · 255 · 127 is 2,105,025.
  constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(num_plain(conv_of_sums(kLargest - 2'105'025, 65)), 0U);
  EXPECT_EQ(num_plain(conv_of_sums(kLargest - 2'105'024, 65)), 1U);
  for (const std::int32_t room : {2'105'025, 2'105'024, 2'000'000}) {
    expect_equal(conv_of_sums(kLargest - room, 65));
  }
}

TEST(FastConv, ReportsAnOverflowAsTheReference) {
  const ir::Graph graph = conv_of_sums(std::numeric_limits<std::int32_t>::max(), 65);
  EXPECT_FALSE(expect_equal(graph));
  const auto found = outputs_of(make_fast_executor(graph), test::random_code_inputs(graph, 5));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().where, "node \"" + graph.nodes[0].name + "\" (Conv)");
}

TEST(FastConv, ReportsAnOverflowOfChannelsThatAreTheHighestCodeAnyway) {
  constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
  EXPECT_FALSE(expect_equal(conv_of_sums(kLargest, 65, 1e4)));
  EXPECT_FALSE(expect_equal(conv_of_sums(kLargest - 1000, 65, 1e4)));
  EXPECT_TRUE(expect_equal(conv_of_sums(kLargest - 2'105'025, 65, 1e4)));
  EXPECT_TRUE(expect_equal(conv_of_sums(-kLargest, 65, 1e4)));
}

// Some of them change a code, others only seem to.
TEST(FastConv, TakesBiasesOfAnySize) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    QuantizedNet net(seed, kArithmetics[seed % kArithmetics.size()], kCodeTypes[seed / 6 % 2]);
    const ir::ValueId x = net.input({1, 6, 4, 4});
    const ir::ValueId w = net.weights_per_channel({6, 6, 1, 1}, DType::Int8, 0, seed % 3 == 0);
    const ir::ValueId b = net.bias({6}, x, w, std::int64_t{1} << net.rng().integer(20, 30));
    const double scale = std::ldexp(1e-3, static_cast<int>(net.rng().integer(0, 24)));
    expect_equal(net.finish({net.add(ir::Conv{}, {x, w, b}, net.grid(DType::Int8, scale))}), {1});
  }
}

TEST(FastConv, ReportsScalesAlongAnotherDimensionAsTheReference) {
  QuantizedNet net(10);
  const ir::ValueId x = net.input({1, 4, 3, 3});
  const ir::ValueId w = net.weights_per_channel({4, 4, 1, 1}, DType::Int8, 1, false);
  EXPECT_FALSE(expect_equal(net.finish({net.add(ir::Conv{}, {x, w}, net.grid())})));
}

TEST(FastConv, ReportsABiasOfNumbersAsTheReference) {
  QuantizedNet net(11);
  const ir::ValueId x = net.input({1, 2, 3, 3});
  const ir::ValueId w = add_weights(net, {2, 2, 1, 1}, {}, 0);
  const ir::ValueId b = net.constant(Tensor::from<float>({2}, {1.5F, -3}));
  EXPECT_FALSE(expect_equal(net.finish({net.add(ir::Conv{}, {x, w, b}, net.grid())})));
}

// ---- fully connected

TEST(FastGemm, EqualsTheReferenceInEveryArithmeticAndType) {
  std::uint64_t seed = 2000;
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const ConvTypes& types : kConvTypes) {
      SCOPED_TRACE(name_of(arithmetic, types.activation) + " " + std::to_string(++seed));
      QuantizedNet net(seed, arithmetic, types.activation);
      const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, 37});
      const ir::Graph graph = net.finish({add_gemm(net, x, 37, 19, types.weight)});
      EXPECT_TRUE(expect_equal(graph));
      EXPECT_EQ(num_plain(graph), 0U);
    }
  }
}

// Four rows that are no images.
ir::Graph gemm_of_rows(const ir::Gemm& op, const std::optional<Shape>& bias,
                       bool is_per_channel = false) {
  QuantizedNet net(12);
  const ir::ValueId image = net.input({1, 4, 2, 2});
  const ir::ValueId x = net.add_like(ir::Reshape{}, {image, net.integers({4, 4})});
  const ir::ValueId w =
      add_weights(net, {4, 4}, {DType::Int8, is_per_channel, false}, op.trans_b ? 0 : 1);
  std::vector<ir::ValueId> inputs{x, w};
  if (bias) inputs.push_back(net.bias(*bias, x, w));
  return net.finish({net.add(op, inputs, net.grid_after(x, w, 4))});
}

TEST(FastGemm, EqualsTheReferenceWithEveryShapeOfBias) {
  const std::vector<std::optional<Shape>> shapes{std::nullopt, Shape{},     Shape{1},   Shape{4},
                                                 Shape{1, 4},  Shape{4, 1}, Shape{4, 4}};
  for (const auto& shape : shapes) {
    SCOPED_TRACE(shape ? to_string(*shape) : "no bias");
    EXPECT_TRUE(expect_equal(gemm_of_rows({.trans_b = true}, shape)));
    EXPECT_TRUE(expect_equal(gemm_of_rows({.trans_b = false}, shape)));
  }
}

TEST(FastGemm, LeavesOtherTranspositionsToTheReference) {
  EXPECT_EQ(num_plain(gemm_of_rows({.trans_b = true}, Shape{4})), 0U);
  for (const bool trans_b : {false, true}) {
    const ir::Graph graph = gemm_of_rows({.trans_a = true, .trans_b = trans_b}, Shape{4}, true);
    EXPECT_EQ(num_plain(graph), 1U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

TEST(FastGemm, ReportsFactorsAsTheReference) {
  EXPECT_FALSE(expect_equal(gemm_of_rows({.alpha = 2, .trans_b = true}, Shape{4})));
  EXPECT_FALSE(expect_equal(gemm_of_rows({.beta = 0, .trans_b = true}, Shape{4})));
}

TEST(FastGemm, LeavesComputedWeightsToTheReference) {
  QuantizedNet net(13);
  const ir::ValueId x = net.input({1, 5});
  const ir::ValueId w = net.input({4, 5}, {DType::Int8, {0.1F}, {0}});
  const ir::Graph graph =
      net.finish({net.add(ir::Gemm{.trans_b = true}, {x, w}, net.grid_after(x, w, 5))});
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph));
}

}  // namespace
}  // namespace sluice::exact::fast
