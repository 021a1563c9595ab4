// SPDX-License-Identifier: Apache-2.0
// Runs one operator on codes by the reference executor, and what rounding makes of exact numbers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "sluice/exact/executor.hpp"
#include "sluice/exact/reference/node.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact {

using numeric::Arithmetic;
using numeric::Quantization;
using Codes = std::vector<std::int64_t>;

inline constexpr std::array kArithmetics{Arithmetic::TfliteDouble,  Arithmetic::TfliteSingle,
                                         Arithmetic::TfliteFloat64, Arithmetic::Xnnpack,
                                         Arithmetic::OnnxRuntime,   Arithmetic::Onnx};

inline constexpr std::array kShifts{Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,
                                    Arithmetic::ShiftFloor};

// One scale for the tensor.
inline Quantization int8(float scale, std::int64_t zero_point = 0) {
  return {.dtype = DType::Int8, .scales = {scale}, .zero_points = {zero_point}};
}
inline Quantization uint8(float scale, std::int64_t zero_point = 0) {
  return {.dtype = DType::UInt8, .scales = {scale}, .zero_points = {zero_point}};
}
// One for each index of a dimension.
inline Quantization per_channel(std::vector<float> scales, std::int64_t axis) {
  const std::vector<std::int64_t> zero_points(scales.size(), 0);
  return {
      .dtype = DType::Int8, .scales = std::move(scales), .zero_points = zero_points, .axis = axis};
}

// An input of the operator. Codes are given to the graph, other contents are its constants.
struct Operand {
  Operand(Tensor content) : tensor(std::move(content)) {}  // NOLINT(google-explicit-constructor)
  Operand(sluice::Shape shape, const Codes& codes, const Quantization& of)
      : tensor(numeric::cast(Tensor::from(std::move(shape), codes), of.dtype)), quantization(of) {}
  Tensor tensor;
  std::optional<Quantization> quantization;
};

inline Tensor integers(const std::vector<std::int64_t>& list) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(list.size())}, list);
}

// The operator's first output, quantized so (not at all without).
inline Result<Tensor> run_op(ir::Op op, const std::vector<Operand>& operands,
                             const std::optional<Quantization>& output,
                             std::optional<Arithmetic> arithmetic,
                             const std::optional<numeric::Accumulator>& accumulator = {}) {
  ir::Graph graph;
  std::vector<ir::ValueId> ids;
  std::vector<Tensor> inputs;
  std::vector<sluice::Shape> shapes;
  for (const Operand& operand : operands) {
    if (!operand.quantization && operand.tensor.dtype() != DType::Float32) {
      ids.push_back(graph.add_constant("c", operand.tensor));
      continue;
    }
    ids.push_back(graph.add_input("x", operand.tensor.dtype(), operand.tensor.shape()));
    graph[ids.back()].quantization = operand.quantization;
    inputs.push_back(operand.tensor);
    shapes.push_back(operand.tensor.shape());
  }
  const ir::NodeId node = graph.add_node("n", std::move(op), ids);
  graph[node].arithmetic = arithmetic;
  graph[node].accumulator = accumulator;
  graph.outputs = graph[node].outputs;
  graph[graph.outputs[0]].quantization = output;
  SL_TRY_STATUS(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  SL_TRY(const auto executor, make_reference_executor(graph));
  SL_TRY(auto outputs, executor->run(inputs));
  return std::move(outputs[0]);
}

// The same as integers; empty, and a failure of the test, if it is refused.
inline Codes codes_of_op(ir::Op op, const std::vector<Operand>& operands,
                         const std::optional<Quantization>& output, Arithmetic arithmetic,
                         const std::optional<numeric::Accumulator>& accumulator = {}) {
  const auto result = run_op(std::move(op), operands, output, arithmetic, accumulator);
  EXPECT_TRUE(result) << result.error().text();
  return result ? numeric::to_integers(*result) : Codes();
}

// The message of a refusal; empty if there is none.
inline std::string refusal(ir::Op op, const std::vector<Operand>& operands,
                           const std::optional<Quantization>& output, Arithmetic arithmetic,
                           const std::optional<numeric::Accumulator>& accumulator = {}) {
  const auto result = run_op(std::move(op), operands, output, arithmetic, accumulator);
  return result ? "" : result.error().message;
}

// A node with quantized inputs and an output of some shape, for what looks at no tensors.
class OneNode {
 public:
  OneNode(ir::Op op, const std::vector<Quantization>& inputs, const Quantization& output,
          Arithmetic arithmetic)
      : arithmetic_(arithmetic) {
    std::vector<ir::ValueId> ids;
    ids.reserve(inputs.size());
    for (const Quantization& of : inputs) ids.push_back(set(graph_.add_value("x"), of));
    graph_.add_node("n", std::move(op), std::move(ids));
    set(graph_.nodes[0].outputs[0], output);
  }
  [[nodiscard]] reference::NodeView view() const {
    return {graph_, graph_.nodes[0], {}, arithmetic_};
  }

 private:
  ir::ValueId set(ir::ValueId id, const Quantization& of) {
    graph_[id].type = ir::ValueType{of.dtype, {1}};
    graph_[id].quantization = of;
    return id;
  }

  ir::Graph graph_;
  Arithmetic arithmetic_;
};

// Every code of an 8-bit type.
inline Codes all_codes(DType dtype) {
  Codes codes(256);
  std::iota(codes.begin(), codes.end(), numeric::codes_of(dtype).lowest);
  return codes;
}

// ---- the ways to round

inline double half_up(double x) {
  return std::floor(x + 0.5);
}
inline double half_away(double x) {
  return std::copysign(std::floor(std::abs(x) + 0.5), x);
}
inline double half_even(double x) {
  const double whole = std::floor(x);
  if (x - whole != 0.5) return half_up(x);
  return std::fmod(whole, 2) == 0 ? whole : whole + 1;
}

// The code of accumulator/2^shift, shift ≥ 1, before the clamp.
inline double scaled_by_power(Arithmetic arithmetic, double accumulator, int shift,
                              double zero_point) {
  const double quotient = std::ldexp(accumulator, -shift);
  switch (arithmetic) {
    case Arithmetic::TfliteDouble:
      return half_away(std::ldexp(half_up(accumulator / 2), 1 - shift)) + zero_point;
    case Arithmetic::TfliteSingle:
      return half_up(quotient) + zero_point;
    case Arithmetic::TfliteFloat64:
      return half_away(quotient) + zero_point;
    case Arithmetic::Xnnpack:
    case Arithmetic::OnnxRuntime:
      return half_even(quotient) + zero_point;
    case Arithmetic::Onnx:
      return half_even(quotient + zero_point);
    case Arithmetic::ShiftHalfEven:
      return half_even(quotient) + zero_point;
    case Arithmetic::ShiftHalfUp:
      return half_up(quotient) + zero_point;
    case Arithmetic::ShiftFloor:
      return std::floor(quotient) + zero_point;
  }
  return 0;
}

inline std::int64_t clamped(double code, DType dtype) {
  const numeric::CodeRange codes = numeric::codes_of(dtype);
  return static_cast<std::int64_t>(
      std::clamp(code, static_cast<double>(codes.lowest), static_cast<double>(codes.highest)));
}

}  // namespace sluice::exact
