// SPDX-License-Identifier: Apache-2.0
// Small networks in the text form, and what is built of them.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "sluice/hw/build/build.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::hw {

inline const std::string kInput = "input %x: float32[1x2x4x4]\n";

// The lines of a graph, with types.
inline ir::Graph network_of(const std::string& lines) {
  auto graph = ir::parse("graph \"test\" {\n" + lines + "\n}");
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  std::vector<Shape> shapes;
  for (const ir::GraphInput& input : graph->inputs) shapes.push_back(input.declared_shape);
  const auto inferred = ir::infer_types(*graph, shapes, runtime::reference::evaluate);
  EXPECT_TRUE(inferred) << inferred.error().text();
  return *std::move(graph);
}

// A constant in that form, every element `value`.
inline std::string filled(const std::string& name, std::initializer_list<int> shape,
                          std::string_view value = "0.5") {
  std::string dims, elements;
  std::size_t count = 1;
  for (const int size : shape) {
    dims += (dims.empty() ? "" : "x") + std::to_string(size);
    count *= static_cast<std::size_t>(size);
  }
  for (std::size_t i = 0; i < count; ++i) {
    elements += (i > 0 ? ", " : "") + std::string(value);
  }
  return "const %" + name + ": float32[" + dims + "] = [" + elements + "]\n";
}

inline Graph built(const std::string& lines, const BuildOptions& options = {}) {
  auto graph = build_graph(network_of(lines), options);
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? *std::move(graph) : Graph();
}

// Of a network of one layer.
inline Layer built_layer(const std::string& lines, const BuildOptions& options = {}) {
  const Graph graph = built(lines, options);
  EXPECT_EQ(graph.size(), 1U);
  return graph.size() == 0 ? Layer() : graph[0].layer;
}

// Why the first node is refused; "" if none is.
inline std::string refusal(const std::string& lines, const BuildOptions& options = {}) {
  const auto refused = unmappable(network_of(lines), options);
  return refused.empty() ? "" : refused[0].why;
}

// "a -> b, b -> c": the edges, in order.
inline std::string edges(const Graph& graph) {
  std::string result;
  for (const Node& node : graph.nodes()) {
    for (const NodeId to : node.successors) {
      result += (result.empty() ? "" : ", ") + node.name + " -> " + graph[to].name;
    }
  }
  return result;
}

inline const BuildOptions kFpgaConvNet{.rules = Rules::FpgaConvNet};

}  // namespace sluice::hw
