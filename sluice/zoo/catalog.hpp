// SPDX-License-Identifier: Apache-2.0
// The architectures by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/zoo/network.hpp"
#include "sluice/zoo/options.hpp"

namespace sluice::zoo {

struct Architecture {
  std::string_view name;
  std::string_view summary;
  std::int64_t classes;     // unless others are asked for
  std::int64_t input_size;  // pixels along each side; the same
};

// Ordered by family and size.
[[nodiscard]] std::span<const Architecture> architectures();

// The network of that name: the same bytes for the same options on every machine. InvalidArgument
// for an unknown name (with the nearest), for an option that the architecture does not have, and
// for values out of bounds.
[[nodiscard]] Result<Network> build(std::string_view name, const Options& options = {});

// What a network, or a part of it, has and takes for one image. Parameters are those that training
// changes: neither the statistics of normalisations nor the taps of shifts.
struct Count {
  std::string name;
  std::int64_t parameters = 0;
  std::int64_t macs = 0;
};
[[nodiscard]] Count count(const Network& network);
// By the first word of the parameters' names: "conv1", "bn1", "layer1", …; shifts alone are none.
[[nodiscard]] std::vector<Count> count_groups(const Network& network);

}  // namespace sluice::zoo
