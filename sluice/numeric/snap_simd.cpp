// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap_simd.hpp"

#include "sluice/base/assert.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/numeric/block.hpp"
#include "sluice/numeric/snap_kernels.hpp"

namespace sluice::numeric {
namespace {

constexpr std::int64_t kElementsPerTask = 16384;

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

// So many items of `elements` each are worth a task.
std::int64_t grain(std::int64_t elements) {
  return std::max<std::int64_t>(1, kElementsPerTask / std::max<std::int64_t>(1, elements));
}

struct Task {
  std::span<const std::int64_t> shape;
  const float* in;
  float* out;
  std::int64_t count;
};

// A kernel on consecutive elements, in parallel.
template <class Kernel>
void run_elements(const Task& task, const Kernel& kernel) {
  parallel_for(task.count, kElementsPerTask, [&](std::int64_t begin, std::int64_t end) {
    kernel(task.in + begin, task.out + begin, size(end - begin));
  });
}

void run(const AffineGrid& grid, const Task& task) {
  const SnapKernels& kernels = snap_kernels();
  const auto channels = static_cast<std::int64_t>(grid.scale.size());
  if (channels == 1) {
    run_elements(task, [&](const float* in, float* out, std::size_t n) {
      kernels.affine({grid.scale[0], grid.zero_point[0]}, grid.bits, in, out, n);
    });
    return;
  }
  const std::int64_t inner = num_elements(task.shape.subspan(size(grid.axis) + 1));
  if (inner == 1) {
    parallel_for(task.count / channels, grain(channels), [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t at = begin * channels;
      kernels.affine_channels_last(grid.bits, grid.scale.data(), grid.zero_point.data(),
                                   size(channels), task.in + at, task.out + at,
                                   size((end - begin) * channels));
    });
    return;
  }
  if (task.count == 0) return;
  parallel_for(task.count / inner, grain(inner), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t slice = begin; slice < end; ++slice) {
      const std::size_t c = size(slice % channels);
      kernels.affine({grid.scale[c], grid.zero_point[c]}, grid.bits, task.in + slice * inner,
                     task.out + slice * inner, size(inner));
    }
  });
}

void run(const FixedGrid& grid, const Task& task) {
  const SnapKernels& kernels = snap_kernels();
  run_elements(
      task, [&](const float* in, float* out, std::size_t n) { kernels.fixed(grid, in, out, n); });
}

void snap_block(const BlockGrid& grid, const Block& block, const Task& task) {
  const SnapKernels& kernels = snap_kernels();
  float largest = 0;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::int64_t at = block.offset + row * block.stride;
    largest = kernels.largest(largest, task.in + at, size(block.length));
  }
  const int exponent = block_exponent(largest);
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::int64_t at = block.offset + row * block.stride;
    kernels.block(grid, exponent, task.in + at, task.out + at, size(block.length));
  }
}

void run(const BlockGrid& grid, const Task& task) {
  const Blocks blocks(grid, task.shape);
  if (task.count == 0) return;
  const std::int64_t per_block = task.count / blocks.count();
  if (grid.block != BlockShape::Run) {
    parallel_for(blocks.count(), grain(per_block), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) snap_block(grid, blocks[b], task);
    });
    return;
  }
  const std::int64_t inner = num_elements(task.shape.subspan(size(grid.axis) + 1));
  if (inner == 1) {
    const std::int64_t channels = task.shape[size(grid.axis)];
    parallel_for(task.count / channels, grain(channels), [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t at = begin * channels;
      snap_kernels().block_rows(grid, task.in + at, task.out + at, size(grid.block_size),
                                size(channels), size((end - begin) * channels));
    });
    return;
  }
  // The blocks of one run of channels lie side by side, one a position.
  parallel_for(
      blocks.count() / inner, grain(per_block * inner), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t run = begin; run < end; ++run) {
          const Block block = blocks[run * inner];
          snap_kernels().block_columns(grid, task.in + block.offset, task.out + block.offset,
                                       size(block.rows), size(block.stride), size(inner));
        }
      });
}

}  // namespace

void snap_simd(const Grid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
               std::span<float> out) {
  const std::int64_t count = num_elements(shape);
  SL_ASSERT(in.size() == out.size() && in.size() == size(count),
            "snap of spans that are not of the shape");
  SL_ASSERT(check_grid(grid, shape).has_value(), "snap to a grid that does not fit");
  std::visit([&](const auto& kind) { run(kind, Task{shape, in.data(), out.data(), count}); }, grid);
}

void snap_elements(const Grid& grid, std::span<float> values) noexcept {
  SL_DASSERT(is_elementwise(grid), "snap of loose elements to a grid with channels or blocks");
  if (const auto* fixed = std::get_if<FixedGrid>(&grid)) {
    snap_kernels().fixed(*fixed, values.data(), values.data(), values.size());
  } else {
    snap_channel(*std::get_if<AffineGrid>(&grid), 0, values);
  }
}

void snap_channel(const AffineGrid& grid, std::int64_t channel, std::span<float> values) noexcept {
  const AffineParams params{grid.scale[size(channel)], grid.zero_point[size(channel)]};
  snap_kernels().affine(params, grid.bits, values.data(), values.data(), values.size());
}

void snap_channels_last(int bits, std::span<const float> scale, std::span<const float> zero_point,
                        std::span<float> values) noexcept {
  SL_DASSERT(scale.size() == zero_point.size() && values.size() % scale.size() == 0,
             "channels that do not divide the values");
  snap_kernels().affine_channels_last(bits, scale.data(), zero_point.data(), scale.size(),
                                      values.data(), values.data(), values.size());
}

}  // namespace sluice::numeric
