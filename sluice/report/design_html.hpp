// SPDX-License-Identifier: Apache-2.0
// A design as a page: figures, roofline, bars, drawing.
#pragma once

#include <string>
#include <string_view>

#include "sluice/report/design.hpp"

namespace sluice::report {

// One HTML page that needs nothing else: no scripts, no files, no network. `drawing` is the SVG
// that Graphviz made of design_dot; empty: the page says how to get one.
[[nodiscard]] std::string design_html(const DesignFigures& design, std::string_view drawing);

}  // namespace sluice::report
