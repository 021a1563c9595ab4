// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/build.hpp"

#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/hw/build/built.hpp"

namespace sluice::hw {
namespace {

// Values without a type, and inputs of more than one image: with these nothing can be built.
std::vector<Unmappable> unfit(const ir::Graph& network) {
  std::vector<Unmappable> result;
  for (const ir::Value& value : network.values) {
    if (value.type) continue;
    result.push_back({value.name, "value", "it has no type", "infer the network's types first"});
    return result;
  }
  for (const ir::GraphInput& input : network.inputs) {
    const Shape& shape = network.type(input.value).shape;
    if (shape.size() < 2 || shape[0] == 1) continue;
    result.push_back({network[input.value].name, "input", fmt::format("it has {} images", shape[0]),
                      "give the network with a batch of 1; hardware takes images one by one"});
  }
  return result;
}

Built build(const ir::Graph& network, const BuildOptions& options) {
  if (auto refused = unfit(network); !refused.empty()) return {{}, std::move(refused), {}};
  return is_compat(options.rules) ? build_fpgaconvnet(network, options)
                                  : build_own(network, options);
}

}  // namespace

Result<Graph> build_graph(const ir::Graph& network, const BuildOptions& options) {
  Built built = build(network, options);
  if (built.refused.empty()) return std::move(built.graph);
  const Unmappable& first = built.refused.front();
  const std::size_t more = built.refused.size() - 1;
  return Error{ErrorCode::Unsupported,
               fmt::format("{}; {}{}", first.why, first.remedy,
                           more > 0 ? fmt::format(" (and {} more like this)", more) : ""),
               fmt::format("node {} ({})", sluice::quoted(first.node), first.op)};
}

std::vector<Unmappable> unmappable(const ir::Graph& network, const BuildOptions& options) {
  return build(network, options).refused;
}

std::vector<OnHost> left_to_host(const ir::Graph& network, const BuildOptions& options) {
  return build(network, options).on_host;
}

}  // namespace sluice::hw
