// SPDX-License-Identifier: Apache-2.0
// Networks of the zoo in tests: run by the readable kernels, and looked up by name.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <string_view>
#include <vector>

#include "tests/support/net.hpp"

#include "sluice/zoo/catalog.hpp"

namespace sluice::zoo {

// Of a build that must succeed.
inline Network built(std::string_view name, const Options& options = {}) {
  auto network = build(name, options);
  EXPECT_TRUE(network) << network.error().text();
  return network ? *std::move(network) : Network();
}

inline ir::Graph typed(const Network& network) {
  ir::Graph graph = network.graph;
  const auto shapes = ir::input_shapes(graph, 1);
  EXPECT_TRUE(shapes) << shapes.error().text();
  const auto inferred = ir::infer_types(graph, *shapes, runtime::reference::evaluate);
  EXPECT_TRUE(inferred) << inferred.error().text();
  const auto verified = ir::verify(graph);
  EXPECT_TRUE(verified) << verified.error().text();
  return graph;
}

// What the node of that name makes of the input.
inline Tensor value_of(const Network& network, std::string_view node, const Tensor& input) {
  ir::Graph graph = typed(network);
  const auto found = std::ranges::find(graph.nodes, node, &ir::Node::name);
  EXPECT_NE(found, graph.nodes.end()) << node;
  if (found == graph.nodes.end()) return {};
  graph.outputs = {found->outputs[0]};
  return test::reference_outputs(graph, {input}).at(0);
}

inline std::int64_t parameters_of(const std::vector<Count>& groups, std::string_view name) {
  const auto group = std::ranges::find(groups, name, &Count::name);
  return group == groups.end() ? -1 : group->parameters;
}
inline std::int64_t macs_of(const std::vector<Count>& groups, std::string_view name) {
  const auto group = std::ranges::find(groups, name, &Count::name);
  return group == groups.end() ? -1 : group->macs;
}

// The network's parameter of that name, or null.
inline const Parameter* find_parameter(const Network& network, std::string_view name) {
  const auto found = std::ranges::find(network.parameters, name, &Parameter::name);
  return found == network.parameters.end() ? nullptr : &*found;
}

}  // namespace sluice::zoo
