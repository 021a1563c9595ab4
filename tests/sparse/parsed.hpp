// SPDX-License-Identifier: Apache-2.0
// Networks in the text form, and what the tests of this layer look at.
#pragma once

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sluice/ir/infer.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::sparse {

inline void infer(ir::Graph& graph) {
  const auto shapes = ir::input_shapes(graph, 0);
  const auto inferred = ir::infer_types(graph, *shapes, runtime::reference::evaluate);
  EXPECT_TRUE(inferred) << inferred.error().text();
  const auto verified = ir::verify(graph);
  EXPECT_TRUE(verified) << verified.error().text();
}

// The lines of a graph, with types.
inline ir::Graph parsed(const std::string& lines) {
  auto graph = ir::parse("graph \"test\" {\n" + lines + "\n}");
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  infer(*graph);
  return *std::move(graph);
}

// The elements of the constant of that name.
inline std::vector<float> elements(const ir::Graph& graph, const std::string& name) {
  for (const ir::Value& value : graph.values) {
    if (value.name != name || !value.constant) continue;
    const auto data = value.constant->data<float>();
    return {data.begin(), data.end()};
  }
  ADD_FAILURE() << "no constant " << name;
  return {};
}

// What went wrong, as text; of a result that is none.
template <class T>
std::string error_text(const Result<T>& result, ErrorCode code = ErrorCode::InvalidArgument) {
  if (result) return "no error";
  EXPECT_EQ(result.error().code, code);
  return result.error().text();
}

// A network of every kind of layer with weights: a convolution and a depthwise one, a transposed
// one in groups, and both products.
inline const std::string kEveryLayer = R"(
  input %x: float32[1x4x2x2]
  const %w1: float32[2x4x1x1] = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8]
  const %b1: float32[2] = [0.001, -0.001]
  %a = Conv(%x, %w1, %b1) "conv"
  const %w2: float32[2x1x1x1] = [0.05, -3]
  %b = Conv(%a, %w2) {group=2} "depthwise"
  const %w3: float32[2x2x1x1] = [1, 0, 0.25, -0.25]
  %c = ConvTranspose(%b, %w3) {group=2} "up"
  %d = Flatten(%c)
  const %w4: float32[2x16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                              17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]
  %e = Gemm(%d, %w4) {trans_b=true} "gemm"
  const %w5: float32[2x2] = [0.01, 0.02, 0.03, 0.04]
  %y = MatMul(%e, %w5) "matmul"
  output %y)";

}  // namespace sluice::sparse
