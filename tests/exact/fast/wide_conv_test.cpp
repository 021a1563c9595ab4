// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_conv.hpp"

#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/layers.hpp"
#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using test::QuantizedNet;

// Activations and weights, of these types and bits.
struct WideTypes {
  DType activation;
  std::optional<int> bits;
  WeightKind weight;
  std::optional<int> weight_bits;
};

const std::vector<WideTypes> kWideTypes{{DType::Int16, {}, {DType::Int16, true, false}, 12},
                                        {DType::Int16, {}, {DType::Int8, true, true}, {}},
                                        {DType::Int16, 12, {DType::Int16, false, false}, 15},
                                        {DType::UInt16, {}, {DType::Int8, true, false}, {}},
                                        {DType::UInt16, 9, {DType::UInt8, false, true}, {}},
                                        {DType::Int8, {}, {DType::Int16, true, false}, 13},
                                        {DType::Int8, 5, {DType::Int8, true, false}, 4},
                                        {DType::UInt8, {}, {DType::Int8, false, false}, {}}};

const std::vector<ConvShape> kWideShapes{
    {.in = 3, .out = 8},
    {.in = 16, .out = 33, .kernel = {1, 1}, .pads = {0, 0, 0, 0}},
    {.in = 5, .out = 4, .pads = {0, 1, 2, 0}, .strides = {2, 1}, .has_bias = false},
    {.in = 6, .out = 10, .pads = {2, 1, 2, 1}, .dilations = {2, 1}, .group = 2},
    {.in = 9, .out = 9, .group = 9},
    {.in = 67, .out = 67, .strides = {2, 2}, .group = 67, .has_bias = false},
    {.in = 4, .out = 8, .group = 4},
    {.in = 1, .out = 7, .kernel = {5, 5}, .pads = {2, 2, 2, 2}, .strides = {3, 2}}};

// Weights of few bits lie around their zero point.
ir::ValueId narrowed_weights(QuantizedNet& net, const Shape& shape, const WideTypes& types) {
  if (!types.weight_bits) return add_weights(net, shape, types.weight, 0);
  const ir::ValueId id = add_weights(net, shape, types.weight, 0);
  Quantization of = net.grid_of(id);
  of.bits = types.weight_bits;
  return net.codes(shape, of);
}

ir::ValueId conv_of(QuantizedNet& net, ir::ValueId x, const ConvShape& shape,
                    const WideTypes& types) {
  const ir::Conv op{
      .window = {.strides = shape.strides, .dilations = shape.dilations, .pads = shape.pads},
      .group = shape.group};
  const std::int64_t group_in = shape.in / shape.group;
  const ir::ValueId w =
      narrowed_weights(net, {shape.out, group_in, shape.kernel[0], shape.kernel[1]}, types);
  std::vector<ir::ValueId> inputs{x, w};
  if (shape.has_bias) inputs.push_back(net.bias({shape.out}, x, w));
  const std::int64_t depth = group_in * shape.kernel[0] * shape.kernel[1];
  Quantization y = net.grid_after(x, w, depth);
  if (types.bits) {
    y.bits = types.bits;
    y.zero_points = {1};
    y.scales = {y.scales[0] * static_cast<float>(1 << (num_bits(types.activation) - *types.bits))};
  }
  return net.add(op, std::move(inputs), y);
}

Quantization input_grid(QuantizedNet& net, const WideTypes& types) {
  Quantization x = net.grid();
  x.bits = types.bits;
  if (types.bits) x.zero_points = {2};
  return x;
}

// Batches of 1 and 3.
ir::Graph one_conv(const ConvShape& shape, const WideTypes& types, Arithmetic arithmetic,
                   std::uint64_t seed) {
  QuantizedNet net(seed, arithmetic, types.activation);
  const ir::ValueId x = net.input({seed % 2 == 0 ? 1 : 3, shape.in, 5, 6}, input_grid(net, types));
  return net.finish({conv_of(net, x, shape, types)});
}

TEST(WideConv, EqualsTheReferenceInEveryShapeAndType) {
  std::uint64_t seed = 0;
  for (const ConvShape& shape : kWideShapes) {
    for (const WideTypes& types : kWideTypes) {
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      SCOPED_TRACE("seed " + std::to_string(seed) + " " + name_of(arithmetic, types.activation));
      const ir::Graph graph = one_conv(shape, types, arithmetic, seed);
      EXPECT_TRUE(expect_equal(graph));
      EXPECT_EQ(num_plain(graph), 0U);
    }
  }
}

TEST(WideConv, EqualsTheReferenceOnEveryInstructionSet) {
  test::on_every_target([](const char* target) {
    SCOPED_TRACE(target);
    std::uint64_t seed = 500;
    for (const WideTypes& types : kWideTypes) {
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      EXPECT_TRUE(expect_equal(
          one_conv(kWideShapes[seed % kWideShapes.size()], types, arithmetic, seed), {1}));
    }
  });
}

// Scales of channels on every side, and zero points.
TEST(WideConv, HasScalesOfChannels) {
  for (const std::int64_t group : {1, 2, 6}) {
    for (const Arithmetic arithmetic : kShifts) {
      QuantizedNet net(static_cast<std::uint64_t>(40 + group), arithmetic, DType::Int16);
      Quantization x{DType::Int16, {}, {}, 1, 10};
      Quantization y{DType::Int16, {}, {}, 1, 14};
      for (int c = 0; c < 6; ++c) {
        x.scales.push_back(std::ldexp(1.0F, c % 4 - 9));
        x.zero_points.push_back(7 * c - 12);
        y.scales.push_back(std::ldexp(1.0F, c % 3 - 7));
        y.zero_points.push_back(c - 2);
      }
      const ir::ValueId image = net.input({2, 6, 5, 4}, x);
      Quantization of_weights{DType::Int16, {}, {}, 0, 9};
      for (int m = 0; m < 6; ++m) {
        of_weights.scales.push_back(std::ldexp(1.0F, -8 - m % 3));
        of_weights.zero_points.push_back(0);
      }
      const ir::ValueId w = net.codes({6, 6 / group, 3, 3}, of_weights);
      const ir::Conv op{.window = {.pads = {1, 1, 1, 1}}, .group = group};
      const ir::Graph graph = net.finish({net.add(op, {image, w}, y)});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

TEST(WideConv, FoldsActivationsAndNarrowsWhatFollows) {
  QuantizedNet net(9, Arithmetic::ShiftHalfEven, DType::Int16);
  const ir::ValueId x = net.input({1, 3, 6, 6});
  const WideTypes types{DType::Int16, {}, {DType::Int16, true, false}, 13};
  ir::ValueId y = conv_of(net, x, {.in = 3, .out = 9}, types);
  y = net.add_like(ir::Relu{}, {y});
  y = net.add_like(ir::Clip{}, {y, net.scalar(0.3F), net.scalar(2.7F)});
  const ir::Graph graph = net.finish(
      {conv_of(net, y, {.in = 9, .out = 5, .kernel = {1, 1}, .pads = {0, 0, 0, 0}}, types)});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_EQ(planned(graph).steps.size(), 4U);  // channels last, two layers, and back
  EXPECT_TRUE(expect_equal(graph));
}

// ---- scales of the input that are far apart

// Channels 0, 5, … have the largest scale, 2^apart times that of channels 4, 9, …
Quantization far_apart(DType dtype, std::optional<int> bits, int channels, int apart) {
  Quantization grid{dtype, {}, {}, 1, bits};
  for (int c = 0; c < channels; ++c) {
    grid.scales.push_back(std::ldexp(1.0F, -apart * (c % 5) / 4 - 2));
    grid.zero_points.push_back(c % 3 * 5 + 2);
  }
  return grid;
}

struct FarApart {
  DType dtype;
  std::optional<int> bits;
  int most;  // that inputs and weights of 8 bits can make up for
};
const std::vector<FarApart> kFarApart{
    {DType::Int8, {}, 15}, {DType::UInt8, {}, 15}, {DType::Int16, 10, 13}, {DType::UInt16, 9, 14}};

ir::Graph conv_of_far_apart(const FarApart& types, int apart, std::int64_t group,
                            Arithmetic arithmetic, std::uint64_t seed) {
  constexpr int kChannels = 20;
  QuantizedNet net(seed, arithmetic, types.dtype);
  const ir::ValueId x =
      net.input({2, kChannels, 5, 4}, far_apart(types.dtype, types.bits, kChannels, apart));
  // More rows of weights than a group has channels: all codes occur with every channel.
  const std::int64_t out = group == kChannels ? kChannels : 60;
  const ir::ValueId w = net.codes({out, kChannels / group, 3, 3}, {DType::Int8, {0x1p-7F}, {0}});
  const ir::Conv op{.window = {.pads = {1, 2, 1, 0}}, .group = group};
  const ir::ValueId y = net.add(op, {x, w}, Quantization{types.dtype, {1}, {5}});
  return net.finish({y});
}

TEST(WideConv, RaisesInputsWhoseScalesAreFarApart) {
  std::uint64_t seed = 200;
  for (const FarApart& types : kFarApart) {
    for (const std::int64_t group : {1, 2, 20}) {
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      SCOPED_TRACE(name_of(arithmetic, types.dtype) + " group " + std::to_string(group));
      for (const int apart : {types.most - 5, types.most}) {
        const ir::Graph graph = conv_of_far_apart(types, apart, group, arithmetic, seed);
        EXPECT_EQ(num_plain(graph), 0U);
        EXPECT_TRUE(expect_equal(graph, {2}));
      }
    }
    const ir::Graph graph =
        conv_of_far_apart(types, types.most + 1, 1, Arithmetic::ShiftHalfUp, seed);
    EXPECT_EQ(num_plain(graph), 1U);
    EXPECT_TRUE(expect_equal(graph, {1}));
  }
}

// The scale of a channel whose weights are 0 does not matter, where 64 bits hold its codes.
TEST(WideConv, LeavesOutWhatIsMultipliedByNothing) {
  const auto one = [](float scale) {
    QuantizedNet net(220, Arithmetic::ShiftHalfUp);
    const ir::ValueId x = net.input({1, 2, 3, 3}, {DType::Int8, {1, scale}, {3, 4}, 1});
    const ir::ValueId w = net.constant(Tensor::from<std::int8_t>({2, 2, 1, 1}, {9, 0, -7, 0}));
    net.graph()[w].quantization = Quantization{DType::Int8, {1}, {0}};
    return net.finish({net.add(ir::Conv{}, {x, w}, Quantization{DType::Int8, {16}, {0}})});
  };
  EXPECT_EQ(num_plain(one(0x1p24F)), 0U);
  EXPECT_TRUE(expect_equal(one(0x1p24F), {1}));
  EXPECT_EQ(num_plain(one(0x1p70F)), 1U);
  EXPECT_FALSE(expect_equal(one(0x1p70F), {1}));  // both refuse
}

TEST(WideGemm, RaisesInputsWhoseScalesAreFarApart) {
  for (const FarApart& types : kFarApart) {
    QuantizedNet net(230, Arithmetic::ShiftHalfEven, types.dtype);
    const ir::ValueId x = net.input({3, 70}, far_apart(types.dtype, types.bits, 70, types.most));
    const ir::ValueId w = net.codes({40, 70}, {DType::Int8, {0x1p-7F}, {0}});
    const ir::Graph graph = net.finish(
        {net.add(ir::Gemm{.trans_b = true}, {x, w}, Quantization{types.dtype, {1}, {5}})});
    EXPECT_EQ(num_plain(graph), 0U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

// Codes that stand for 0 and lie in the padding alone make larger sums than those of the image.
TEST(WideConv, CountsThePaddingAmongTheInputs) {
  for (const std::int64_t channels : {1, 3}) {
    QuantizedNet net(95, Arithmetic::ShiftHalfEven, DType::UInt16);
    const ir::ValueId x = net.input({1, channels, 3, 3}, {DType::UInt16, {1}, {0}});
    const ir::ValueId clip = net.add_like(ir::Clip{}, {x, net.scalar(32'768), net.scalar(40'000)});
    const Shape shape{channels, 1, 3, 3};
    const ir::ValueId w = net.constant(Tensor::from(
        shape, std::vector<std::int16_t>(static_cast<std::size_t>(9 * channels), 32'767)));
    net.graph()[w].quantization = Quantization{DType::Int16, {1}, {0}};
    const ir::Conv op{.window = {.pads = {2, 2, 2, 2}}, .group = channels};
    const ir::Graph graph =
        net.finish({net.add(op, {clip, w}, Quantization{DType::UInt16, {0x1p18F}, {0}})});
    EXPECT_EQ(num_plain(graph), 0U);
    EXPECT_TRUE(expect_equal(graph, {1}));
  }
}

// Quantizations of channels: scales and zero points of each.
Quantization channel_grid(DType dtype, std::int64_t axis, int channels, int lowest_exponent) {
  Quantization grid{dtype, {}, {}, axis};
  for (int c = 0; c < channels; ++c) {
    grid.scales.push_back(std::ldexp(1.0F, lowest_exponent + c % 5));
    grid.zero_points.push_back(c % 3 * 9 + 20);
  }
  return grid;
}

// A bound is another code in every channel.
TEST(WideConv, FoldsActivationsOfChannels) {
  std::uint64_t seed = 100;
  for (const DType dtype : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
    for (const std::int64_t group : {1, 2, 10}) {
      const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
      SCOPED_TRACE(name_of(arithmetic, dtype) + " group " + std::to_string(group));
      QuantizedNet net(seed, arithmetic, dtype);
      const ir::ValueId x = net.input({2, 10, 5, 4}, {dtype, {0x1p-8F}, {3}});
      const ir::ValueId w = net.codes({10, 10 / group, 3, 3}, {DType::Int8, {0x1p-5F}, {0}});
      const ir::Conv op{.window = {.pads = {1, 1, 1, 1}}, .group = group};
      ir::ValueId y = net.add(op, {x, w}, channel_grid(dtype, 1, 10, -6));
      y = net.add_like(ir::Relu{}, {y});
      y = net.add_like(ir::Clip{}, {y, net.scalar(-0.3F), net.scalar(1.7F)});
      const ir::ValueId v = net.codes({7, 10, 1, 1}, {DType::Int8, {0x1p-6F}, {0}});
      const ir::Graph graph =
          net.finish({net.add(ir::Conv{}, {y, v}, channel_grid(dtype, 1, 7, -4))});
      EXPECT_EQ(num_plain(graph), 0U);
      EXPECT_EQ(planned(graph).steps.size(), 4U);  // channels last, two layers, and back
      EXPECT_TRUE(expect_equal(graph));
    }
  }
}

TEST(WideGemm, FoldsActivationsOfChannels) {
  QuantizedNet net(120, Arithmetic::ShiftHalfUp);
  const ir::ValueId x = net.input({3, 20}, {DType::Int8, {0x1p-8F}, {3}});
  const ir::ValueId w = net.codes({10, 20}, {DType::Int8, {0x1p-5F}, {0}});
  ir::ValueId y = net.add(ir::Gemm{.trans_b = true}, {x, w}, channel_grid(DType::Int8, 1, 10, -6));
  y = net.add_like(ir::Clip{}, {y, net.scalar(-0.3F), net.scalar(1.7F)});
  const ir::Graph graph = net.finish({y});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(WideGemm, EqualsTheReference) {
  std::uint64_t seed = 60;
  for (const WideTypes& types : kWideTypes) {
    const Arithmetic arithmetic = kShifts[++seed % kShifts.size()];
    QuantizedNet net(seed, arithmetic, types.activation);
    const ir::ValueId x = net.input({3, 50}, input_grid(net, types));
    const ir::ValueId w = narrowed_weights(net, {10, 50}, types);
    const ir::Graph graph = net.finish({net.add(
        ir::Gemm{.trans_b = true}, {x, w, net.bias({10}, x, w)}, net.grid_after(x, w, 50))});
    EXPECT_EQ(num_plain(graph), 0U);
    EXPECT_TRUE(expect_equal(graph));
  }
}

// To codes of 32 bits, as the last layer of a network may have them.
TEST(WideGemm, MakesCodesOf32Bits) {
  QuantizedNet net(70, Arithmetic::ShiftFloor, DType::Int16);
  const ir::ValueId x = net.input({2, 20});
  const ir::ValueId w = add_weights(net, {7, 20}, {DType::Int8, true, false}, 0);
  const ir::Graph graph = net.finish(
      {net.add(ir::Gemm{.trans_b = true}, {x, w}, Quantization{DType::Int32, {0x1p-12F}, {5}})});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_TRUE(expect_equal(graph));
}

// ---- what is left to the reference

TEST(WideConv, LeavesOtherLayersToTheReference) {
  const auto one = [](DType activation, const Quantization& of_weights) {
    QuantizedNet net(80, Arithmetic::ShiftHalfUp, activation);
    const ir::ValueId x = net.input({1, 2, 3, 3}, {activation, {0x1p-9F}, {0}});
    const ir::ValueId w = net.codes({2, 2, 1, 1}, of_weights);
    return net.finish({net.add(ir::Conv{}, {x, w}, Quantization{activation, {0x1p-4F}, {0}})});
  };
  const auto is_plain = [](const ir::Graph& graph) {
    EXPECT_TRUE(expect_equal(graph, {1}));
    return num_plain(graph) == 1;
  };
  EXPECT_TRUE(is_plain(one(DType::Int32, {DType::Int8, {0x1p-7F}, {0}})));
  EXPECT_TRUE(is_plain(one(DType::Int16, {DType::Int32, {0x1p-20F}, {0}})));
  EXPECT_TRUE(is_plain(one(DType::Int16, {DType::UInt16, {0x1p-15F}, {0}})));
  EXPECT_FALSE(is_plain(one(DType::Int16, {DType::UInt16, {0x1p-15F}, {0}, 0, 15})));
}

TEST(WideConv, LeavesAccumulatorsToTheReference) {
  ir::Graph graph = one_conv(kWideShapes[0], kWideTypes[0], Arithmetic::ShiftHalfEven, 3);
  graph.nodes[0].accumulator = numeric::Accumulator{20, numeric::Overflow::Saturate};
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph, {1}));
}

// Eight bits whose sums 32 bits do not hold; a bias alone may be as large.
TEST(WideConv, TakesLargeBiasesOfBytes) {
  QuantizedNet net(90, Arithmetic::ShiftHalfEven);
  const ir::ValueId x = net.input({1, 3, 4, 4}, {DType::Int8, {0.5F}, {0}});
  const ir::ValueId w = net.codes({2, 3, 1, 1}, {DType::Int8, {0.5F}, {0}});
  const ir::ValueId b = net.constant(Tensor::from<std::int32_t>({2}, {1 << 30, -1'000'000'000}));
  net.graph()[b].quantization = Quantization{DType::Int32, {4}, {0}};
  const ir::Graph graph =
      net.finish({net.add(ir::Conv{}, {x, w, b}, Quantization{DType::Int8, {0x1p25F}, {0}})});
  EXPECT_EQ(num_plain(graph), 0U);
  EXPECT_TRUE(expect_equal(graph));
}

}  // namespace
}  // namespace sluice::exact::fast
