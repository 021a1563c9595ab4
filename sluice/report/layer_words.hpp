// SPDX-License-Identifier: Apache-2.0
// What layers and their folding are called in reports.
#pragma once

#include <string>
#include <string_view>

#include "sluice/hw/layers/layer.hpp"

namespace sluice::report {

// One word or two, the same for all layers of an operation: "convolution".
[[nodiscard]] std::string_view kind_of(const hw::Layer& layer);
// What tells it from others of its kind: "3×3, 16 filters, step 2"; empty if nothing does.
[[nodiscard]] std::string detail_of(const hw::Layer& layer);
// Rows × columns × depth (in three dimensions) × channels: "28×28×16".
[[nodiscard]] std::string to_text(const hw::FeatureMap& map);
// Streams in → out × groups × products of a window at once: "4→8×1×9".
[[nodiscard]] std::string to_text(const hw::Folding& folding);

}  // namespace sluice::report
