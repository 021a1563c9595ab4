// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/zero_statistics.hpp"

#include <map>
#include <mutex>
#include <variant>

#include "sluice/ir/ops/conv.hpp"

namespace sluice::sparse {

struct ZeroStatistics::State {
  std::vector<Layer> layers;
  std::vector<std::unique_ptr<std::mutex>> counting;  // of each layer
  std::vector<Unwatched> unwatched;
  std::map<ir::ValueId, std::vector<std::size_t>> readers;  // of each value: indices of layers
  runtime::Observer observer;

  void add(ir::ValueId value, const Tensor& images) {
    for (const std::size_t layer : readers.at(value)) {
      const std::lock_guard lock(*counting[layer]);
      layers[layer].zeros.add(images);
      if (layers[layer].joint) layers[layer].joint->add(images);
    }
  }
};

ZeroStatistics ZeroStatistics::create(const ir::Graph& graph,
                                      std::optional<std::int64_t> averaged_windows) {
  auto state = std::make_unique<State>();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const ir::Node& node = graph.nodes[i];
    if (!std::holds_alternative<ir::Conv>(node.op)) continue;
    auto conv = conv_windows(graph, node);
    if (!conv) {
      state->unwatched.push_back({node.name, conv.error().message});
      continue;
    }
    state->readers[node.inputs[0]].push_back(state->layers.size());
    std::optional<JointZeros> joint;
    if (averaged_windows) joint.emplace(*conv, *averaged_windows);
    state->layers.push_back(
        {static_cast<ir::NodeId>(i), node.name, ZeroCounter(*std::move(conv)), std::move(joint)});
    state->counting.push_back(std::make_unique<std::mutex>());
  }
  state->observer.values.reserve(state->readers.size());
  for (const auto& [value, layers] : state->readers) state->observer.values.push_back(value);
  state->observer.is_concurrent = true;
  state->observer.on_value = [to = state.get()](ir::ValueId value, std::int64_t,
                                                const Tensor& images) { to->add(value, images); };
  return ZeroStatistics(std::move(state));
}

ZeroStatistics::ZeroStatistics(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZeroStatistics::ZeroStatistics(ZeroStatistics&&) noexcept = default;
ZeroStatistics& ZeroStatistics::operator=(ZeroStatistics&&) noexcept = default;
ZeroStatistics::~ZeroStatistics() = default;

const runtime::Observer& ZeroStatistics::observer() const {
  return state_->observer;
}

const std::vector<ZeroStatistics::Layer>& ZeroStatistics::layers() const {
  return state_->layers;
}

const std::vector<ZeroStatistics::Unwatched>& ZeroStatistics::unwatched() const {
  return state_->unwatched;
}

}  // namespace sluice::sparse
