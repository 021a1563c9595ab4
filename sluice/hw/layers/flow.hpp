// SPDX-License-Identifier: Apache-2.0
// Flow: when the words of a feature map go over a stream, to the cycle, if no reader holds them up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// The cycles at which a pixel's first and last word go; those between go evenly.
struct PixelTimes {
  double first = 0, last = 0;
  friend bool operator==(const PixelTimes&, const PixelTimes&) = default;
};

struct Flow {
  std::int64_t words = 1;  // of a pixel, in a stream
  std::vector<PixelTimes> pixels;

  [[nodiscard]] double gap_cycles(std::size_t pixel) const {
    const PixelTimes& times = pixels[pixel];
    return words > 1 ? (times.last - times.first) / static_cast<double>(words - 1) : 0;
  }
  [[nodiscard]] double at(std::size_t pixel, std::int64_t word) const {
    return pixels[pixel].first + static_cast<double>(word) * gap_cycles(pixel);
  }
  [[nodiscard]] double first_cycle() const { return pixels.front().first; }
  [[nodiscard]] double last_cycle() const { return pixels.back().last; }
  friend bool operator==(const Flow&, const Flow&) = default;
};

// A word a cycle from cycle 0 on: what the host sends to a layer's input.
[[nodiscard]] Flow steady_flow(const Layer& layer, std::size_t port = 0);
// The same words as those of so many other pixels.
[[nodiscard]] Flow as_pixels(const Flow& flow, std::int64_t pixels);
// All words so much later.
[[nodiscard]] Flow delayed(Flow flow, std::int64_t cycles);

// When a layer takes the words of each input, a join those of all in their turn.
[[nodiscard]] std::vector<Flow> taken_by(const Layer& layer, std::span<const Flow> inputs);

// What leaves a layer through a port, for what comes to its inputs, of Concat in the order of its
// operands: by our own rules, for the modules that it becomes (docs/reference/rtl.md).
[[nodiscard]] Flow flow_through(const Layer& layer, std::span<const Flow> inputs,
                                std::size_t port = 0);

}  // namespace sluice::hw
