// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/streams.hpp"

#include "sluice/hw/build/widths.hpp"

namespace sluice::hw {

bool Streams::set_host(ir::ValueId value) {
  const auto plain = plain_tensor(network_.type(value).shape);
  if (!plain) return false;
  set(value, {{Maker::kHost, 0, value}, plain->map, plain->view});
  return true;
}

std::optional<FeatureMap> Streams::plain(ir::ValueId value) {
  const ValueStream* stream = find(value);
  const Shape& shape = network_.type(value).shape;
  const auto plain = plain_tensor(shape);
  if (stream == nullptr || !plain) return std::nullopt;
  if (stream->view != plain->view) {
    const auto groups = shuffled_groups(stream->view, shape);
    if (!groups) return std::nullopt;
    shuffle(value, *groups);
  }
  return plain->map;
}

void Streams::shuffle(ir::ValueId value, std::int64_t groups) {
  const ir::Node& node = network_[ir::producers(network_)[static_cast<std::size_t>(value)]];
  const auto plain = plain_tensor(network_.type(value).shape);
  DraftLayer layer;
  layer.node.name = node.name;
  layer.node.source = {.node = node.name,
                       .inputs = {network_[node.inputs[0]].name},
                       .outputs = {network_[value].name}};
  layer.node.layer.map = plain->map;
  layer.node.layer.is_3d = plain->map.depth > 1;
  layer.node.layer.data = word_type(network_, value, node, options_);
  layer.node.layer.operation = Shuffle{groups};
  layer.inputs = {find(value)->maker};
  draft_.layers.push_back(std::move(layer));
  set(value, {{draft_.layers.size() - 1, 0, ir::kNoValue}, plain->map, plain->view});
}

}  // namespace sluice::hw
