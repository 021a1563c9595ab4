// SPDX-License-Identifier: Apache-2.0
// Charts of a design as SVG elements, to be put into a page.
#pragma once

#include <string>

#include "sluice/report/design.hpp"

namespace sluice::report {

// Operations a byte against GOP/s on logarithmic axes: the roofs of DSP blocks and memory, a point
// a partition that talks to the memory.
[[nodiscard]] std::string roofline_svg(const DesignFigures& design);

// A line a layer: its cycles, and its share of the device's DSP blocks and BRAMs. Squeezes are left
// out unless they are the slowest.
[[nodiscard]] std::string layer_bars_svg(const DesignFigures& design, std::size_t partition);

}  // namespace sluice::report
