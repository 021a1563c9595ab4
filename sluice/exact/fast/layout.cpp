// SPDX-License-Identifier: Apache-2.0
// Operators that move codes: as little as their order asks for.
#include "sluice/ir/ops/layout.hpp"

#include <algorithm>
#include <cstring>

#include "sluice/exact/fast/ops.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::exact::fast {
namespace {

bool keeps_quantization(const ir::Node& node, const Planner& planner) {
  const auto& common = planner.graph()[node.outputs[0]].quantization;
  return std::ranges::all_of(node.inputs, [&](ir::ValueId id) {
    return id == ir::kNoValue || !planner.graph()[id].quantization ||
           planner.graph()[id].quantization == common;
  });
}

}  // namespace

Result<bool> plan_op(const ir::Reshape& /*op*/, const ir::Node& node, Planner& planner) {
  if (!planner.is_codes(node.inputs[0]) || !keeps_quantization(node, planner)) return false;
  planner.set(node.outputs[0], Order::RowMajor, planner.read(node.inputs[0], Order::RowMajor));
  return true;
}

// [N, H, W, C] row-major is [N, C, H, W] channels last, and the other way round.
Result<bool> plan_op(const ir::Transpose& op, const ir::Node& node, Planner& planner) {
  static const ir::Integers kToChannelsFirst = {0, 3, 1, 2};
  static const ir::Integers kToChannelsLast = {0, 2, 3, 1};
  const ir::ValueId input = node.inputs[0];
  if (!planner.is_image(input) || !keeps_quantization(node, planner)) return false;
  if (op.permutation == kToChannelsFirst) {
    planner.set(node.outputs[0], Order::ChannelsLast, planner.read(input, Order::RowMajor));
    return true;
  }
  if (op.permutation == kToChannelsLast) {
    planner.set(node.outputs[0], Order::RowMajor, planner.read(input, Order::ChannelsLast));
    return true;
  }
  return false;
}

// Along the channels of images.
Result<bool> plan_op(const ir::Concat& op, const ir::Node& node, Planner& planner) {
  const ir::ValueId output = node.outputs[0];
  if (!planner.is_image(output) || op.axis != 1 || !keeps_quantization(node, planner)) return false;
  struct Part {
    BufferId buffer;
    std::size_t channels;
  };
  std::vector<Part> parts;
  std::vector<BufferId> uses;
  for (const ir::ValueId id : node.inputs) {
    if (!planner.is_image(id)) return false;
    parts.push_back(
        {planner.read(id, Order::ChannelsLast), static_cast<std::size_t>(planner.shape(id)[1])});
    uses.push_back(parts.back().buffer);
  }
  const BufferId y = planner.make(output, Order::ChannelsLast);
  uses.push_back(y);
  const Shape& shape = planner.shape(output);
  const std::int64_t pixels = shape[0] * shape[2] * shape[3];
  planner.add_step(std::move(uses), [=](Addresses addresses) -> Status {
    std::byte* to = at(addresses, y);
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      for (const Part& part : parts) {
        const std::byte* from =
            at(addresses, part.buffer) + static_cast<std::size_t>(pixel) * part.channels;
        std::memcpy(to, from, part.channels);
        to += part.channels;
      }
    }
    return {};
  });
  return true;
}

}  // namespace sluice::exact::fast
