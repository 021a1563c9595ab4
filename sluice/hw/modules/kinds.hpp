// SPDX-License-Identifier: Apache-2.0
// The kinds of modules that layers are chains of. Rates, latencies, depths and features are those
// of fpgaConvNet's modules (fpgaconvnet-model, 2024), in two and three dimensions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/hw/modules/module.hpp"

namespace sluice::hw {

// A window's extent or step; depth is 1 in two dimensions.
struct Extent {
  std::int64_t rows = 1, cols = 1, depth = 1;
  [[nodiscard]] std::int64_t size() const { return rows * cols * depth; }
  friend bool operator==(const Extent&, const Extent&) = default;
};

// What a window covers whose words are so far apart.
[[nodiscard]] constexpr Extent dilated(const Extent& kernel, const Extent& by) {
  return {(kernel.rows - 1) * by.rows + 1, (kernel.cols - 1) * by.cols + 1,
          (kernel.depth - 1) * by.depth + 1};
}

struct Padding {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0, front = 0, back = 0;
  friend bool operator==(const Padding&, const Padding&) = default;
};

// ---- windows

// Zeros around the feature map.
struct Pad {
  Stream stream;
  Padding padding;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const {
    return count_by_bits(by, Regression::Pad, stream);
  }
};

// The windows of a feature map, from buffers of lines and of what lies within them.
struct SlidingWindow {
  Stream stream;
  Extent kernel, step;
  Padding padding;
  Extent dilation = {};  // from word to word of a window
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
  // Of the buffer of lines alone.
  [[nodiscard]] std::int64_t line_bram18() const;
};

// ---- products

// Copies of a window for several products.
struct Fork {
  Stream stream;
  Extent kernel;
  std::int64_t coarse = 1;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// Products of `fine` words at once with the weights of all filters in turn, and their sum.
struct VectorDot {
  Stream stream;
  std::int64_t filters = 1;
  std::int64_t fine = 1;
  std::int64_t weight_bits = 16;
  std::int64_t acc_bits = 32;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// Products of `fine` words at once, where words of zero take no cycle.
struct SparseVectorDot {
  Stream stream;
  std::int64_t filters = 1;
  std::int64_t fine = 1;
  std::int64_t weight_bits = 16;
  std::int64_t acc_bits = 32;
  double windows_per_cycle = 1;  // of the slowest stream
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// The sums over the channels of a group.
struct Accum {
  Stream stream;
  std::int64_t filters = 1;
  std::int64_t groups = 1;
  // Of words for a word that is not zero, where windows of zeros are skipped.
  double words_per_cycle = 1;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// The sums of the streams of input channels.
struct Glue {
  Stream stream;
  std::int64_t filters = 1;
  std::int64_t coarse_in = 1, coarse_out = 1, coarse_group = 1;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

struct Bias {
  Stream stream;
  std::int64_t filters = 1;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// A factor and an offset a channel.
struct ShiftScale {
  Stream stream;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& /*by*/) const {
    return {.dsp = stream.streams};
  }
};

// ---- poolings

// The largest of a window, or its mean.
struct Pool {
  Stream stream;
  Extent kernel;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// The mean of a whole channel.
struct GlobalPool {
  Stream stream;
  std::int64_t acc_bits = 32;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// ---- words one by one

// Relu and its relatives: what is more than a comparison takes DSP blocks.
enum class Function : unsigned char { Relu, Sigmoid, Silu, HardSwish, HardSigmoid };
struct Activation {
  Stream stream;
  Function function = Function::Relu;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

enum class Eltwise : unsigned char { Add, Mul };
struct EltwiseModule {
  Stream stream;
  Eltwise op = Eltwise::Add;
  bool broadcasts = false;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// Streams of several inputs behind one another: `stream` has the channels of the first, this module
// those of all.
struct ConcatModule {
  Stream stream;
  std::int64_t channels = 1;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// ---- streams

// From one number of streams to another.
struct Squeeze {
  Stream stream;
  std::int64_t coarse_in = 1, coarse_out = 1;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// Every word so many times along rows, columns and channels (and depth, before the channels);
// `other` times more by fpgaConvNet's rate.
struct Resize {
  Stream stream;
  std::int64_t rows = 1, cols = 1, depth = 1, channels = 1, other = 1;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

}  // namespace sluice::hw
