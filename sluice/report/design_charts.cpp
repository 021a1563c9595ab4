// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_charts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "sluice/report/chart.hpp"
#include "sluice/report/markup.hpp"
#include "sluice/report/table.hpp"

namespace sluice::report {
namespace {

// What the DSP blocks and the memory allow.
struct Roofs {
  double dsp_gops = 0;
  double memory_gbytes = 0;  // a second; 0: the device has no memory

  [[nodiscard]] double at(double operations_per_byte) const {
    return memory_gbytes > 0 ? std::min(dsp_gops, operations_per_byte * memory_gbytes) : dsp_gops;
  }
  // Where both meet.
  [[nodiscard]] double ridge() const { return dsp_gops / memory_gbytes; }
};

// Points a partition that talks to the memory.
std::vector<ChartPoint> partition_points(const DesignFigures& design, const Roofs& roofs) {
  std::vector<ChartPoint> result;
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const PartitionFigures& partition = design.partitions[i];
    const double x = partition.operations_per_byte;
    if (x <= 0 || partition.gops <= 0) continue;
    result.push_back(
        {x, partition.gops, fmt::format("partition {}", i),
         fmt::format("partition {}: {:.4g} operations a byte, {:.4g} GOP/s, the roof is {:.4g}", i,
                     x, partition.gops, roofs.at(x))});
  }
  return result;
}

// From the left end of the chart over the ridge to its right end; the texts name the roofs.
std::vector<ChartPoint> roof_points(const Roofs& roofs, double least_x, double most_x) {
  if (roofs.dsp_gops <= 0) return {};
  std::vector<ChartPoint> result{{least_x, roofs.at(least_x)}};
  if (roofs.memory_gbytes > 0) {
    result[0].text = fmt::format("memory: {:.4g} GB/s", roofs.memory_gbytes);
    result.push_back({roofs.ridge(), roofs.dsp_gops});
  }
  result.push_back(
      {most_x, roofs.dsp_gops, fmt::format("DSP blocks: {:.4g} GOP/s", roofs.dsp_gops)});
  return result;
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
  const Roofs roofs{dsp_roof_gops(design), design.device.memory_gbps / 8};
  std::vector<ChartPoint> partitions = partition_points(design, roofs);
  std::vector<double> xs;
  xs.reserve(partitions.size() + 1);
  for (const ChartPoint& point : partitions) xs.push_back(point.x);
  if (roofs.dsp_gops > 0 && roofs.memory_gbytes > 0) xs.push_back(roofs.ridge());
  if (xs.empty()) xs.push_back(1);
  const auto [least, most] = std::ranges::minmax(xs);
  // Half a decade on either side, to whole ones.
  const double least_x = std::pow(10, std::floor(std::log10(least) - 0.5));
  const double most_x = std::pow(10, std::ceil(std::log10(most) + 0.5));
  return chart_svg({.title = "Roofline",
                    .x = {.title = "operations per byte of traffic with the memory",
                          .scale = Scale::Logarithmic,
                          .lowest = least_x,
                          .highest = most_x},
                    .y = {.title = "GOP/s", .scale = Scale::Logarithmic},
                    .series = {{.mark = Mark::Line, .points = roof_points(roofs, least_x, most_x)},
                               {.points = std::move(partitions)}}});
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
