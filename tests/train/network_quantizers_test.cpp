// SPDX-License-Identifier: Apache-2.0
// What training sees of a quantized network is what its integers are.
#include "sluice/train/network_quantizers.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "tests/support/net.hpp"

#include "sluice/exact/executor.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/quant/lower.hpp"
#include "sluice/train/network.hpp"
#include "sluice/train/tensors.hpp"
#include "sluice/train/trainer.hpp"

namespace sluice::train {
namespace {

using test::Net;

ir::Conv conv3x3(std::int64_t group = 1, std::int64_t stride = 1) {
  ir::Conv op;
  op.window = {.kernel = {3, 3}, .strides = {stride, stride}, .pads = {1, 1, 1, 1}};
  op.group = group;
  return op;
}

// Convolutions of all kinds, a residual sum, a concat, pools, a shuffle, a classifier.
ir::Graph everything(std::int64_t batch = 4) {
  Net net(11);
  const auto x = net.input({batch, 3, 12, 12});
  const auto a =
      net.add(ir::Relu{}, {net.add(conv3x3(), {x, net.weight({8, 3, 3, 3}), net.weight({8})})});
  const auto pooled = net.add(ir::MaxPool{{.kernel = {2, 2}, .strides = {2, 2}}}, {a});
  const auto depthwise =
      net.add(conv3x3(8), {pooled, net.weight({8, 1, 3, 3}), net.weight({8}, -3, 3)});
  const auto sum = net.add(ir::Relu{}, {net.add(ir::Add{}, {depthwise, pooled})});
  const auto halves = net.add_many(ir::Split{1}, {sum, net.integers({4, 4})}, 2);
  const auto capped = net.add(
      ir::Clip{},
      {net.add(ir::Conv{}, {halves[1], net.weight({4, 4, 1, 1})}), net.scalar(0), net.scalar(6)});
  const auto joined = net.add(ir::Concat{1}, {halves[0], capped});
  const auto split = net.add(ir::Reshape{}, {joined, net.integers({batch, 2, 4, 6, 6})});
  const auto swapped = net.add(ir::Transpose{{0, 2, 1, 3, 4}}, {split});
  const auto shuffled = net.add(ir::Reshape{}, {swapped, net.integers({batch, 8, 6, 6})});
  const auto down = net.add(conv3x3(1, 2), {shuffled, net.weight({10, 8, 3, 3}), net.weight({10})});
  const auto mean = net.add(ir::GlobalAveragePool{}, {net.add(ir::Relu{}, {down})});
  const auto flat = net.add(ir::Flatten{}, {mean});
  ir::Graph graph = net.finish({net.add(ir::Gemm{}, {flat, net.weight({10, 5}), net.weight({5})})});
  EXPECT_TRUE(quant::prepare_for_integers(graph));
  return graph;
}

QuantizationRecipe bits(int weights, int activations, int edges = 8) {
  QuantizationRecipe recipe;
  recipe.weights.bits = weights;
  recipe.activations.bits = activations;
  recipe.edge_bits = edges;
  return recipe;
}

Tensor images(std::uint32_t seed) {
  return test::random_tensor({4, 3, 12, 12}, seed, -2, 2);
}

// The scores of the trainer and the outputs of its integers, on images that neither has seen.
void expect_same_integers(const Trainer& trainer, std::uint32_t batches = 3) {
  const auto graph = trainer.integer_graph();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_TRUE(ir::is_quantized(*graph));
  for (std::uint32_t seed = 100; seed < 100 + batches; ++seed) {
    const Tensor input = images(seed);
    const auto scores = trainer.scores(input);
    ASSERT_TRUE(scores) << scores.error().text();
    const auto outputs = test::outputs_of(exact::make_reference_executor(*graph), {input});
    ASSERT_EQ(outputs.size(), 1U);
    ASSERT_EQ(*scores, outputs[0]) << "images of seed " << seed;
  }
}

Trainer quantized_trainer(const QuantizationRecipe& quantization, double average_decay = 0) {
  Recipe recipe;
  recipe.schedule = {.rate = 0.01, .decay = Decay::Constant, .steps = 20};
  recipe.quantization = quantization;
  recipe.average_decay = average_decay;
  recipe.device = DeviceChoice::Cpu;
  auto trainer = Trainer::create(everything(), recipe, {}, images(1));
  EXPECT_TRUE(trainer) << trainer.error().text();
  return *std::move(trainer);
}

void train(Trainer& trainer, int steps) {
  for (int step = 0; step < steps; ++step) {
    const auto result = trainer.step(images(static_cast<std::uint32_t>(step) + 2),
                                     std::vector<std::int64_t>{0, 1, 2, 3});
    ASSERT_TRUE(result) << result.error().text();
  }
}

TEST(NetworkQuantizers, TrainingSeesWhatIntegersAre) {
  for (const auto& recipe : {bits(4, 4), bits(8, 8), bits(2, 2, 4), bits(3, 6), bits(8, 4, 5)}) {
    SCOPED_TRACE(recipe.weights.bits * 10 + recipe.activations.bits);
    Trainer trainer = quantized_trainer(recipe);
    expect_same_integers(trainer, 10);
    train(trainer, 8);
    expect_same_integers(trainer, 10);
  }
}

// One of each kind, in the widths it has codes of up to a byte for.
struct Pair {
  QuantizerKind weights, activations;
  bool power_of_two = false;
  bool by_channel = true;
};

QuantizationRecipe recipe_of(const Pair& kinds, int weights, int activations, int edges) {
  QuantizationRecipe recipe = bits(weights, activations, edges);
  recipe.weights.kind = kinds.weights;
  recipe.activations.kind = kinds.activations;
  recipe.weights.power_of_two = recipe.activations.power_of_two = kinds.power_of_two;
  if (!kinds.by_channel) recipe.weights.axis.reset();
  return recipe;
}

std::string name_of(const Pair& kinds) {
  return std::string(to_string(kinds.weights)) + "/" + std::string(to_string(kinds.activations));
}

using enum QuantizerKind;

TEST(NetworkQuantizers, SoTheyAreOfEveryPairWithStepsThatArePowersOfTwo) {
  for (const Pair& kinds :
       {Pair{Tanh, Pact, true}, Pair{Tanh, LsqPlus, true}, Pair{LsqPlus, Lsq, true},
        Pair{LsqPlus, LsqPlus, true, false}, Pair{Lsq, Pact, true, false}}) {
    SCOPED_TRACE(name_of(kinds));
    Trainer trainer = quantized_trainer(recipe_of(kinds, 4, 4, 8));
    train(trainer, 5);
    expect_same_integers(trainer);
  }
}

TEST(NetworkQuantizers, SoTheyAreOfEveryPairWithStepsThatAreAnyNumbers) {
  for (const QuantizerKind weights : {Lsq, LsqPlus, Tanh, Dorefa}) {
    for (const QuantizerKind activations : {Lsq, LsqPlus, Pact, NormalizedPact, Dorefa}) {
      const Pair kinds{weights, activations};
      SCOPED_TRACE(name_of(kinds));
      Trainer trainer = quantized_trainer(recipe_of(kinds, 4, 4, 7));
      train(trainer, 4);
      expect_same_integers(trainer);
    }
  }
}

TEST(NetworkQuantizers, OfEveryWidthFrom1To8) {
  for (int width = 1; width <= 8; ++width) {
    for (const bool power_of_two : {true, false}) {
      SCOPED_TRACE(width * 10 + (power_of_two ? 1 : 0));
      const Pair kinds{Lsq, width % 2 == 0 ? LsqPlus : Pact, power_of_two, width % 3 != 0};
      Trainer trainer = quantized_trainer(recipe_of(kinds, width, width, width));
      train(trainer, 3);
      expect_same_integers(trainer);
    }
  }
  for (const int width : {1, 2, 7}) {
    SCOPED_TRACE(width);
    Trainer trainer = quantized_trainer(recipe_of({Dorefa, Dorefa}, width, width, 7));
    train(trainer, 3);
    expect_same_integers(trainer);
  }
}

TEST(NetworkQuantizers, DifferencesPoolsAndRectifiersOfSharedValuesToo) {
  Net net(5);
  const auto x = net.input({4, 3, 12, 12});
  const auto a = net.add(conv3x3(), {x, net.weight({6, 3, 3, 3}), net.weight({6})});
  // Two read it: a rectifier that changes its step, and a difference.
  const auto rectified = net.add(ir::Relu{}, {a});
  const auto difference = net.add(ir::Sub{}, {rectified, a});
  const auto pooled = net.add(
      ir::AveragePool{.window = {.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}}},
      {difference});
  const auto whole = net.add(
      ir::AveragePool{.window = {.kernel = {2, 2}, .strides = {2, 2}}, .count_include_pad = true},
      {pooled});
  const auto flat = net.add(ir::Flatten{}, {whole});
  ir::Graph graph = net.finish({net.add(ir::Gemm{}, {flat, net.weight({54, 5}), net.weight({5})})});
  ASSERT_TRUE(quant::prepare_for_integers(graph));
  for (const Pair& kinds : {Pair{Lsq, Lsq, true}, Pair{Lsq, LsqPlus, true}, Pair{Lsq, LsqPlus},
                            Pair{Tanh, NormalizedPact}}) {
    SCOPED_TRACE(name_of(kinds));
    Recipe recipe;
    recipe.quantization = recipe_of(kinds, 5, 5, 8);
    recipe.device = DeviceChoice::Cpu;
    auto trainer = Trainer::create(graph, recipe, {}, images(1));
    ASSERT_TRUE(trainer) << trainer.error().text();
    train(*trainer, 2);
    expect_same_integers(*trainer);
  }
}

TEST(NetworkQuantizers, ShiftsMoveCodesAndLearnNothing) {
  Net net(6);
  const auto x = net.input({4, 3, 12, 12});
  const auto a =
      net.add(ir::Relu{}, {net.add(ir::Conv{}, {x, net.weight({5, 3, 1, 1}), net.weight({5})})});
  Tensor kernels(DType::Float32, {5, 1, 3, 3});
  for (const std::size_t at : {1, 9 + 3, 18 + 4, 27 + 5, 36 + 7}) {
    kernels.mutable_data<float>()[at] = 1;
  }
  const auto moved = net.add(conv3x3(5), {a, net.constant(kernels)});
  const auto b = net.add(ir::Relu{}, {net.add(ir::Conv{}, {moved, net.weight({6, 5, 1, 1})})});
  const auto flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {b})});
  ir::Graph graph = net.finish({net.add(ir::Gemm{}, {flat, net.weight({6, 5}), net.weight({5})})});
  ASSERT_TRUE(quant::prepare_for_integers(graph));
  for (const Pair& kinds : {Pair{Lsq, Lsq, true}, Pair{Lsq, LsqPlus}, Pair{Tanh, NormalizedPact}}) {
    SCOPED_TRACE(name_of(kinds));
    Recipe recipe;
    recipe.quantization = recipe_of(kinds, 4, 4, 8);
    recipe.device = DeviceChoice::Cpu;
    auto trainer = Trainer::create(graph, recipe, {}, images(1));
    ASSERT_TRUE(trainer) << trainer.error().text();
    train(*trainer, 4);
    expect_same_integers(*trainer);
    const auto integers = trainer->integer_graph();
    ASSERT_TRUE(integers);
    int shifts = 0;
    for (const ir::Node& node : integers->nodes) {
      const auto shift = ir::pixel_shift_of(*integers, node);
      if (!shift) continue;
      ++shifts;
      EXPECT_EQ(shift->taps, (std::vector<std::int64_t>{1, 3, 4, 5, 7}));
    }
    EXPECT_EQ(shifts, 1);
  }
}

TEST(NetworkQuantizers, PaddingThatCountsNeedsPowersOfTwo) {
  Net net;
  const auto x = net.input({1, 3, 4, 4});
  const auto pooled =
      net.add(ir::AveragePool{.window = {.kernel = {3, 3}, .strides = {1, 1}, .pads = {1, 1, 1, 1}},
                              .count_include_pad = true},
              {net.add(ir::Conv{}, {x, net.weight({2, 3, 1, 1})})});
  auto network = Network::create(net.finish({pooled}));
  ASSERT_TRUE(network);
  const Status status = network->quantize(recipe_of({Lsq, Lsq}, 4, 4, 8), at::zeros({1, 3, 4, 4}));
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text().find("counts its padding"), std::string::npos);
}

TEST(NetworkQuantizers, WhileItLearnsItSeesNearlyWhatItsIntegersAre) {
  // Multiples of steps that are no powers of two are rounded in float32: no more than a few values
  // next to a tie may differ, by a step.
  auto network = Network::create(everything());
  ASSERT_TRUE(network);
  const auto first = to_torch(images(1));
  ASSERT_TRUE(network->quantize(recipe_of({Lsq, LsqPlus}, 4, 4, 8), *first));
  const auto input = to_torch(images(77));
  const auto learning = network->scores(*input, true), integers = network->scores(*input, false);
  ASSERT_TRUE(learning && integers);
  const double scale = integers->abs().max().item<double>();
  EXPECT_LT((*learning - *integers).abs().max().item<double>(), 0.05 * scale);
}

TEST(NetworkQuantizers, ClipsOfNormalizedPactStandBehindLayersAndLearnApart) {
  Trainer trainer = quantized_trainer(recipe_of({Tanh, NormalizedPact}, 4, 4, 8));
  const TrainerState before = trainer.state();
  train(trainer, 5);
  const TrainerState after = trainer.state();
  int clips = 0, moved = 0;
  for (std::size_t i = 0; i < before.tensors.size(); ++i) {
    if (!before.tensors[i].name.ends_with(".clip")) continue;
    ++clips;
    moved += before.tensors[i] == after.tensors[i] ? 0 : 1;
  }
  EXPECT_GT(clips, 5);  // student's and optimizer's
  EXPECT_GT(moved, 3);
  // Whatever the clips are, what they make has one step, so that nothing is rescaled.
  const auto graph = trainer.integer_graph();
  ASSERT_TRUE(graph);
  int values = 0;
  for (const ir::Value& value : graph->values) {
    if (value.constant || !value.quantization || value.quantization->dtype != DType::UInt8) {
      continue;
    }
    ++values;
    EXPECT_FLOAT_EQ(value.quantization->scales[0], 2.0F / 15);
  }
  EXPECT_GT(values, 5);
}

TEST(NetworkQuantizers, FirstAndLastLayersAndTheInputHaveTheirOwnWidths) {
  QuantizationRecipe recipe = bits(4, 4);
  recipe.input_bits = 7;
  recipe.first_bits = 6;
  recipe.last_bits = 5;
  Trainer trainer = quantized_trainer(recipe);
  expect_same_integers(trainer);
  const auto graph = trainer.integer_graph();
  ASSERT_TRUE(graph);
  std::vector<int> of_weights;
  int of_input = 0;
  for (const ir::Node& node : graph->nodes) {
    if (ir::is<ir::Identity>(node.op) && (*graph)[node.outputs[0]].quantization && of_input == 0) {
      of_input = (*graph)[node.outputs[0]].quantization->bits.value_or(8);
    }
    if (!ir::is_linear(node.op)) continue;
    of_weights.push_back((*graph)[node.inputs[1]].quantization->bits.value_or(8));
  }
  EXPECT_EQ(of_input, 7);
  ASSERT_EQ(of_weights.size(), 5U);
  EXPECT_EQ(of_weights.front(), 6);
  EXPECT_EQ(of_weights.back(), 5);
  EXPECT_EQ(of_weights[1], 4);
}

TEST(NetworkQuantizers, TheAverageHasIntegersToo) {
  Trainer trainer = quantized_trainer(bits(4, 4), 0.7);
  train(trainer, 8);
  expect_same_integers(trainer);
}

TEST(NetworkQuantizers, SumsBeyondFloat32AreStillExact) {
  Net net;
  const auto x = net.input({2, 512, 4, 4});
  ir::Graph graph = net.finish({net.add(
      ir::Flatten{},
      {net.add(ir::GlobalAveragePool{},
               {net.add(ir::Relu{}, {net.add(conv3x3(), {x, net.weight({6, 512, 3, 3}),
                                                         net.weight({6}, -90, 90)})})})})});
  ASSERT_TRUE(quant::prepare_for_integers(graph));
  Recipe recipe;
  recipe.quantization = bits(8, 8);
  recipe.device = DeviceChoice::Cpu;
  const Tensor input = test::random_tensor({2, 512, 4, 4}, 3, -2, 2);
  const auto trainer = Trainer::create(graph, recipe, {}, input);
  ASSERT_TRUE(trainer) << trainer.error().text();
  const auto integers = trainer->integer_graph();
  ASSERT_TRUE(integers) << integers.error().text();
  EXPECT_EQ(*trainer->scores(input),
            test::outputs_of(exact::make_reference_executor(*integers), {input})[0]);
}

TEST(NetworkQuantizers, CodesAreAsNarrowAsAsked) {
  const Trainer trainer = quantized_trainer(bits(3, 2, 6));
  const auto graph = trainer.integer_graph();
  ASSERT_TRUE(graph);
  int narrow_weights = 0, narrow_values = 0;
  for (const ir::Value& value : graph->values) {
    if (!value.quantization || !value.quantization->bits) continue;
    narrow_weights += value.constant && value.quantization->bits == 3 ? 1 : 0;
    narrow_values += !value.constant && value.quantization->bits == 2 ? 1 : 0;
  }
  EXPECT_EQ(narrow_weights, 3);  // neither the first nor the last layer
  EXPECT_GT(narrow_values, 4);
}

TEST(NetworkQuantizers, ScoresAreNoFinerThanAnyOfTheirSums) {
  for (const bool power_of_two : {true, false}) {
    const Trainer trainer = quantized_trainer(recipe_of({Lsq, Lsq, power_of_two}, 4, 4, 8));
    const auto graph = trainer.integer_graph();
    ASSERT_TRUE(graph);
    const ir::Node* last = nullptr;
    for (const ir::Node& node : graph->nodes) last = ir::is_linear(node.op) ? &node : last;
    ASSERT_NE(last, nullptr);
    const float x = (*graph)[last->inputs[0]].quantization->scales[0];
    const float y = (*graph)[last->outputs[0]].quantization->scales[0];
    int exponent = 0;
    for (const float weight : (*graph)[last->inputs[1]].quantization->scales) {
      EXPECT_GE(y, x * weight);
      // A shift in any case.
      EXPECT_EQ(std::frexp(y / (x * weight), &exponent), 0.5F);
    }
  }
}

TEST(NetworkQuantizers, StepsAreLearntBesideTheWeights) {
  Trainer trainer = quantized_trainer(bits(4, 4));
  const TrainerState before = trainer.state();
  train(trainer, 5);
  const TrainerState after = trainer.state();
  int moved = 0;
  for (std::size_t i = 0; i < before.tensors.size(); ++i) {
    const bool is_step =
        before.tensors[i].name.starts_with("student/") && before.tensors[i].name.ends_with(".step");
    moved += is_step && before.tensors[i] != after.tensors[i] ? 1 : 0;
  }
  EXPECT_GT(moved, 5);
}

TEST(NetworkQuantizers, NodesThatRoundOtherwiseAreRefusedWithTheirPlace) {
  Net net;
  const auto x = net.input({1, 3, 4, 4});
  const ir::Graph graph =
      net.finish({net.add(ir::Sigmoid{}, {net.add(ir::Conv{}, {x, net.weight({2, 3, 1, 1})})})});
  auto network = Network::create(graph);
  ASSERT_TRUE(network);
  const Status status = network->quantize(bits(4, 4), at::zeros({1, 3, 4, 4}));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_NE(status.error().text().find("Sigmoid"), std::string::npos);
}

}  // namespace
}  // namespace sluice::train
