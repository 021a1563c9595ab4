// SPDX-License-Identifier: Apache-2.0
// DiracDeltaNet (Yang et al., FPGA 2019): 1×1 convolutions, shifts, 2×2 poolings, and nothing else.
#pragma once

#include <array>
#include <cstdint>

#include "sluice/zoo/builder.hpp"
#include "sluice/zoo/options.hpp"

namespace sluice::zoo {

struct DiracDeltaSpec {
  std::int64_t base_channels = 116;  // of the first layer; a multiple of 4
  double expansion = 2;              // of the channels inside a block
  std::array<std::int64_t, 3> blocks{4, 8, 4};
  Sizing sizing = Sizing::Upstream;
};

// Channels between the two convolutions of a block that makes `channels`: expansion times its half,
// the fraction dropped.
[[nodiscard]] inline std::int64_t inner_channels(std::int64_t channels, double expansion) {
  const std::int64_t half = channels / 2;
  return static_cast<std::int64_t>(static_cast<double>(half) * expansion);
}

// The network in floating point, which cuts activations off as the quantised one does. A ReLU in
// front of such a cut changes nothing and is left out.
[[nodiscard]] Result<Network> build_diracdeltanet(Builder builder, const DiracDeltaSpec& spec,
                                                  std::int64_t input_size, std::int64_t classes);

}  // namespace sluice::zoo
