// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/pixel_shift.hpp"

#include <gtest/gtest.h>
#include <optional>

#include "sluice/ir/infer.hpp"

namespace sluice::ir {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using Taps = std::vector<std::int64_t>;

constexpr std::int64_t kChannels = 5;

// A Conv of five channels by themselves over a map of 4×6, and what may be changed of it.
struct Case {
  Taps places{1, 3, 4, 5, 7};  // of the kernels' numbers
  float number = 1;
  Window window{.kernel = {3, 3}, .pads = {1, 1, 1, 1}};
  std::int64_t group = kChannels;
  std::optional<float> bias = {};
  // Of codes: the kernels' numbers are these.
  std::optional<Quantization> x = {}, weights = {}, y = {};
  Arithmetic arithmetic = Arithmetic::TfliteSingle;
};

Tensor kernels_of(const Case& of) {
  const std::int64_t rows = of.window.kernel[0], cols = of.window.kernel[1];
  Tensor reals(DType::Float32, {kChannels, kChannels / of.group, rows, cols});
  const auto numbers = reals.mutable_data<float>();
  const std::size_t size = numbers.size() / kChannels;
  for (std::size_t c = 0; c < kChannels; ++c) {
    numbers[c * size + static_cast<std::size_t>(of.places[c % of.places.size()])] = of.number;
  }
  if (!of.weights) return reals;
  Tensor codes(DType::Int8, reals.shape());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    codes.mutable_data<std::int8_t>()[i] = static_cast<std::int8_t>(numbers[i]);
  }
  return codes;
}

Graph graph_of(const Case& of) {
  Graph graph;
  const DType dtype = of.x ? of.x->dtype : DType::Float32;
  const sluice::Shape shape{1, kChannels, 4, 6};
  const ValueId x = graph.add_input("x", dtype, shape);
  std::vector<ValueId> inputs{x, graph.add_constant("w", kernels_of(of))};
  graph[inputs[1]].quantization = of.weights;
  if (of.bias) {
    inputs.push_back(graph.add_constant(
        "b", Tensor::from<float>({kChannels}, std::vector<float>(kChannels, *of.bias))));
  }
  const NodeId conv = graph.add_node("conv", Conv{of.window, of.group}, inputs);
  graph[conv].arithmetic = of.arithmetic;
  const ValueId y = graph[conv].outputs[0];
  graph.outputs = {y};
  graph[x].type = ValueType{dtype, shape};
  graph[x].quantization = of.x;
  graph[y].type = ValueType{of.y ? of.y->dtype : DType::Float32, shape};
  graph[y].quantization = of.y;
  graph[inputs[1]].type =
      ValueType{graph[inputs[1]].constant->dtype(), graph[inputs[1]].constant->shape()};
  return graph;
}

std::optional<Taps> taps_of(const Case& of) {
  const Graph graph = graph_of(of);
  const auto found = pixel_shift_of(graph, graph.nodes[0]);
  return found ? std::optional(found->taps) : std::nullopt;
}
std::optional<Taps> real_taps_of(const Case& of) {
  const Graph graph = graph_of(of);
  const auto found = real_pixel_shift_of(graph, graph.nodes[0]);
  return found ? std::optional(found->taps) : std::nullopt;
}

TEST(PixelShift, IsAKernelOfASingleOneForEachChannel) {
  EXPECT_EQ(taps_of({}), (Taps{1, 3, 4, 5, 7}));
  EXPECT_EQ(taps_of({.places = {0, 2, 6, 8, 4}}), (Taps{0, 2, 6, 8, 4}));
}

TEST(PixelShift, HasTheShortestListThatRepeats) {
  EXPECT_EQ(taps_of({.places = {3}}), Taps{3});
  EXPECT_EQ(taps_of({.places = {3, 5}}), (Taps{3, 5}));
  EXPECT_EQ(taps_of({.places = {3, 5, 3, 5, 5}}), (Taps{3, 5, 3, 5, 5}));
}

TEST(PixelShift, MayHaveOtherWindowsThatReachAPixel) {
  // A row of three; one of five by dilation, of which the middle; one of two, padded at one end.
  EXPECT_EQ(taps_of({.places = {0, 1, 2}, .window = {.kernel = {1, 3}, .pads = {0, 1, 0, 1}}}),
            (Taps{3, 4, 5}));
  EXPECT_EQ(taps_of({.places = {4},
                     .window = {.kernel = {3, 3}, .dilations = {2, 2}, .pads = {2, 2, 2, 2}}}),
            Taps{4});
  EXPECT_EQ(taps_of({.places = {0}, .window = {.kernel = {2, 1}, .pads = {1, 0, 0, 0}}}), Taps{1});
}

TEST(PixelShift, IsNoneThatReachesFarther) {
  EXPECT_FALSE(taps_of({.places = {0}, .window = {.kernel = {5, 5}, .pads = {2, 2, 2, 2}}}));
  EXPECT_TRUE(taps_of({.places = {12}, .window = {.kernel = {5, 5}, .pads = {2, 2, 2, 2}}}));
}

TEST(PixelShift, IsNoneThatComputesOrChangesTheMap) {
  EXPECT_FALSE(taps_of({.number = 2}));
  EXPECT_FALSE(taps_of({.number = 0}));
  EXPECT_FALSE(taps_of({.group = 1}));
  EXPECT_FALSE(taps_of({.bias = 0.5F}));
  EXPECT_TRUE(taps_of({.bias = 0.0F}));
  EXPECT_FALSE(taps_of({.window = {.kernel = {3, 3}}}));  // without padding
}

const Quantization kActivations{DType::Int8, {0.05F}, {-11}};
const Quantization kUnsigned{.dtype = DType::UInt8, .scales = {0.03F}, .zero_points = {7}};
const Quantization kOnes{DType::Int8, {1}, {0}};

TEST(PixelShift, OfCodesGivesEachAgain) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::TfliteFloat64,
        Arithmetic::Xnnpack, Arithmetic::Onnx, Arithmetic::OnnxRuntime}) {
    for (const Quantization& x : {kActivations, kUnsigned}) {
      EXPECT_EQ(taps_of({.x = x, .weights = kOnes, .y = x, .arithmetic = arithmetic}),
                (Taps{1, 3, 4, 5, 7}));
    }
  }
}

TEST(PixelShift, OfCodesMayHaveOneAsAnyCode) {
  const Quantization eighths{DType::Int8, {0.125F}, {0}};
  const Quantization x{.dtype = DType::UInt8, .scales = {0.5F}, .bits = 4};
  EXPECT_TRUE(taps_of(
      {.number = 8, .x = x, .weights = eighths, .y = x, .arithmetic = Arithmetic::ShiftHalfEven}));
  EXPECT_FALSE(taps_of(
      {.number = 4, .x = x, .weights = eighths, .y = x, .arithmetic = Arithmetic::ShiftHalfEven}));
  // The step of weights of 8 bits between ±1, whose product with 127 is 1 but for float32's error.
  const Quantization by_127{DType::Int8, {1.0F / 127}, {0}};
  EXPECT_TRUE(taps_of({.number = 127, .x = kActivations, .weights = by_127, .y = kActivations}));
}

TEST(PixelShift, ThatChangesCodesIsNone) {
  Quantization other = kActivations;
  other.scales = {0.1F};
  EXPECT_FALSE(taps_of({.x = kActivations, .weights = kOnes, .y = other}));
  other = kActivations;
  other.zero_points = {0};
  EXPECT_FALSE(taps_of({.x = kActivations, .weights = kOnes, .y = other}));
  other = kActivations;
  other.bits = 7;
  other.zero_points = {-11};
  EXPECT_FALSE(taps_of({.x = kActivations, .weights = kOnes, .y = other}));
  EXPECT_FALSE(taps_of({.x = kActivations, .weights = kOnes}));  // to reals
}

TEST(RealPixelShift, LooksAtTheKernelsAlone) {
  Quantization other = kActivations;
  other.scales = {0.1F};
  EXPECT_EQ(real_taps_of({.x = kActivations, .weights = kOnes, .y = other}), (Taps{1, 3, 4, 5, 7}));
  EXPECT_TRUE(real_taps_of({}));
  EXPECT_FALSE(real_taps_of({.number = 0.5F}));
  const Quantization halves{DType::Int8, {0.5F}, {0}};
  EXPECT_TRUE(real_taps_of({.number = 2, .x = other, .weights = halves, .y = other}));
  EXPECT_FALSE(real_taps_of({.number = 1, .x = other, .weights = halves, .y = other}));
}

}  // namespace
}  // namespace sluice::ir
