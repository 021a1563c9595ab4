// SPDX-License-Identifier: Apache-2.0
// Whether a layer can be what a file says, with its numbers checked before anything is computed
// from them: no product overflows, nothing divides by zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

struct Infeasible {
  std::string_view field;  // as files name it: `coarse_in`
  std::string message;
};

// Of its feature map and its operation; all numbers are at most 2³¹, and sizes at least 1.
[[nodiscard]] std::optional<Infeasible> infeasible_shape(const Layer& layer);
// Of its folding, the feasible values in the message. Its shape is feasible.
[[nodiscard]] std::optional<Infeasible> infeasible_folding(const Layer& layer, Rules rules);
// Of where its weights lie. Its folding is feasible.
[[nodiscard]] std::optional<Infeasible> infeasible_weights(const Layer& layer);
// Of the passes that its filters are computed in.
[[nodiscard]] std::optional<Infeasible> infeasible_reloading(const Layer& layer,
                                                             std::int64_t factor);

}  // namespace sluice::hw
