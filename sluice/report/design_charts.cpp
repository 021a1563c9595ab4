// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_charts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/report/markup.hpp"
#include "sluice/report/table.hpp"

namespace sluice::report {
namespace {

struct Point {
  double x, y;
};

// ---- the roofline

// Decades from `lowest` to `highest` (their logarithms) on so many pixels.
struct LogAxis {
  double lowest = 0, highest = 1;
  double from_px = 0, to_px = 1;

  static LogAxis over(std::vector<double> values, double from_px, double to_px) {
    std::erase_if(values, [](double v) { return !(v > 0) || std::isinf(v); });
    if (values.empty()) values.push_back(1);
    const auto [low, high] = std::ranges::minmax(values);
    return {std::floor(std::log10(low) - 0.3), std::ceil(std::log10(high) + 0.3), from_px, to_px};
  }
  [[nodiscard]] double at(double value) const {
    return from_px + (std::log10(value) - lowest) / (highest - lowest) * (to_px - from_px);
  }
  [[nodiscard]] double least() const { return std::pow(10, lowest); }
  [[nodiscard]] double most() const { return std::pow(10, highest); }
};

struct Roofline {
  LogAxis x, y;
  double dsp_gops = 0;
  double memory_gbytes = 0;  // a second

  [[nodiscard]] double roof(double operations_per_byte) const {
    return memory_gbytes > 0 ? std::min(dsp_gops, operations_per_byte * memory_gbytes) : dsp_gops;
  }
};

constexpr double kWidth = 640, kHeight = 380, kLeft = 70, kRight = 40, kTop = 15, kBottom = 45;

Roofline roofline_of(const DesignFigures& design) {
  Roofline result;
  result.dsp_gops = dsp_roof_gops(design);
  result.memory_gbytes = design.device.memory_gbps / 8;
  std::vector<double> xs, ys{result.dsp_gops};
  if (result.memory_gbytes > 0) xs.push_back(result.dsp_gops / result.memory_gbytes);
  for (const PartitionFigures& partition : design.partitions) {
    if (partition.operations_per_byte <= 0) continue;
    xs.push_back(partition.operations_per_byte);
    ys.push_back(partition.gops);
    ys.push_back(result.roof(partition.operations_per_byte));
  }
  result.x = LogAxis::over(xs, kLeft, kWidth - kRight);
  result.y = LogAxis::over(ys, kHeight - kBottom, kTop);
  return result;
}

void add_grid(std::string& out, const Roofline& chart) {
  for (double decade = chart.x.lowest; decade <= chart.x.highest; ++decade) {
    const double at = chart.x.at(std::pow(10, decade));
    add(out, "<line class=\"grid\" x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>", at, kTop,
        kHeight - kBottom);
    add(out, "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>\n", at,
        kHeight - kBottom + 16, std::pow(10, decade));
  }
  for (double decade = chart.y.lowest; decade <= chart.y.highest; ++decade) {
    const double at = chart.y.at(std::pow(10, decade));
    add(out, "<line class=\"grid\" x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\"/>", at,
        kLeft, kWidth - kRight);
    add(out, "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n", kLeft - 6, at + 4,
        std::pow(10, decade));
  }
  add(out,
      "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">operations per byte of traffic with the "
      "memory</text>\n",
      (kLeft + kWidth - kRight) / 2, kHeight - 8);
  add(out, "<text transform=\"translate(14,{}) rotate(-90)\" text-anchor=\"middle\">GOP/s</text>\n",
      (kTop + kHeight - kBottom) / 2);
}

// The memory's roof up to that of the DSP blocks, as far as they are on the chart.
void add_roofs(std::string& out, const Roofline& chart) {
  std::vector<Point> corners;
  if (chart.dsp_gops > 0 && chart.memory_gbytes > 0) {
    const double ridge = chart.dsp_gops / chart.memory_gbytes;
    const double start = std::max(chart.x.least(), chart.y.least() / chart.memory_gbytes);
    corners = {{start, chart.roof(start)}, {ridge, chart.dsp_gops}};
  } else if (chart.dsp_gops > 0) {
    corners = {{chart.x.least(), chart.dsp_gops}};
  }
  if (corners.empty()) return;
  corners.push_back({chart.x.most(), chart.dsp_gops});
  out += "<polyline class=\"roof\" points=\"";
  for (const Point& each : corners) {
    add(out, "{:.1f},{:.1f} ", chart.x.at(each.x), chart.y.at(each.y));
  }
  out += "\"/>\n";
  add(out, "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">DSP blocks: {:.4g} GOP/s</text>\n",
      kWidth - kRight - 4, chart.y.at(chart.dsp_gops) - 5, chart.dsp_gops);
  if (chart.memory_gbytes <= 0) return;
  add(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"start\">memory: {:.4g} GB/s</text>\n",
      chart.x.at(corners[0].x) + 14, chart.y.at(corners[0].y) + 14, chart.memory_gbytes);
}

void add_points(std::string& out, const Roofline& chart, const DesignFigures& design) {
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const PartitionFigures& partition = design.partitions[i];
    if (partition.operations_per_byte <= 0 || partition.gops <= 0) continue;
    const Point at{chart.x.at(partition.operations_per_byte), chart.y.at(partition.gops)};
    add(out,
        "<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"><title>partition {}: {:.4g} "
        "operations a byte, {:.4g} GOP/s, the roof is {:.4g}</title></circle>",
        at.x, at.y, i, partition.operations_per_byte, partition.gops,
        chart.roof(partition.operations_per_byte));
    add(out, "<text x=\"{:.1f}\" y=\"{:.1f}\">partition {}</text>\n", at.x + 8, at.y + 4, i);
  }
}

// ---- the bars

struct Column {
  double left, width;
  std::string_view title;
};
constexpr Column kCycles{200, 200, "cycles for a feature map"};
constexpr Column kDsp{500, 90, "DSP, % of the device"};
constexpr Column kBram{650, 90, "BRAM18, % of the device"};
constexpr double kRow = 18;

void add_bar(std::string& out, const Column& column, double y, double share, double full,
             std::string_view style, const std::string& label) {
  const double width = full > 0 ? std::clamp(share / full, 0.0, 1.0) * column.width : 0;
  add(out,
      "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"/><text x=\"{:.1f}\" "
      "y=\"{:.1f}\">{}</text>\n",
      style, column.left, y + 2, width, kRow - 4, column.left + width + 4, y + kRow - 5, label);
}

bool is_shown(const LayerFigures& layer) {
  return !layer.is_squeeze || layer.is_bottleneck;
}

}  // namespace

std::string roofline_svg(const DesignFigures& design) {
  const Roofline chart = roofline_of(design);
  std::string out;
  add(out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" role=\"img\"><title>Roofline</title>\n",
      kWidth, kHeight);
  add_grid(out, chart);
  add_roofs(out, chart);
  add_points(out, chart, design);
  return out + "</svg>\n";
}

std::string layer_bars_svg(const DesignFigures& design, std::size_t partition) {
  const auto& layers = design.partitions[partition].layers;
  const hw::Resources& has = design.device.resources;
  const auto shown = std::ranges::count_if(layers, is_shown);
  // Bars of resources are drawn against the largest of them: small designs would show nothing.
  double most = 0;
  for (const LayerFigures& layer : layers) {
    most = std::max(most, has.dsp > 0 ? layer.resources.dsp / has.dsp : 0);
    most = std::max(most, has.bram18 > 0 ? layer.resources.bram18 / has.bram18 : 0);
  }
  std::string out;
  add(out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 {0}\" width=\"860\" "
      "height=\"{0}\" role=\"img\"><title>Layers of partition {1}</title>\n",
      static_cast<double>(shown + 1) * kRow + 4, partition);
  for (const Column& column : {kCycles, kDsp, kBram}) {
    add(out, "<text class=\"head\" x=\"{}\" y=\"{}\">{}</text>\n", column.left, kRow - 5,
        column.title);
  }
  double y = kRow;
  for (const LayerFigures& layer : layers) {
    if (!is_shown(layer)) continue;
    const char* style = layer.is_bottleneck ? "slowest" : "bar";
    add(out, "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kCycles.left - 6,
        y + kRow - 5, escaped(layer.name, 28));
    add_bar(out, kCycles, y, layer.share, 1, style,
            with_commas(static_cast<std::int64_t>(layer.cycles)));
    add_bar(out, kDsp, y, utilisation(layer.resources.dsp, has.dsp), most, "dsp",
            percent(layer.resources.dsp, has.dsp));
    add_bar(out, kBram, y, utilisation(layer.resources.bram18, has.bram18), most, "bram",
            percent(layer.resources.bram18, has.bram18));
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace sluice::report
