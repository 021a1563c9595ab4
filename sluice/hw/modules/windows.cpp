// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sluice/hw/memory_blocks.hpp"
#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

// FIFOs side by side.
struct Buffers {
  std::int64_t depth, width_bits, count;

  [[nodiscard]] std::int64_t bram18() const {
    return count * bram18_blocks(depth, real(width_bits), MemoryKind::Fifo);
  }
  // What is in no block RAM is in LUTs.
  [[nodiscard]] std::int64_t lutram() const {
    return bram18() > 0 ? 0 : count * lutram_arrays(depth, width_bits);
  }
};

FeatureMap padded(const FeatureMap& map, const Padding& by) {
  return {map.rows + by.top + by.bottom, map.cols + by.left + by.right,
          map.depth + by.front + by.back, map.channels};
}

// The buffers before the windows: of whole lines, of windows within a line, in three dimensions of
// what lies within these, and of the window itself.
struct WindowBuffers {
  Buffers line, window, tensor, frame;

  explicit WindowBuffers(const SlidingWindow& of) {
    const FeatureMap around = padded(of.stream.map, of.padding);
    const std::int64_t word_bits = of.stream.streams * of.stream.data_bits;
    const auto [k0, k1, k2] = std::array{of.kernel.rows, of.kernel.cols, of.kernel.depth};
    const std::int64_t channels = around.channels;
    const std::int64_t within = of.stream.is_3d ? channels * around.depth : channels;
    const Extent& apart = of.dilation;
    line = {within * around.cols * apart.rows, (k0 - 1) * word_bits, 1};
    window = {within * apart.cols, (k1 - 1) * word_bits, k0};
    tensor = of.stream.is_3d ? Buffers{channels * apart.depth, (k2 - 1) * word_bits, k0 * k1}
                             : Buffers{0, 0, 0};
    frame = {2, word_bits, of.kernel.size()};
  }

  [[nodiscard]] std::int64_t bram18() const {
    return line.bram18() + window.bram18() + tensor.bram18() + frame.bram18();
  }
  [[nodiscard]] std::int64_t lutram() const {
    return line.lutram() + window.lutram() + tensor.lutram() + frame.lutram();
  }
};

ModuleResources count_2d(const SlidingWindow& of, const WindowBuffers& buffers,
                         const Coefficients& by) {
  const FeatureMap& map = of.stream.map;
  const double bits = real(of.stream.streams * of.stream.data_bits);
  const double k0 = real(of.kernel.rows);
  const double k1 = real(of.kernel.cols);
  const std::array logic_lut{bits, k0 - 1, k0 * (k1 - 1), bits * (k0 - 1), bits * k0 * (k1 - 1)};
  const std::array lut_ram{real(buffers.line.lutram()), real(buffers.window.lutram()),
                           real(buffers.frame.lutram())};
  const std::array lut_sr{1.0};
  const std::array ff{real(count_bits(map.rows)),
                      real(count_bits(map.cols)),
                      real(count_bits(map.channels)),
                      bits,
                      bits * k0 * k1,
                      k0 * k1,
                      bits * (k0 - 1),
                      bits * k0 * (k1 - 1),
                      k0 * k1,
                      1.0};
  return count(by, Regression::SlidingWindow, {logic_lut, lut_ram, lut_sr, ff});
}

ModuleResources count_3d(const SlidingWindow& of, const WindowBuffers& buffers,
                         const Coefficients& by) {
  const FeatureMap& map = of.stream.map;
  const double bits = real(of.stream.streams * of.stream.data_bits);
  const auto [k0, k1, k2] =
      std::array{real(of.kernel.rows), real(of.kernel.cols), real(of.kernel.depth)};
  const double line = real(buffers.line.width_bits);
  const double window = real(buffers.window.width_bits);
  const double tensor = real(buffers.tensor.width_bits);
  const double frame = real(buffers.frame.width_bits);
  const std::array counts{real(count_bits(map.rows)), real(count_bits(map.cols)),
                          real(count_bits(map.channels)), real(count_bits(map.depth))};
  const std::array logic_lut{real(of.stream.data_bits),
                             counts[0],
                             counts[1],
                             counts[2],
                             counts[3],
                             k0 - 1,
                             k0 - 2,
                             line,
                             k0 * (k1 - 1),
                             k0 * (k1 - 2),
                             k0,
                             k0 * window,
                             k0 * k1 * (k2 - 1),
                             k0 * k1 * (k2 - 2),
                             k0 * k1,
                             k0 * k1 * tensor,
                             k0 * k1 * k2,
                             1.0};
  const std::array lut_ram{real(buffers.line.lutram()),
                           real(buffers.window.lutram()),
                           real(buffers.tensor.lutram()),
                           real(buffers.frame.lutram()),
                           0.0,
                           1.0};
  const std::array lut_sr{1.0};
  const std::array ff{counts[0],
                      counts[1],
                      counts[2],
                      counts[3],
                      bits,
                      bits * k0 * k1 * k2,
                      k0 * k1 * k2,
                      line,
                      k0 * window,
                      k0 * k1 * tensor,
                      k0 * k1 * k2 * frame,
                      1.0};
  return count(by, Regression::SlidingWindow3d, {logic_lut, lut_ram, lut_sr, ff});
}

}  // namespace

Timing Pad::timing() const {
  const FeatureMap& map = stream.map;
  const FeatureMap out = padded(map, padding);
  return timing_of(map, out, real(map.positions()) / real(out.positions()), 1);
}

Timing SlidingWindow::timing() const {
  const FeatureMap& map = stream.map;
  const FeatureMap around = padded(map, padding);
  const Extent window = dilated(kernel, dilation);
  const auto positions = [](std::int64_t size, std::int64_t covered, std::int64_t by) {
    return (size - covered + by) / by;
  };
  FeatureMap out = map;
  out.rows = positions(around.rows, window.rows, step.rows);
  out.cols = positions(around.cols, window.cols, step.cols);
  if (stream.is_3d) out.depth = positions(around.depth, window.depth, step.depth);
  // What must have come before the first window has.
  const std::int64_t channels = map.channels;
  std::int64_t waits = 0;
  if (stream.is_3d) {
    waits = around.cols * around.depth * channels * (window.rows - 1) +
            around.depth * channels * (window.cols - 1) + channels * (window.depth - 1) -
            (padding.top * map.cols * map.depth * channels + padding.front * map.cols * channels +
             padding.left * channels);
  } else {
    waits = (window.rows - 1) * around.cols * channels + (window.cols - 1) * channels -
            (padding.top * map.cols * channels + padding.left * channels);
  }
  return timing_of(map, out, real(map.positions()) / real(around.positions()),
                   real(out.positions()) / real(map.positions()), waits);
}

std::int64_t SlidingWindow::line_bram18() const {
  return WindowBuffers(*this).line.bram18();
}

ModuleResources SlidingWindow::resources(const Coefficients& by) const {
  const WindowBuffers buffers(*this);
  ModuleResources result =
      stream.is_3d ? count_3d(*this, buffers, by) : count_2d(*this, buffers, by);
  // fpgaConvNet's counts an array of the buffers as a LUT.
  if (is_compat(stream.rules)) {
    result.lut = result.logic_lut + result.lut_sr + buffers.lutram();
  }
  result.bram18 = buffers.bram18();
  return result;
}

}  // namespace sluice::hw
