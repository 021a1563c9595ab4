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
};

struct Padding {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0, front = 0, back = 0;
};

// ---- windows

// Zeros around the feature map.
struct Pad {
  Stream stream;
  Padding padding;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] static ModuleResources resources(const Coefficients& /*by*/) {
    return fixed(16, 35);
  }
};

// The windows of a feature map, from buffers of lines and of what lies within them.
struct SlidingWindow {
  Stream stream;
  Extent kernel, step;
  Padding padding;
  [[nodiscard]] Timing timing() const;
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
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

// The sums over the channels of a group.
struct Accum {
  Stream stream;
  std::int64_t filters = 1;
  std::int64_t groups = 1;
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
    return fixed(0, 0, stream.streams);
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
enum class Function : unsigned char { Relu, Sigmoid, Silu, HardSwish };
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

// ---- streams

// From one number of streams to another.
struct Squeeze {
  Stream stream;
  std::int64_t coarse_in = 1, coarse_out = 1;
  [[nodiscard]] Timing timing() const { return passing(stream.map); }
  [[nodiscard]] ModuleResources resources(const Coefficients& by) const;
};

// Every word so many times along rows, columns and channels (and depth, before the channels).
struct Resize {
  Stream stream;
  std::int64_t rows = 1, cols = 1, depth = 1, channels = 1;
  [[nodiscard]] Timing timing() const;
};

}  // namespace sluice::hw
