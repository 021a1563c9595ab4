// SPDX-License-Identifier: Apache-2.0
// Operators that move codes: as little as their order asks for.
#include "sluice/ir/ops/layout.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/fast/pad_step.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/known.hpp"

namespace sluice::exact::fast {
namespace {

bool keeps_quantization(const ir::Node& node, const Planner& planner) {
  const auto& common = planner.graph()[node.outputs[0]].quantization;
  return std::ranges::all_of(node.inputs, [&](ir::ValueId id) {
    return id == ir::kNoValue || !planner.graph()[id].quantization ||
           planner.graph()[id].quantization == common;
  });
}

// Quantized to 8 or 16 bits, with one scale.
bool has_movable_codes(ir::ValueId id, const Planner& planner) {
  return planner.is_wide_codes(id) && !planner.graph()[id].quantization->is_per_channel();
}
bool is_movable_image(ir::ValueId id, const Planner& planner) {
  return has_movable_codes(id, planner) && planner.is_wide_image(id);
}

std::int64_t code_bytes_of(ir::ValueId id, const Planner& planner) {
  return exact::code_bytes(planner.graph().type(id).dtype);
}

}  // namespace

// Of images, with zeros around them in height and width.
Result<bool> plan_op(const ir::Pad& op, const ir::Node& node, Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const Tensor* pads = planner.constant(node.inputs[1]);
  const bool has_value = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  if (op.mode != ir::PadMode::Constant || !is_movable_image(input, planner) || pads == nullptr ||
      has_value || node.inputs.size() > 3 || !keeps_quantization(node, planner)) {
    return false;
  }
  const Shape& shape = planner.shape(input);
  SL_TRY(const ir::Integers list, ir::integers(*pads, "pads"));
  SL_TRY(const auto ranges, ir::resolve_pad(shape, op.mode, list, std::nullopt));
  for (std::size_t d = 0; d < ranges.size(); ++d) {
    const bool is_whole = ranges[d].kept == shape[d];
    const bool is_bare = ranges[d].begin == 0 && ranges[d].end == 0;
    if (!is_whole || (d < 2 && !is_bare)) return false;
  }
  const auto zero_point =
      static_cast<std::uint16_t>(planner.graph()[input].quantization->zero_points[0]);
  const std::int64_t pixel_bytes = shape[1] * code_bytes_of(input, planner);
  const PadStep step{.images = shape[0],
                     .rows = shape[2],
                     .row_bytes = shape[3] * pixel_bytes,
                     .top = ranges[2].begin,
                     .bottom = ranges[2].end,
                     .left_bytes = ranges[3].begin * pixel_bytes,
                     .right_bytes = ranges[3].end * pixel_bytes,
                     .zero_point = {static_cast<std::byte>(zero_point & 0xFF),
                                    static_cast<std::byte>(zero_point >> 8)},
                     .is_wide = !planner.is_codes(input),
                     .threads = planner.threads()};
  const BufferId x = planner.read(input, Order::ChannelsLast);
  const BufferId y = planner.make(node.outputs[0], Order::ChannelsLast);
  planner.add_step({x, y}, [=](Addresses addresses) -> Status {
    step.run(at(addresses, x), at(addresses, y));
    return {};
  });
  return true;
}

namespace {

// Of an operator that leaves a row-major value's bytes as they are.
bool plan_same_bytes(const ir::Node& node, Planner& planner) {
  if (!has_movable_codes(node.inputs[0], planner) || !keeps_quantization(node, planner)) {
    return false;
  }
  planner.set(node.outputs[0], Order::RowMajor, planner.read(node.inputs[0], Order::RowMajor));
  return true;
}

}  // namespace

Result<bool> plan_op(const ir::Flatten& /*op*/, const ir::Node& node, Planner& planner) {
  return plan_same_bytes(node, planner);
}
Result<bool> plan_op(const ir::Reshape& /*op*/, const ir::Node& node, Planner& planner) {
  return plan_same_bytes(node, planner);
}
Result<bool> plan_op(const ir::Squeeze& /*op*/, const ir::Node& node, Planner& planner) {
  return plan_same_bytes(node, planner);
}
Result<bool> plan_op(const ir::Unsqueeze& /*op*/, const ir::Node& node, Planner& planner) {
  return plan_same_bytes(node, planner);
}

// [N, H, W, C] row-major is [N, C, H, W] channels last, and the other way round.
Result<bool> plan_op(const ir::Transpose& op, const ir::Node& node, Planner& planner) {
  static const ir::Integers kToChannelsFirst = {0, 3, 1, 2};
  static const ir::Integers kToChannelsLast = {0, 2, 3, 1};
  const ir::ValueId input = node.inputs[0];
  if (!is_movable_image(input, planner) || !keeps_quantization(node, planner)) return false;
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
  if (!is_movable_image(output, planner) || op.axis != 1 || !keeps_quantization(node, planner)) {
    return false;
  }
  struct Part {
    BufferId buffer;
    std::size_t pixel_bytes;
  };
  std::vector<Part> parts;
  std::vector<BufferId> uses;
  for (const ir::ValueId id : node.inputs) {
    if (!is_movable_image(id, planner)) return false;
    parts.push_back({planner.read(id, Order::ChannelsLast),
                     static_cast<std::size_t>(planner.shape(id)[1] * code_bytes_of(id, planner))});
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
            at(addresses, part.buffer) + static_cast<std::size_t>(pixel) * part.pixel_bytes;
        std::memcpy(to, from, part.pixel_bytes);
        to += part.pixel_bytes;
      }
    }
    return {};
  });
  return true;
}

namespace {

// For each output position of height and width the input position it is a copy of, and a range of
// channels.
struct PickStep {
  std::int64_t images;
  std::int64_t input_positions, input_channels;
  std::int64_t first_channel, num_channels;
  std::int64_t code_bytes;
  std::vector<std::int64_t> positions;

  void run(const std::byte* from, std::byte* to) const {
    const auto size = static_cast<std::size_t>(num_channels * code_bytes);
    const std::int64_t pixel_bytes = input_channels * code_bytes;
    for (std::int64_t n = 0; n < images; ++n) {
      const std::byte* image =
          from + n * input_positions * pixel_bytes + first_channel * code_bytes;
      for (const std::int64_t position : positions) {
        std::memcpy(to, image + position * pixel_bytes, size);
        to += size;
      }
    }
  }
};

// The positions of one plane, numbered, as the reference kernel moves them.
Result<std::vector<std::int64_t>> resized_positions(const ir::Node& node, const Planner& planner) {
  const Shape& from = planner.shape(node.inputs[0]);
  const Shape& to = planner.shape(node.outputs[0]);
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(from[2] * from[3]));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<Tensor> inputs(node.inputs.size());
  inputs[0] = Tensor::from<std::int32_t>({1, 1, from[2], from[3]}, numbers);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (node.inputs[i] != ir::kNoValue) inputs[i] = *planner.constant(node.inputs[i]);
  }
  SL_TRY(const Tensor moved, planner.evaluate_on(node, inputs, {1, 1, to[2], to[3]},
                                                 numeric::Quantization{.dtype = DType::Int32}));
  return numeric::to_integers(moved);
}

void add_pick_step(PickStep made, const ir::Node& node, Planner& planner) {
  const auto step = std::make_shared<const PickStep>(std::move(made));
  const BufferId x = planner.read(node.inputs[0], Order::ChannelsLast);
  const BufferId y = planner.make(node.outputs[0], Order::ChannelsLast);
  planner.add_step({x, y}, [=](Addresses addresses) -> Status {
    step->run(at(addresses, x), at(addresses, y));
    return {};
  });
}

}  // namespace

// Of images, channels in a row.
Result<bool> plan_op(const ir::Slice& /*op*/, const ir::Node& node, Planner& planner) {
  // With a scale a channel, all channels stay: the output has the same scales.
  if (!planner.has_codes_for_numbers(node) || !keeps_quantization(node, planner)) return false;
  const auto list = [&](std::size_t i) {
    return runtime::known_integers(planner.graph(),
                                   i < node.inputs.size() ? node.inputs[i] : ir::kNoValue);
  };
  const auto starts = list(1);
  const auto ends = list(2);
  if (!starts || !ends) return false;
  const Shape& shape = planner.shape(node.inputs[0]);
  SL_TRY(const auto ranges, ir::resolve_slice(shape, {*starts, *ends, list(3), list(4)}));
  if (ranges[1].step != 1 || ranges[0].begin != 0 || ranges[0].size != shape[0]) return false;
  PickStep step{.images = shape[0],
                .input_positions = shape[2] * shape[3],
                .input_channels = shape[1],
                .first_channel = ranges[1].begin,
                .num_channels = ranges[1].size,
                .code_bytes = code_bytes_of(node.inputs[0], planner)};
  for (std::int64_t y = 0; y < ranges[2].size; ++y) {
    for (std::int64_t x = 0; x < ranges[3].size; ++x) {
      step.positions.push_back((ranges[2].begin + y * ranges[2].step) * shape[3] + ranges[3].begin +
                               x * ranges[3].step);
    }
  }
  add_pick_step(std::move(step), node, planner);
  return true;
}

// To the nearest, of images in height and width.
Result<bool> plan_op(const ir::Resize& op, const ir::Node& node, Planner& planner) {
  if (op.mode != ir::ResizeMode::Nearest ||
      op.coordinate_mode == ir::CoordinateMode::TfCropAndResize ||
      !planner.has_codes_for_numbers(node) || !keeps_quantization(node, planner)) {
    return false;
  }
  const Shape& from = planner.shape(node.inputs[0]);
  const Shape& to = planner.shape(node.outputs[0]);
  const bool is_known = std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](auto id) {
    return id == ir::kNoValue || planner.constant(id) != nullptr;
  });
  // Sizes of all four dimensions would not fit one plane.
  if (!is_known || op.axes != std::vector<std::int64_t>{2, 3} || from[0] != to[0] ||
      from[1] != to[1]) {
    return false;
  }
  const auto positions = resized_positions(node, planner);
  if (!positions) return false;
  add_pick_step({.images = from[0],
                 .input_positions = from[2] * from[3],
                 .input_channels = from[1],
                 .first_channel = 0,
                 .num_channels = from[1],
                 .code_bytes = code_bytes_of(node.inputs[0], planner),
                 .positions = *positions},
                node, planner);
  return true;
}

}  // namespace sluice::exact::fast
