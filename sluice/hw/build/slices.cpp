// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/slices.hpp"

#include <algorithm>

#include "sluice/hw/build/constants.hpp"

namespace sluice::hw {
namespace {

bool takes_all(const ir::SliceRange& range, std::int64_t size) {
  return range.begin == 0 && range.step == 1 && range.size == size;
}

struct ChannelPart {
  std::int64_t begin, size;
  ir::NodeId node;
};

// The channels that a Slice takes, if nothing else is cut.
std::optional<ChannelPart> part_of(const ir::Graph& network, ir::NodeId id) {
  const ir::Node& node = network[id];
  if (!ir::is<ir::Slice>(node.op)) return std::nullopt;
  const Shape& shape = network.type(node.inputs[0]).shape;
  const auto ranges = ranges_of(network, node);
  if (!ranges || shape.size() < 2) return std::nullopt;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d != 1 && !takes_all((*ranges)[d], shape[d])) return std::nullopt;
  }
  const ir::SliceRange& channels = (*ranges)[1];
  if (channels.step != 1 || channels.size == shape[1]) return std::nullopt;
  return ChannelPart{channels.begin, channels.size, id};
}

}  // namespace

std::optional<std::vector<ir::SliceRange>> ranges_of(const ir::Graph& network,
                                                     const ir::Node& slice) {
  ir::SliceRequest request;
  const auto at = [&](std::size_t i) {
    return i < slice.inputs.size() ? slice.inputs[i] : ir::kNoValue;
  };
  const auto starts = integers_of(network, at(1));
  const auto ends = integers_of(network, at(2));
  if (!starts || !ends) return std::nullopt;
  request.starts = *starts;
  request.ends = *ends;
  request.axes = integers_of(network, at(3));
  request.steps = integers_of(network, at(4));
  if ((at(3) != ir::kNoValue && !request.axes) || (at(4) != ir::kNoValue && !request.steps)) {
    return std::nullopt;
  }
  auto ranges = ir::resolve_slice(network.type(slice.inputs[0]).shape, request);
  if (!ranges) return std::nullopt;
  return *std::move(ranges);
}

std::vector<ir::NodeId> parts_of(const ir::Graph& network, std::span<const ir::NodeId> readers) {
  std::vector<ChannelPart> parts;
  for (const ir::NodeId reader : readers) {
    if (const auto part = part_of(network, reader)) parts.push_back(*part);
  }
  std::ranges::stable_sort(parts, {}, &ChannelPart::begin);
  std::vector<ir::NodeId> result;
  std::int64_t next = 0;
  for (const ChannelPart& part : parts) {
    if (part.begin < next) continue;  // taken twice
    if (part.begin > next) return {};
    next += part.size;
    result.push_back(part.node);
  }
  if (parts.empty()) return {};
  const std::int64_t channels = network.type(network[parts[0].node].inputs[0]).shape[1];
  return next == channels ? result : std::vector<ir::NodeId>();
}

}  // namespace sluice::hw
