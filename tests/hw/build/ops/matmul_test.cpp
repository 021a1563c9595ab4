// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kFlat = "input %x: float32[1x2x3x4]\n%a = Relu(%x)\n%f = Flatten(%a)\n";

Layer product(const std::string& lines, const BuildOptions& options = {}) {
  const Graph graph = built(kFlat + lines, options);
  return graph.size() == 2 ? graph[1].layer : Layer();
}

TEST(BuildMatmul, TakesTheWholeMapBeforeAFlatten) {
  const Layer layer =
      product(filled("w", {24, 5}) + filled("b", {5}) + "%y = Gemm(%f, %w, %b)\noutput %y");
  EXPECT_EQ(layer.map, (FeatureMap{3, 4, 1, 2}));
  EXPECT_EQ(layer.as<InnerProduct>()->filters, 5);
  EXPECT_TRUE(layer.as<InnerProduct>()->has_bias);
}

TEST(BuildMatmul, AddsTheBiasBehindIt) {
  const Layer layer = product(filled("w", {24, 5}) + filled("b", {5}) +
                              "%p = MatMul(%f, %w)\n%y = Add(%p, %b)\noutput %y");
  EXPECT_TRUE(layer.as<InnerProduct>()->has_bias);
}

TEST(BuildMatmul, IsAConvolutionOfTheWholeMapIfAskedFor) {
  const Layer layer = product(filled("w", {24, 5}) + "%y = MatMul(%f, %w)\noutput %y",
                              {.convert_gemm_to_conv = true});
  EXPECT_EQ(layer.as<Convolution>()->kernel, (Extent{3, 4, 1}));
  EXPECT_EQ(map_out(layer), (FeatureMap{1, 1, 1, 5}));
}

TEST(BuildMatmul, OfSeveralRowsIsRefused) {
  EXPECT_EQ(refusal("input %x: float32[1x3x4]\n" + filled("w", {4, 5}) +
                    "%y = MatMul(%x, %w)\noutput %y"),
            "it multiplies several rows of words");
}

TEST(BuildMatmul, OfTwoStreamsIsRefused) {
  EXPECT_EQ(refusal("input %x: float32[1x4]\ninput %w: float32[1x4x1]\n"
                    "%y = MatMul(%x, %w)\noutput %y"),
            "it multiplies two streams, or a constant with one");
}

}  // namespace
}  // namespace sluice::hw
