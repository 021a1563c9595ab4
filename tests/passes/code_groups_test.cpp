// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/code_groups.hpp"

#include <gtest/gtest.h>

#include "sluice/ir/text.hpp"

namespace sluice::passes {
namespace {

// The graph of `body`, whose values have the types said.
ir::Graph parse(const std::string& body) {
  auto graph = ir::parse("graph \"g\" {\n" + body + "}\n");
  EXPECT_TRUE(graph) << graph.error().text();
  return *std::move(graph);
}

const std::string kScales = R"(
  const %s: float32[] = [0.5]
  const %z: int8[] = [3]
  const %two: float32[2] = [0.5, 0.25]
)";

numeric::Quantization int8_grid() {
  return {DType::Int8, {0.5F}, {3}};
}

TEST(DescribedQuantization, OfOneScaleOrOneAChannel) {
  const ir::Graph graph = parse("input %x: float32[2x3]\n" + kScales + R"(
  %a: int8[2x3] = QuantizeLinear(%x, %s, %z)
  %b: int8[2x3] = QuantizeLinear(%x, %two, _) {axis=-2, output_dtype=int8}
  output %a
  output %b
)");
  EXPECT_EQ(described_quantization(graph, graph.nodes[0]), int8_grid());
  EXPECT_EQ(described_quantization(graph, graph.nodes[1]),
            (numeric::Quantization{DType::Int8, {0.5F, 0.25F}, {0, 0}, 0}));
}

TEST(DescribedQuantization, NotOfBlocksOrUnknownScalesOrScalesThatAreNone) {
  const ir::Graph graph = parse("input %x: float32[2x4]\ninput %t: float32[]\n" + kScales + R"(
  const %blocks: float32[2x2] = [0.5, 0.5, 0.5, 0.5]
  const %zero: float32[] = [0]
  %a: uint8[2x4] = QuantizeLinear(%x, %blocks, _) {axis=1, block_size=2}
  %b: uint8[2x4] = QuantizeLinear(%x, %t, _)
  %c: uint8[2x4] = QuantizeLinear(%x, %zero, _)
  output %a
  output %b
  output %c
)");
  for (const ir::Node& node : graph.nodes) EXPECT_FALSE(described_quantization(graph, node));
}

TEST(CodeQuantizations, FollowMovedCodes) {
  const ir::Graph graph = parse("input %x: float32[2x3]\n" + kScales + R"(
  %q: int8[2x3] = QuantizeLinear(%x, %s, %z)
  %t: int8[3x2] = Transpose(%q) {permutation=[1, 0]}
  %y: float32[3x2] = DequantizeLinear(%t, %s, %z)
  output %y
)");
  const auto found = code_quantizations(graph);
  ASSERT_EQ(found.size(), 2U);
  for (const auto& [id, quantization] : found) EXPECT_EQ(quantization, int8_grid());
}

TEST(CodeQuantizations, AreNoneWhereReadersDisagreeOrCount) {
  const ir::Graph graph = parse("input %x: float32[2x3]\n" + kScales + R"(
  %q: int8[2x3] = QuantizeLinear(%x, %s, %z)
  %n: float32[2x3] = Cast(%q) {to=float32}
  %p: int8[2x3] = QuantizeLinear(%x, %two, _) {axis=0, output_dtype=int8}
  %t: int8[3x2] = Transpose(%p) {permutation=[1, 0]}
  output %n
  output %t
)");
  EXPECT_TRUE(code_quantizations(graph).empty());
}

TEST(MovedInputs, AreDataAlone) {
  const ir::ValueId a{0};
  const ir::ValueId b{1};
  const auto count = [&](ir::Op op) {
    return moved_inputs(ir::Node{"n", std::move(op), {a, b}, {ir::ValueId{2}}}).size();
  };
  EXPECT_EQ(count(ir::Concat{}), 2U);
  EXPECT_EQ(count(ir::Gather{}), 1U);
  EXPECT_EQ(count(ir::MaxPool{}), 1U);
  EXPECT_EQ(count(ir::Add{}), 0U);
  EXPECT_EQ(count(ir::AveragePool{}), 0U);
}

}  // namespace
}  // namespace sluice::passes
