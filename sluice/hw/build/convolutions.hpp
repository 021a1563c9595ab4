// SPDX-License-Identifier: Apache-2.0
// Windows and convolutions as layers have them.
#pragma once

#include <variant>

#include "sluice/hw/build/built.hpp"
#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// One to three dimensions as ONNX has them: [cols], [rows, cols], [depth, rows, cols].
[[nodiscard]] Extent extent_of(const ir::Dims& dims);
[[nodiscard]] Padding padding_of(const ir::Dims& begin, const ir::Dims& end);

// The convolution of a Conv with a known shape of weights, but for its types. Refused where the
// file's hints do not fit.
[[nodiscard]] std::variant<Convolution, Refused> convolution_of(const ir::Graph& network,
                                                                const ir::Node& node,
                                                                const NodeHints* hints);

}  // namespace sluice::hw
