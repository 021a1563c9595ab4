// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/coded_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/net.hpp"
#include "tests/support/quantized_model.hpp"

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/snap.hpp"
#include "sluice/quant/grids.hpp"

namespace sluice::api {
namespace {

using testing::ElementsAre;

// conv → relu → depthwise conv
ir::Graph coded_net() {
  test::Net net;
  const auto x = net.input({1, 3, 4, 4});
  const auto conv = net.add(ir::Conv{}, {x, net.weight({2, 3, 2, 2})});
  const auto relu = net.add(ir::Relu{}, {conv});
  return net.finish({net.add(ir::Conv{{}, 2}, {relu, net.weight({2, 1, 3, 3})})});
}

quant::ActivationGrids grids_for(const ir::Graph& graph, const numeric::Format& format,
                                 quant::Compat compat) {
  const auto weighted = quant::quantize_weights(graph, format, compat);
  quant::Ranges ranges;
  for (const ir::ValueId id :
       quant::quantized_values(*weighted, *quant::find_modules(*weighted, compat))) {
    ranges[id].assign(quant::num_ranges(format, weighted->type(id).shape), {-3, 4});
  }
  return *quant::activation_grids(*weighted, format, ranges, compat);
}

CodedNetwork coded(const ir::Graph& graph, const char* name,
                   quant::Compat compat = quant::Compat::None) {
  const auto format = *numeric::parse_format(name);
  auto network = coded_network(graph, format, grids_for(graph, format, compat), compat);
  EXPECT_TRUE(network) << network.error().text();
  return *std::move(network);
}

std::vector<std::string> roles(const CodedLayer& layer) {
  std::vector<std::string> result;
  result.reserve(layer.tensors.size());
  for (const CodedTensor& tensor : layer.tensors) result.push_back(tensor.role);
  return result;
}

TEST(CodedNetwork, HasTheTensorsOfLayersWithWeights) {
  const CodedNetwork network = coded(coded_net(), "fixed8");
  ASSERT_EQ(network.layers.size(), 2U);
  for (const CodedLayer& layer : network.layers) {
    EXPECT_EQ(layer.op, "Conv");
    EXPECT_THAT(roles(layer), ElementsAre("weights", "input", "output"));
  }
}

TEST(CodedNetwork, HasAllModulesAsPublished) {
  const CodedNetwork network = coded(coded_net(), "fixed8", quant::Compat::Fpgaconvnet);
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[1].op, "Relu");
  EXPECT_THAT(roles(network.layers[1]), ElementsAre("input", "output"));
  for (const CodedLayer& layer : network.layers) {
    for (const CodedTensor& tensor : layer.tensors) {
      EXPECT_THAT(tensor.stream_axes, ElementsAre(0, 1, 2, 3));
    }
  }
}

TEST(CodedNetwork, StreamsAreInTheOrderThatHardwareReads) {
  const CodedNetwork network = coded(coded_net(), "fixed8");
  EXPECT_THAT(network.layers[0].tensors[0].stream_axes, ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(network.layers[0].tensors[1].stream_axes, ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(network.layers[1].tensors[0].stream_axes, ElementsAre(2, 3, 1, 0));  // depthwise
}

TEST(CodedNetwork, WithoutGridsThereAreTheWeightsAlone) {
  const auto network = coded_network(coded_net(), *numeric::parse_format("bfp8-channel"),
                                     std::nullopt, quant::Compat::None);
  ASSERT_TRUE(network) << network.error().text();
  ASSERT_EQ(network->layers.size(), 2U);
  EXPECT_THAT(roles(network->layers[0]), ElementsAre("weights"));
}

// What the codes stand for is what the emulated network multiplies with.
TEST(CodedNetwork, CodesOfWeightsAreThoseOfTheirValues) {
  const ir::Graph graph = coded_net();
  for (const char* name : {"fixed8", "fixed16", "bfp8-channel", "q8"}) {
    const auto format = *numeric::parse_format(name);
    const CodedNetwork network = coded(graph, name);
    const auto grids = quant::weight_grids(graph, format);
    const auto weighted = quant::quantize_weights(graph, format);
    const Tensor& values = *(*weighted)[weighted->nodes[0].inputs[1]].constant;
    const auto codes = network.layers[0].tensors[0].codes->data<std::int32_t>();
    const numeric::Grid& grid = grids->at(ir::NodeId{0});
    for (std::size_t i = 0; i < codes.size(); ++i) {
      float value = 0;
      if (const auto* affine = std::get_if<numeric::AffineGrid>(&grid)) {
        const std::size_t c = affine->scale.size() == 1 ? 0 : i / 12;
        value = (static_cast<float>(codes[i]) + affine->zero_point[c]) / affine->scale[c];
      } else {
        value = std::ldexp(static_cast<float>(codes[i]),
                           -std::get<numeric::FixedGrid>(grid).fraction_bits);
      }
      ASSERT_EQ(value, values.data<float>()[i]) << name << " " << i;
    }
  }
}

TEST(CodedNetwork, AStreamIsTransposed) {
  const CodedTensor tensor{
      .role = "input", .alphabet = {8, true}, .shape = {1, 2, 1, 3}, .stream_axes = {0, 2, 3, 1}};
  const Tensor codes = Tensor::from<std::int8_t>({1, 2, 1, 3}, {1, 2, 3, -4, -5, -6});
  EXPECT_THAT(*stream_of(tensor, codes), ElementsAre(1, -4, 2, -5, 3, -6));
}

TEST(CodedNetwork, AStreamOfValuesIsOfTheirCodes) {
  CodedTensor tensor{.role = "input", .value = "x", .shape = {2}, .stream_axes = {0}};
  tensor.grid = numeric::FixedGrid{.bits = 8, .fraction_bits = 2};
  EXPECT_THAT(*stream_of(tensor, Tensor::from<float>({2}, {0.5F, -100})), ElementsAre(2, -128));
  const auto stream =
      stream_of(tensor, Tensor::from<float>({2}, {0, std::numeric_limits<float>::quiet_NaN()}));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().where, "value \"x\"");
}

TEST(CodedNetwork, Float32HasNoCodes) {
  const auto network = coded_network(coded_net(), numeric::Format(), std::nullopt, {});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::InvalidArgument);
}

TEST(CodedNetwork, AQuantizedNetworkHasItsOwnCodes) {
  ir::Graph graph = *load_model(test::quantized_model_file());
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  const auto network = coded_network(graph);
  ASSERT_TRUE(network) << network.error().text();
  ASSERT_EQ(network->layers.size(), 3U);
  for (const CodedLayer& layer : network->layers) {
    EXPECT_THAT(roles(layer), ElementsAre("weights", "input", "output"));
    const auto node = std::ranges::find(graph.nodes, layer.name, &ir::Node::name);
    const Tensor& weights = *graph[node->inputs[1]].constant;
    EXPECT_EQ(*layer.tensors[0].codes, numeric::cast(weights, DType::Int32));
    for (const CodedTensor& tensor : layer.tensors) {
      EXPECT_EQ(tensor.alphabet, (sparse::Alphabet{8, true}));
    }
  }
}

TEST(CodedNetwork, CodesBeyondInt32AreRefused) {
  ir::Graph graph = *load_model(test::quantized_model_file());
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  const auto conv = std::ranges::find_if(
      graph.nodes, [](const ir::Node& node) { return ir::is<ir::Conv>(node.op); });
  graph[conv->outputs[0]].quantization->dtype = DType::UInt32;
  const auto network = coded_network(graph);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::api
