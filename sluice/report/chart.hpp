// SPDX-License-Identifier: Apache-2.0
// Charts of points, lines and bars on two axes, as SVG that needs no style sheet and no script.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::report {

struct ChartPoint {
  double x = 0, y = 0;
  std::string text = {};  // a word beside the point; empty: none
  std::string hint = {};  // what a pointer that rests on it shows; empty: none
};

enum class Mark : std::uint8_t {
  Points,
  Line,   // through the points, in their order
  Steps,  // level from each point to the x of the next
  Bars,   // from 0 up, one unit of x wide, centred on the point
};

struct Series {
  std::string name = {};  // in the legend; empty: not there
  Mark mark = Mark::Points;
  std::vector<ChartPoint> points = {};
};

enum class Scale : std::uint8_t { Linear, Logarithmic };

struct Axis {
  std::string title = {};
  Scale scale = Scale::Linear;
  // Ends; none: those of the points, widened to the next tick.
  std::optional<double> lowest = {}, highest = {};
};

struct Chart {
  std::string title = {};  // for readers that cannot see it, and on hovering
  Axis x = {}, y = {};
  std::vector<Series> series = {};  // later ones are drawn over earlier ones
  int width_px = 640, height_px = 380;
};

// Points that are not finite, or not above 0 on a logarithmic axis, are left out; so is what lies
// beyond an end that an axis was given. The same chart gives the same bytes.
[[nodiscard]] std::string chart_svg(const Chart& chart);

}  // namespace sluice::report
