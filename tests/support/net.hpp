// SPDX-License-Identifier: Apache-2.0
// Small networks for tests: built node by node, weights and inputs random but seeded, run by any
// executor and compared.
#pragma once

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "sluice/ir/infer.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

// Uniform in [low, high), the same for the same seed.
inline Tensor random_tensor(Shape shape, std::uint32_t seed, float low = -1, float high = 1) {
  std::mt19937 engine(seed);
  Tensor tensor(DType::Float32, std::move(shape));
  for (float& value : tensor.mutable_data<float>()) {
    value = low + (high - low) * static_cast<float>(engine() >> 8U) * 0x1p-24F;
  }
  return tensor;
}

class Net {
 public:
  explicit Net(std::uint32_t seed = 1) : seed_(seed) {}

  ir::ValueId input(Shape shape) { return graph_.add_input("x", DType::Float32, std::move(shape)); }
  ir::ValueId weight(Shape shape, float low = -1, float high = 1) {
    return constant(random_tensor(std::move(shape), ++seed_, low, high));
  }
  ir::ValueId constant(Tensor content) { return graph_.add_constant("w", std::move(content)); }
  ir::ValueId integers(const std::vector<std::int64_t>& values) {
    return constant(Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
  }
  ir::ValueId scalar(float value) { return constant(Tensor::scalar(value)); }

  // The node's first output.
  ir::ValueId add(ir::Op op, std::vector<ir::ValueId> inputs) {
    return add_many(std::move(op), std::move(inputs), 1).front();
  }
  std::vector<ir::ValueId> add_many(ir::Op op, std::vector<ir::ValueId> inputs,
                                    std::size_t outputs) {
    return graph_[graph_.add_node("", std::move(op), std::move(inputs), outputs)].outputs;
  }
  // Batch normalisation of `channels` with parameters that change something.
  ir::ValueId batch_norm(ir::ValueId x, std::int64_t channels) {
    return add(ir::BatchNormalization{}, {x, weight({channels}, 0.5F, 1.5F), weight({channels}),
                                          weight({channels}), weight({channels}, 0.2F, 2)});
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
  ir::Graph graph_;
  std::uint32_t seed_;
};

inline std::vector<Tensor> random_inputs(const ir::Graph& graph, std::uint32_t seed = 99) {
  std::vector<Tensor> inputs;
  inputs.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) {
    inputs.push_back(random_tensor(graph.type(input.value).shape, ++seed, -2, 2));
  }
  return inputs;
}

// The outputs of one run; a failure of the test if there are none.
template <class Made>
std::vector<Tensor> outputs_of(Made executor, const std::vector<Tensor>& inputs) {
  EXPECT_TRUE(executor) << executor.error().text();
  if (!executor) return {};
  auto outputs = (*executor)->run(inputs);
  EXPECT_TRUE(outputs) << outputs.error().text();
  return outputs ? *std::move(outputs) : std::vector<Tensor>();
}

inline std::vector<Tensor> reference_outputs(const ir::Graph& graph,
                                             const std::vector<Tensor>& inputs) {
  return outputs_of(runtime::make_reference_executor(graph), inputs);
}

// |a − b| ≤ tolerance·max(1, largest |b|) for every element of every tensor; equal for other types.
inline void expect_near(const std::vector<Tensor>& a, const std::vector<Tensor>& b,
                        float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t t = 0; t < a.size(); ++t) {
    ASSERT_EQ(a[t].shape(), b[t].shape());
    if (a[t].dtype() != DType::Float32) {
      EXPECT_EQ(a[t], b[t]) << "output " << t;
      continue;
    }
    const auto x = a[t].data<float>();
    const auto y = b[t].data<float>();
    float scale = 1;
    for (const float value : y) scale = std::max(scale, std::abs(value));
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(x[i], y[i], tolerance * scale) << "output " << t << ", element " << i;
    }
  }
}

}  // namespace sluice::test
