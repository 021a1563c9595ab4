// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/lower.hpp"

#include <gmock/gmock.h>

#include "tests/quant/formats.hpp"
#include "tests/support/random_net.hpp"

#include "sluice/exact/executor.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/passes/rewrite.hpp"
#include "sluice/quant/value_groups.hpp"

namespace sluice::quant {
namespace {

using numeric::Arithmetic;
using test::Net;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::array kFormats{"int8",          "int8-tensor", "int4", "int6",       "q8",
                              "q8-rnd",        "q8-trn",      "q12",  "q16",        "q24",
                              "sbfp8-channel", "sbfp8-layer", "q8.8", "sbfp6-layer"};

// The network lowered with ranges of `inputs`.
Result<ir::Graph> lowered(ir::Graph graph, const LoweringOptions& options,
                          const std::vector<Tensor>& inputs) {
  SL_TRY_STATUS(prepare_for_integers(graph));
  SL_TRY(auto calibrator,
         Calibrator::create(graph, values_to_calibrate(graph), calibration_format(options.format)));
  SL_TRY(auto executor, runtime::make_reference_executor(graph));
  bool given = false;
  SL_TRY(const Ranges ranges,
         calibrate(calibrator, *executor, [&]() -> Result<std::vector<Tensor>> {
           return std::exchange(given, true) ? std::vector<Tensor>() : inputs;
         }));
  return lower(std::move(graph), ranges, options);
}

ir::Graph expect_lowered(const ir::Graph& graph, const LoweringOptions& options,
                         const std::vector<Tensor>& inputs) {
  auto result = lowered(graph, options, inputs);
  EXPECT_TRUE(result) << to_string(options.format) << ": " << result.error().text();
  return result ? *std::move(result) : ir::Graph();
}

// The largest distance between outputs, over the largest output.
double relative_error(const std::vector<Tensor>& ours, const std::vector<Tensor>& theirs) {
  double largest = 1e-9;
  double distance = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto a = numeric::to_doubles(ours[i]);
    const auto b = numeric::to_doubles(theirs[i]);
    for (std::size_t k = 0; k < a.size(); ++k) {
      largest = std::max(largest, std::abs(b[k]));
      distance = std::max(distance, std::abs(a[k] - b[k]));
    }
  }
  return distance / largest;
}

// x → Conv → Relu → MaxPool → Conv, added to a shortcut → Relu → mean → Gemm.
struct Residual {
  Net net;
  ir::Graph graph;

  Residual() {
    const ir::ValueId x = net.input({2, 3, 8, 8});
    const ir::Window same{.pads = {1, 1, 1, 1}};
    const ir::ValueId a = net.add(
        ir::Relu{}, {net.add(ir::Conv{same}, {x, net.weight({6, 3, 3, 3}), net.weight({6})})});
    const ir::ValueId pooled = net.add(ir::MaxPool{{.kernel = {2, 2}, .strides = {2, 2}}}, {a});
    const ir::ValueId b =
        net.add(ir::Conv{same}, {pooled, net.weight({6, 6, 3, 3}), net.weight({6})});
    const ir::ValueId sum = net.add(ir::Relu{}, {net.add(ir::Add{}, {b, pooled})});
    const ir::ValueId mean = net.add(ir::GlobalAveragePool{}, {sum});
    const ir::ValueId flat = net.add(ir::Flatten{}, {mean});
    graph = net.finish({net.add(ir::Gemm{}, {flat, net.weight({6, 4}), net.weight({4})})});
  }
};

TEST(Lower, IsCloseToFloatAndCloserWithMoreBits) {
  const Residual network;
  const auto inputs = test::random_inputs(network.graph);
  const auto expected = test::reference_outputs(network.graph, inputs);
  const auto error = [&](const char* name) {
    const ir::Graph graph = expect_lowered(network.graph, {.format = format_of(name)}, inputs);
    return relative_error(test::outputs_of(exact::make_reference_executor(graph), inputs),
                          expected);
  };
  for (const char* name : {"int8", "int8-tensor", "q8", "q8-rnd", "sbfp8-layer", "sbfp8-channel"}) {
    EXPECT_LT(error(name), 0.1) << name;
  }
  EXPECT_LT(error("q16"), 1e-3);
  EXPECT_LT(error("q24"), 1e-5);
  EXPECT_LT(error("q32"), 1e-6);
  EXPECT_LT(error("int7"), error("int4"));
}

TEST(Lower, EveryLayerIsOnCodes) {
  const Residual network;
  const auto inputs = test::random_inputs(network.graph);
  for (const char* name : kFormats) {
    const ir::Graph graph = expect_lowered(network.graph, {.format = format_of(name)}, inputs);
    for (std::size_t n = 1; n + 1 < graph.nodes.size(); ++n) {
      EXPECT_TRUE(graph[graph.nodes[n].outputs[0]].quantization.has_value())
          << name << " " << graph.nodes[n].name;
    }
    EXPECT_EQ(graph.inputs[0].dtype, DType::Float32);
    EXPECT_EQ(graph[graph.outputs[0]].name, network.graph[network.graph.outputs[0]].name);
  }
}

TEST(Lower, BothExecutorsAgree) {
  const Residual network;
  const auto inputs = test::random_inputs(network.graph);
  for (const char* name : kFormats) {
    SCOPED_TRACE(name);
    const ir::Graph graph = expect_lowered(network.graph, {.format = format_of(name)}, inputs);
    test::expect_near(test::outputs_of(exact::make_fast_executor(graph), inputs),
                      test::outputs_of(exact::make_reference_executor(graph), inputs), 0);
  }
}

// x → Conv → shift → Conv.
ir::Graph shift_between_layers() {
  Net net(4);
  const ir::ValueId x = net.input({2, 3, 6, 6});
  const ir::ValueId a =
      net.add(ir::Relu{}, {net.add(ir::Conv{}, {x, net.weight({5, 3, 1, 1}), net.weight({5})})});
  Tensor kernels(DType::Float32, {5, 1, 3, 3});
  for (const std::size_t at :
       std::initializer_list<std::size_t>{1, 9 + 3, 18 + 4, 27 + 5, 36 + 7}) {
    kernels.mutable_data<float>()[at] = 1;
  }
  const ir::Window same{.kernel = {3, 3}, .pads = {1, 1, 1, 1}};
  const ir::ValueId moved = net.add(ir::Conv{same, 5}, {a, net.constant(std::move(kernels))});
  return net.finish({net.add(ir::Conv{}, {moved, net.weight({4, 5, 1, 1}), net.weight({4})})});
}

TEST(Lower, ShiftsMoveCodesInEveryFormat) {
  const ir::Graph network = shift_between_layers();
  const auto inputs = test::random_inputs(network);
  const ir::PixelShift cross{{1, 3, 4, 5, 7}};
  for (const char* name : kFormats) {
    SCOPED_TRACE(name);
    const ir::Graph graph = expect_lowered(network, {.format = format_of(name)}, inputs);
    int shifts = 0;
    for (const ir::Node& node : graph.nodes) {
      if (!ir::real_pixel_shift_of(graph, node)) continue;
      ++shifts;
      EXPECT_EQ(graph[node.inputs[0]].quantization, graph[node.outputs[0]].quantization);
      const auto& codes = *graph[node.inputs[0]].quantization;
      if (codes.is_per_channel()) continue;
      EXPECT_EQ(ir::pixel_shift_of(graph, node), cross);
    }
    EXPECT_EQ(shifts, 1);
    test::expect_near(test::outputs_of(exact::make_fast_executor(graph), inputs),
                      test::outputs_of(exact::make_reference_executor(graph), inputs), 0);
  }
}

TEST(Lower, WhatAShiftMovesIsWhatItWas) {
  ir::Graph network = shift_between_layers();
  network.outputs = {network.nodes[1].outputs[0], network.nodes[2].outputs[0]};
  const auto inputs = test::random_inputs(network);
  for (const char* name : {"int8", "int4", "q8", "q8.8", "sbfp8-layer"}) {
    const ir::Graph graph = expect_lowered(network, {.format = format_of(name)}, inputs);
    const auto outputs = test::outputs_of(exact::make_fast_executor(graph), inputs);
    ASSERT_EQ(outputs.size(), 2U);
    const auto x = outputs[0].data<float>(), y = outputs[1].data<float>();
    // Channel 2 stays, channel 1 comes from the left.
    constexpr std::size_t kMap = 36;
    for (std::size_t i = 0; i < kMap; ++i) {
      EXPECT_EQ(y[2 * kMap + i], x[2 * kMap + i]) << name;
      EXPECT_EQ(y[kMap + i], i % 6 == 0 ? 0 : x[kMap + i - 1]) << name;
    }
  }
}

TEST(Lower, RandomNetworksRunInEveryFormat) {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    const ir::Graph graph = test::random_net(seed);
    const auto inputs = test::random_inputs(graph);
    for (const char* name : {"int8", "q16", "sbfp8-channel"}) {
      SCOPED_TRACE(std::string(name) + " " + std::to_string(seed));
      const ir::Graph result = expect_lowered(graph, {.format = format_of(name)}, inputs);
      EXPECT_LT(relative_error(test::outputs_of(exact::make_fast_executor(result), inputs),
                               test::reference_outputs(graph, inputs)),
                std::string(name) == "q16" ? 0.02 : 0.5);
    }
  }
}

// An activation is a clamp of the layer's codes, whose own negative numbers do not widen the range.
TEST(Lower, ActivationsAreClamps) {
  Net net;
  const ir::ValueId x = net.input({1, 1, 1, 2});
  const ir::ValueId w = net.constant(Tensor::from<float>({1, 1, 1, 1}, std::vector<float>{1}));
  const ir::ValueId conv = net.add(ir::Conv{}, {x, w});
  const ir::ValueId y = net.add(ir::Relu{}, {conv});
  const ir::Graph graph = net.finish({y});
  const std::vector<Tensor> inputs{Tensor::from<float>({1, 1, 1, 2}, {{-100, 1}})};
  const ir::Graph result = expect_lowered(graph, {.format = format_of("q8")}, inputs);
  const ir::Node& layer = result.nodes[1];
  ASSERT_TRUE(ir::is<ir::Conv>(layer.op));
  EXPECT_EQ(result[layer.outputs[0]].quantization, result[result.nodes[2].outputs[0]].quantization);
  EXPECT_EQ(result[layer.outputs[0]].quantization->scales[0], 0x1p-6F);
  EXPECT_EQ(layer.arithmetic, Arithmetic::ShiftHalfEven);
}

// Codes that begin at 0 make a Relu of every layer's saturation.
TEST(Lower, ActivationsAtTheEndsOfTheCodesAreLeftOut) {
  Net net;
  const ir::ValueId x = net.input({1, 2, 3, 3});
  const ir::ValueId a = net.add(ir::Relu{}, {net.add(ir::Conv{}, {x, net.weight({2, 2, 1, 1})})});
  const ir::ValueId b = net.add(ir::Conv{}, {a, net.weight({2, 2, 1, 1})});
  const ir::ValueId y = net.add(ir::Clip{}, {b, net.scalar(0), net.scalar(0.01F)});
  const ir::Graph graph = net.finish({y});
  const auto inputs = test::random_inputs(graph);
  const ir::Graph result = expect_lowered(graph, {.format = format_of("int8")}, inputs);
  std::vector<std::string_view> names;
  names.reserve(result.nodes.size());
  for (const ir::Node& node : result.nodes) names.push_back(ir::op_name(node.op));
  EXPECT_THAT(names, ElementsAre("Identity", "Conv", "Conv", "Identity"));
  EXPECT_EQ(result[result.nodes[1].outputs[0]].name, graph[a].name);
  EXPECT_EQ(result[result.outputs[0]].name, graph[y].name);
  const auto outputs = test::outputs_of(exact::make_reference_executor(result), inputs);
  for (const float real : outputs[0].data<float>()) {
    EXPECT_GE(real, 0);
    EXPECT_LE(real, 0.0101F);
  }
}

TEST(Lower, BiasesAreInTheAccumulatorsUnit) {
  Net net;
  const ir::ValueId x = net.input({1, 1, 1, 1});
  const ir::ValueId w = net.constant(Tensor::from<float>({2, 1, 1, 1}, {{1, 0.25F}}));
  const ir::ValueId bias = net.constant(Tensor::from<float>({2}, {{1, -0.5F}}));
  const ir::Graph graph = net.finish({net.add(ir::Conv{}, {x, w, bias})});
  const std::vector<Tensor> inputs{Tensor::from<float>({1, 1, 1, 1}, std::vector<float>{1})};
  const auto bias_of = [&](const char* name) {
    const ir::Graph result = expect_lowered(graph, {.format = format_of(name)}, inputs);
    return result[result.nodes[1].inputs[2]];
  };
  // x in steps of 2^-6, the weights in 2^-6 (q8) or each filter in its own 2^-6 and 2^-8.
  EXPECT_THAT(bias_of("q8").constant->data<std::int32_t>(), ElementsAre(4096, -2048));
  EXPECT_THAT(bias_of("q8").quantization->scales, ElementsAre(0x1p-12F));
  EXPECT_THAT(bias_of("sbfp8-channel").constant->data<std::int32_t>(), ElementsAre(4096, -8192));
  // In units of 2^-60 a bias of 1 needs 61 bits: the unit grows until 32 do.
  EXPECT_THAT(bias_of("q32").constant->data<std::int32_t>(), ElementsAre(1 << 30, -(1 << 29)));
  EXPECT_THAT(bias_of("q32").quantization->scales, ElementsAre(0x1p-30F));
}

// As in published networks: filters that training left next to nothing, or cut off.
TEST(Lower, BiasesOfWeightsNextToNothingFit) {
  Net net;
  const ir::ValueId x = net.input({1, 1, 1, 2});
  const ir::ValueId w = net.constant(Tensor::from<float>({4, 1, 1, 1}, {{1, 1e-12F, 0, 0}}));
  const ir::ValueId bias = net.constant(Tensor::from<float>({4}, {{0.25F, -5.9F, 0.7F, 0}}));
  const ir::Graph graph = net.finish({net.add(ir::Conv{}, {x, w, bias})});
  const std::vector<Tensor> inputs{Tensor::from<float>({1, 1, 1, 2}, {{1, -1}})};
  const auto expected = test::reference_outputs(graph, inputs);
  for (const char* name : {"int8", "int8-tensor", "int6"}) {
    const ir::Graph result = expect_lowered(graph, {.format = format_of(name)}, inputs);
    const ir::Value& codes = result[result.nodes[1].inputs[2]];
    for (std::size_t c = 0; c < 4; ++c) {
      const float scale = codes.quantization->scales[codes.quantization->scales.size() > 1 ? c : 0];
      const auto real = static_cast<float>(codes.constant->data<std::int32_t>()[c]) * scale;
      EXPECT_NEAR(real, (std::array{0.25F, -5.9F, 0.7F, 0.0F})[c], 1e-3F) << name << ' ' << c;
    }
    const auto ours = test::outputs_of(exact::make_fast_executor(result), inputs);
    EXPECT_LT(relative_error(ours, expected), 0.05) << name;
  }
}

TEST(Lower, FormsThatIntegersHaveNotAreReplaced) {
  Net net;
  const ir::ValueId x = net.input({1, 3, 4, 4});
  const ir::ValueId normal = net.batch_norm(net.add(ir::Relu{}, {x}), 3);
  const ir::ValueId flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {normal})});
  const ir::Graph graph = net.finish(
      {net.add(ir::Gemm{.alpha = 0.5F, .beta = 2}, {flat, net.weight({3, 2}), net.weight({2})})});
  ir::Graph prepared = graph;
  ASSERT_TRUE(prepare_for_integers(prepared));
  std::vector<std::string_view> names;
  names.reserve(prepared.nodes.size());
  for (const ir::Node& node : prepared.nodes) names.push_back(ir::op_name(node.op));
  EXPECT_THAT(names, ElementsAre("Relu", "Conv", "ReduceMean", "Flatten", "Gemm"));
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(prepared, inputs),
                    test::reference_outputs(graph, inputs), 1e-5F);
}

TEST(Lower, LayersHaveFormatsOfTheirOwn) {
  const Residual network;
  const auto inputs = test::random_inputs(network.graph);
  const std::string first = network.graph.nodes[0].name;
  LoweringOptions options{.format = format_of("q8")};
  options.layers[first] = {format_of("q4"), format_of("q16")};
  const ir::Graph graph = expect_lowered(network.graph, options, inputs);
  const ir::Node& conv = graph.nodes[1];
  ASSERT_EQ(conv.name, first);
  EXPECT_EQ(graph[conv.inputs[1]].quantization->bits, 4);
  EXPECT_EQ(graph[conv.outputs[0]].quantization->dtype, DType::Int16);
  // The pooling behind it moves these codes; the next layer is in the network's format.
  EXPECT_EQ(graph[graph.nodes[3].outputs[0]].quantization->dtype, DType::Int16);
  EXPECT_EQ(graph[graph.nodes[4].outputs[0]].quantization->dtype, DType::Int8);
}

TEST(Lower, RefusesWhatDoesNotGoTogether) {
  const Residual network;
  const auto inputs = test::random_inputs(network.graph);
  const auto error_of = [&](const LoweringOptions& options) {
    const auto result = lowered(network.graph, options, inputs);
    return result ? "" : result.error().text();
  };
  const std::string first = network.graph.nodes[0].name;
  LoweringOptions other{.format = format_of("int8")};
  other.layers["conf"] = {};
  EXPECT_THAT(error_of(other), HasSubstr("the network has no layer \"conf\""));
  LoweringOptions mixed{.format = format_of("int8")};
  mixed.layers[first] = {format_of("q8"), format_of("q8")};
  EXPECT_THAT(error_of(mixed), HasSubstr("powers of two everywhere or nowhere"));
  EXPECT_THAT(error_of({format_of("int8"), {}, Arithmetic::ShiftFloor}),
              HasSubstr("needs scales that are powers of two"));
}

// What a lowered network has, by the values and layers of the graph it was made of.
KnownQuantizations known_of(const ir::Graph& graph, const ir::Graph& lowered) {
  KnownQuantizations known;
  for (const ir::ValueId id : values_to_calibrate(graph)) {
    for (const ir::Value& value : lowered.values) {
      // Inputs and outputs are real there, their codes beside them.
      const bool is_same = value.name == graph[id].name || value.name == graph[id].name + "/codes";
      if (is_same && value.quantization) known.values[id] = *value.quantization;
    }
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ir::Node& node : lowered.nodes) {
      if (node.name != graph.nodes[n].name || !ir::is_linear(node.op)) continue;
      known.weights[static_cast<ir::NodeId>(n)] = *lowered[node.inputs[1]].quantization;
    }
  }
  return known;
}

struct KnownResidual {
  LoweringOptions options{.format = *parse_integer_format("q8")};
  Residual residual;
  std::vector<Tensor> inputs = test::random_inputs(residual.graph);
  ir::Graph prepared = residual.graph;
  ir::Graph lowered_by_ranges;
  KnownQuantizations known;

  KnownResidual() {
    EXPECT_TRUE(prepare_for_integers(prepared));
    lowered_by_ranges = expect_lowered(residual.graph, options, inputs);
    known = known_of(prepared, lowered_by_ranges);
    // What a rectifier took in shares its quantization.
    const auto values = values_to_calibrate(prepared);
    const ValueGroups groups(prepared, values, options);
    for (const ir::ValueId id : values) {
      for (const ir::ValueId other : values) {
        if (groups.are_joined(id, other) && known.values.contains(other)) {
          known.values.emplace(id, known.values.at(other));
        }
      }
    }
  }
};

TEST(LowerKnown, TheQuantizationsOfALoweredNetworkGiveItAgain) {
  const KnownResidual test;
  const auto again = lower(test.prepared, test.known, test.options);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(test::outputs_of(exact::make_reference_executor(*again), test.inputs),
            test::outputs_of(exact::make_reference_executor(test.lowered_by_ranges), test.inputs));
}

TEST(LowerKnown, OneThatIsMissingOrDiffersWithinAGroupIsNamed) {
  KnownResidual test;
  const auto values = values_to_calibrate(test.prepared);
  const ValueGroups groups(test.prepared, values, test.options);
  for (const ir::ValueId id : values) {
    KnownQuantizations lacking = test.known;
    lacking.values.erase(id);
    const auto refused = lower(test.prepared, lacking, test.options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Verify);
    const bool is_shared = std::ranges::any_of(
        values, [&](ir::ValueId other) { return other != id && groups.are_joined(other, id); });
    if (!is_shared) continue;
    KnownQuantizations other = test.known;
    other.values.at(id).scales[0] *= 2;
    const auto differs = lower(test.prepared, other, test.options);
    ASSERT_FALSE(differs);
    EXPECT_THAT(differs.error().message, HasSubstr("which it shares"));
  }
  KnownQuantizations without_weights = test.known;
  without_weights.weights.clear();
  const auto refused = lower(test.prepared, without_weights, test.options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("weights have no quantization"));
}

}  // namespace
}  // namespace sluice::quant
