// SPDX-License-Identifier: Apache-2.0
// A design as Graphviz' text: a box a partition, in it a node a layer and the streams between.
#pragma once

#include <string>

#include "sluice/report/design.hpp"

namespace sluice::report {

// For Graphviz' `dot`. The slowest layers of a partition are orange, squeezes small. The same
// figures give the same bytes; names cannot leave their labels.
[[nodiscard]] std::string design_dot(const DesignFigures& design);

}  // namespace sluice::report
