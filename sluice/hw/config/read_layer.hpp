// SPDX-License-Identifier: Apache-2.0
// A layer of fpgaConvNet's configuration files.
#pragma once

#include "sluice/base/json.hpp"
#include "sluice/hw/config/fields.hpp"
#include "sluice/hw/graph.hpp"

namespace sluice::hw {

// The layer that canonical JSON describes; all of it is checked. `like` is the model's, for what a
// file does not say; none: defaults.
[[nodiscard]] Result<Layer> read_layer(const JsonReader& layer, const Layer* like, Notes& notes);

// `32x32x3 to 32x32x16, kernel 3x3`: what a file's layer and the model's must agree in.
[[nodiscard]] std::string shape_text(const Layer& layer);

}  // namespace sluice::hw
