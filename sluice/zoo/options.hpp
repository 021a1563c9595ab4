// SPDX-License-Identifier: Apache-2.0
// What can be chosen of a network; what is not given is the architecture's own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace sluice::zoo {

// The sizes of DiracDeltaNet's maps.
enum class Sizing : unsigned char {
  Upstream,  // the stem's pools are padded: 224 pixels become 113 and 57
  Even,      // they are not: 112 and 56
  Full,      // stem and first layer pool nothing: 32 pixels stay 32, then 16 and 8
};

struct Options {
  std::optional<std::int64_t> classes;
  std::optional<std::int64_t> input_size;  // pixels along each side
  std::uint64_t seed = 1;                  // of the weights
  bool random_weights = true;              // without, large ones are 0: enough to count them
  // Of DiracDeltaNet alone:
  std::optional<std::int64_t> base_channels;
  std::optional<double> expansion;
  std::optional<std::array<std::int64_t, 3>> blocks;
  std::optional<Sizing> sizing;
};

}  // namespace sluice::zoo
