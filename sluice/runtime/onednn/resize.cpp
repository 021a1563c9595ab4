// SPDX-License-Identifier: Apache-2.0
// Resize of the spatial dimensions, one output row at a time, in whatever layout the value has:
// rows of columns of `width` floats, which are a channel block's or one channel's.
#include <algorithm>
#include <array>

#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/onednn/tail.hpp"
#include "sluice/runtime/parallel.hpp"
#include "sluice/runtime/reference/resize_taps.hpp"

namespace sluice::runtime::onednn {
namespace {

using reference::AxisTaps;
using reference::ResizeTap;

// Nearest as interpolation with one tap.
AxisTaps taps_of(const ir::Resize& op, const ir::ResizeAxis& axis) {
  if (op.mode != ir::ResizeMode::Nearest) return reference::interpolation_taps(op, axis, {});
  AxisTaps taps;
  for (const std::int32_t source : reference::nearest_map(op, axis, {})) {
    taps.taps.push_back({source, 1});
    taps.begin.push_back(taps.taps.size());
  }
  return taps;
}

struct Resampling {
  BufferId from, to;
  std::int64_t planes = 1;              // images by channel groups
  std::int64_t width = 1;               // floats a column
  std::array<std::int64_t, 3> input{};  // depth, height, columns
  std::array<AxisTaps, 3> taps;

  std::int64_t output(std::size_t d) const {
    return static_cast<std::int64_t>(taps[d].begin.size()) - 1;
  }

  void run(Addresses at) const {
    const auto* x = reinterpret_cast<const float*>(at[index(from)]);
    auto* y = reinterpret_cast<float*>(at[index(to)]);
    const std::int64_t rows = output(0) * output(1);
    for_ranges(planes * rows, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> mixed(static_cast<std::size_t>(input[2] * width));
      for (std::int64_t row = begin; row < end; ++row) {
        const float* plane = x + row / rows * input[0] * input[1] * input[2] * width;
        const float* source = mixed_row(plane, row % rows, mixed);
        resample_columns(source, y + row * output(2) * width);
      }
    });
  }

  // The input row that the output row is made of: one of x's, or a weighted sum in `mixed`.
  const float* mixed_row(const float* plane, std::int64_t row, std::vector<float>& mixed) const {
    const auto depth = taps[0].of(row / output(1));
    const auto height = taps[1].of(row % output(1));
    const auto at = [&](const ResizeTap& d, const ResizeTap& h) {
      return plane + (d.index * input[1] + h.index) * input[2] * width;
    };
    if (depth.size() == 1 && height.size() == 1) return at(depth[0], height[0]);
    std::ranges::fill(mixed, 0.0F);
    for (const ResizeTap& d : depth) {
      for (const ResizeTap& h : height) {
        const auto weight = static_cast<float>(d.weight * h.weight);
        const float* from_row = at(d, h);
        for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] += weight * from_row[i];
      }
    }
    return mixed.data();
  }

  void resample_columns(const float* source, float* target) const {
    for (std::int64_t column = 0; column < output(2); ++column, target += width) {
      const auto list = taps[2].of(column);
      const float* first = source + list[0].index * width;
      if (list.size() == 1) {
        std::copy_n(first, width, target);
        continue;
      }
      const auto first_weight = static_cast<float>(list[0].weight);
      for (std::int64_t i = 0; i < width; ++i) target[i] = first_weight * first[i];
      for (const ResizeTap& tap : list.subspan(1)) {
        const auto weight = static_cast<float>(tap.weight);
        const float* from_column = source + tap.index * width;
        for (std::int64_t i = 0; i < width; ++i) target[i] += weight * from_column[i];
      }
    }
  }
};

// The same layout for other sizes, and how many channels lie side by side in it.
struct ColumnLayout {
  std::int64_t width = 1;
  Desc (*desc)(const Dims& dims);
};

std::optional<ColumnLayout> column_layout(const Desc& desc) {
  const Dims dims = desc.dims();
  if (is_plain(desc)) return ColumnLayout{1, plain_desc};
  if (is_channels_last(desc)) return ColumnLayout{dims[1], channels_last_desc};
  if (desc == blocked_desc(dims, 16)) {
    return ColumnLayout{16, [](const Dims& d) { return blocked_desc(d, 16); }};
  }
  if (desc == blocked_desc(dims, 8)) {
    return ColumnLayout{8, [](const Dims& d) { return blocked_desc(d, 8); }};
  }
  return std::nullopt;
}

// Scales and sizes as the shape rule read them.
Result<std::vector<ir::ResizeAxis>> axes_of(const ir::Resize& op, const Planner& planner,
                                            ir::NodeId id) {
  const Tensor* scales = planner.constant(planner.input(id, 2));
  const Tensor* sizes = planner.constant(planner.input(id, 3));
  std::span<const float> scale_list;
  std::span<const std::int64_t> size_list;
  if (scales != nullptr) scale_list = scales->data<float>();
  if (sizes != nullptr && sizes->dtype() == DType::Int64) size_list = sizes->data<std::int64_t>();
  return ir::resolve_resize(op, planner.shape(planner.input(id, 0)), scale_list, size_list);
}

bool is_covered_resize(const ir::Resize& op, const Planner& planner, ir::NodeId id) {
  const ir::ValueId x = planner.input(id, 0);
  const std::size_t rank = planner.shape(x).size();
  const auto known = [&](std::size_t i) {
    return planner.input(id, i) == ir::kNoValue ||
           planner.constant(planner.input(id, i)) != nullptr;
  };
  return planner.is_float(x) && is_describable(planner.shape(x)) && rank >= 3 && rank <= 5 &&
         is_describable(planner.shape(planner.node(id).outputs[0])) &&
         op.coordinate_mode != ir::CoordinateMode::TfCropAndResize && known(2) && known(3);
}

}  // namespace

Result<bool> plan(const ir::Resize& op, Planner& planner, ir::NodeId id) {
  if (!is_covered_resize(op, planner, id)) return false;
  SL_TRY(const auto axes, axes_of(op, planner, id));
  if (axes[0].input != axes[0].output || axes[1].input != axes[1].output) return false;
  const ir::ValueId x = planner.input(id, 0);
  Placed from = planner.placed(x);
  if (!column_layout(from.desc)) from = planner.as_plain(x);
  const ColumnLayout layout = *column_layout(from.desc);
  Resampling resampling{.from = from.buffer, .width = layout.width};
  const Dims dims = from.desc.dims();
  resampling.planes = dims[0] * ((dims[1] + resampling.width - 1) / resampling.width);
  // Missing outer dimensions have one position.
  for (std::size_t d = 0; d < 3; ++d) {
    const std::size_t missing = 5 - dims.size();
    resampling.input[d] = d < missing ? 1 : dims[d + 2 - missing];
    resampling.taps[d] =
        d < missing ? AxisTaps{{{0, 1}}, {0, 1}} : taps_of(op, axes[d + 2 - missing]);
  }
  const Dims result = dims_of(planner.shape(planner.node(id).outputs[0]));
  const Placed to = planner.add_placed(layout.desc(result));
  resampling.to = to.buffer;
  planner.add_call(id, {from.buffer, to.buffer},
                   [resampling = std::move(resampling)](Addresses at) -> Status {
                     resampling.run(at);
                     return {};
                   });
  planner.define(planner.node(id).outputs[0], to);
  return true;
}

}  // namespace sluice::runtime::onednn
