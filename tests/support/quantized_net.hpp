// SPDX-License-Identifier: Apache-2.0
// Small quantized networks for tests: built node by node, codes, scales and zero points random but
// seeded.
#pragma once

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <vector>

#include "sluice/base/rng.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

// Any codes of the type, or of its bits; a third are the lowest or the highest.
inline Tensor random_wide_codes(const numeric::Quantization& of, Shape shape, Rng& rng) {
  const numeric::CodeRange range = numeric::codes_of(of);
  std::vector<std::int64_t> codes(static_cast<std::size_t>(num_elements(shape)));
  for (std::int64_t& code : codes) {
    const std::uint64_t kind = rng.below(6);
    code = kind == 0   ? range.lowest
           : kind == 1 ? range.highest
                       : rng.integer(range.lowest, range.highest);
  }
  return numeric::cast(Tensor::from(std::move(shape), codes), of.dtype);
}
inline Tensor random_codes(DType dtype, Shape shape, Rng& rng) {
  if (num_bits(dtype) != 8) return random_wide_codes({.dtype = dtype}, std::move(shape), rng);
  const std::uint8_t lowest = dtype == DType::Int8 ? 0x80 : 0;
  Tensor tensor(dtype, std::move(shape));
  for (std::byte& code : tensor.mutable_bytes()) {
    const std::uint64_t kind = rng.below(6);
    const auto byte = kind == 0   ? lowest
                      : kind == 1 ? static_cast<std::uint8_t>(lowest + 255)
                                  : static_cast<std::uint8_t>(rng.below(256));
    code = static_cast<std::byte>(byte);
  }
  return tensor;
}

class QuantizedNet {
 public:
  // Grids are of `dtype` unless asked for another; where the arithmetic shifts, their scales become
  // powers of two.
  explicit QuantizedNet(std::uint64_t seed,
                        numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble,
                        DType dtype = DType::Int8)
      : rng_(seed), arithmetic_(arithmetic), dtype_(dtype) {}

  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] ir::Graph& graph() { return graph_; }
  [[nodiscard]] numeric::Quantization grid_of(ir::ValueId id) const {
    return *graph_[id].quantization;
  }

  // One scale and zero point; any zero point, one time in four the lowest or the highest code.
  numeric::Quantization grid(DType dtype, double scale) {
    const numeric::CodeRange codes = numeric::codes_of(dtype);
    const std::uint64_t kind = rng_.below(8);
    const std::int64_t zero_point = kind == 0   ? codes.lowest
                                    : kind == 1 ? codes.highest
                                                : rng_.integer(codes.lowest, codes.highest);
    return {dtype, {scale_near(scale)}, {zero_point}};
  }
  numeric::Quantization grid(DType dtype) { return grid(dtype, rng_.real(0.01, 0.1)); }
  numeric::Quantization grid() { return grid(dtype_); }

  ir::ValueId input(Shape shape, numeric::Quantization quantization) {
    const ir::ValueId id = graph_.add_input("x", quantization.dtype, std::move(shape));
    graph_[id].quantization = std::move(quantization);
    return id;
  }
  ir::ValueId input(Shape shape) { return input(std::move(shape), grid()); }

  ir::ValueId constant(Tensor content) { return graph_.add_constant("c", std::move(content)); }
  ir::ValueId integers(const std::vector<std::int64_t>& values) {
    return constant(Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
  }
  ir::ValueId scalar(float value) { return constant(Tensor::scalar(value)); }
  ir::ValueId codes(Shape shape, numeric::Quantization quantization) {
    const ir::ValueId id =
        constant(quantization.bits ? random_wide_codes(quantization, std::move(shape), rng_)
                                   : random_codes(quantization.dtype, std::move(shape), rng_));
    graph_[id].quantization = std::move(quantization);
    return id;
  }
  // A scale, and where asked a zero point, for each index of dimension `axis`.
  ir::ValueId weights_per_channel(Shape shape, DType dtype, std::int64_t axis,
                                  bool has_zero_points) {
    numeric::Quantization quantization{dtype, {}, {}, axis};
    const std::int64_t count = shape[static_cast<std::size_t>(axis)];
    quantization.scales.reserve(static_cast<std::size_t>(count));
    quantization.zero_points.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      quantization.scales.push_back(scale_near(rng_.real(0.005, 0.05)));
      quantization.zero_points.push_back(has_zero_points ? rng_.integer(-9, 9) : 0);
      if (dtype == DType::UInt8) quantization.zero_points.back() += 128;
      if (dtype == DType::UInt16) quantization.zero_points.back() += 1 << 15;
    }
    return codes(std::move(shape), std::move(quantization));
  }
  // 32-bit numbers of magnitude `most` at the product of the scales of input and weights.
  ir::ValueId bias(Shape shape, ir::ValueId x, ir::ValueId weights, std::int64_t most = 20'000) {
    numeric::Quantization quantization = grid_of(weights);
    quantization.dtype = DType::Int32;
    quantization.axis = 0;
    quantization.bits.reset();
    std::ranges::fill(quantization.zero_points, 0);
    for (float& scale : quantization.scales) scale *= grid_of(x).scales[0];
    Tensor tensor(DType::Int32, std::move(shape));
    if (quantization.is_per_channel() && tensor.rank() != 1) {
      quantization.scales.resize(1);
      quantization.zero_points.resize(1);
    }
    for (std::int32_t& value : tensor.mutable_data<std::int32_t>()) {
      value = static_cast<std::int32_t>(rng_.integer(-most, most));
    }
    const ir::ValueId id = constant(std::move(tensor));
    graph_[id].quantization = std::move(quantization);
    return id;
  }
  // For sums of `depth` products: most codes are neither the lowest nor the highest.
  numeric::Quantization grid_after(ir::ValueId x, ir::ValueId weights, std::int64_t depth) {
    const double product = static_cast<double>(grid_of(x).scales[0]) * grid_of(weights).scales[0];
    const auto size_of = [&](ir::ValueId id) {
      return static_cast<double>(numeric::codes_of(grid_of(id)).highest) / 127;
    };
    const double sizes = size_of(x) * size_of(weights) * 127 /
                         static_cast<double>(numeric::codes_of(dtype_).highest);
    const double steps = num_bits(dtype_) == 8 ? 100 : 100 * sizes;
    return grid(dtype_, product * steps * std::sqrt(static_cast<double>(depth)) + 1e-6);
  }

  // The node's first output, of that quantization; of none, it is a number.
  ir::ValueId add(ir::Op op, std::vector<ir::ValueId> inputs,
                  std::optional<numeric::Quantization> quantization) {
    const ir::NodeId node = graph_.add_node("", std::move(op), std::move(inputs), 1);
    graph_[node].arithmetic = arithmetic_;
    const ir::ValueId output = graph_[node].outputs[0];
    graph_[output].quantization = std::move(quantization);
    return output;
  }
  // The output has the first input's quantization.
  ir::ValueId add_like(ir::Op op, std::vector<ir::ValueId> inputs) {
    std::optional<numeric::Quantization> quantization = graph_[inputs[0]].quantization;
    return add(std::move(op), std::move(inputs), std::move(quantization));
  }

  // The graph with types, its inputs of their declared shapes.
  ir::Graph finish(std::vector<ir::ValueId> outputs) {
    graph_.outputs = std::move(outputs);
    std::vector<Shape> shapes;
    shapes.reserve(graph_.inputs.size());
    for (const ir::GraphInput& input : graph_.inputs) shapes.push_back(input.declared_shape);
    const auto inferred = ir::infer_types(graph_, shapes, runtime::reference::evaluate);
    EXPECT_TRUE(inferred) << inferred.error().text();
    const auto verified = ir::verify(graph_);
    EXPECT_TRUE(verified) << verified.error().text();
    return graph_;
  }

 private:
  [[nodiscard]] float scale_near(double scale) const {
    if (numeric::is_shift(arithmetic_)) scale = std::exp2(std::round(std::log2(scale)));
    return static_cast<float>(scale);
  }

  Rng rng_;
  numeric::Arithmetic arithmetic_;
  DType dtype_;
  ir::Graph graph_;
};

// Codes for quantized inputs, numbers in [-2, 2) for others.
inline std::vector<Tensor> random_code_inputs(const ir::Graph& graph, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Tensor> inputs;
  inputs.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) {
    const ir::ValueType& type = graph.type(input.value);
    if (const auto& quantization = graph[input.value].quantization) {
      inputs.push_back(quantization->bits ? random_wide_codes(*quantization, type.shape, rng)
                                          : random_codes(type.dtype, type.shape, rng));
      continue;
    }
    inputs.emplace_back(DType::Float32, type.shape);
    for (float& value : inputs.back().mutable_data<float>()) {
      value = static_cast<float>(rng.real(-2, 2));
    }
  }
  return inputs;
}

}  // namespace sluice::test
