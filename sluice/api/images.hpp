// SPDX-License-Identifier: Apache-2.0
// Images as the input of a quantized network.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/data/preprocess.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::api {

// Gives the graph's quantized inputs a first node that quantizes real numbers, as which images
// come. Where the preprocessing leaves pixels as they are, these become the codes (less 128 for
// int8), as it is the custom with such networks. The network has one input.
[[nodiscard]] Status take_images(ir::Graph& graph, data::Preprocess& preprocess);

}  // namespace sluice::api
