// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "sluice/report/markup.hpp"

namespace sluice::report {
namespace {

constexpr double kLeft = 70, kRight = 40, kTop = 15, kBottom = 45;  // margins, pixels
constexpr int kMostTicks = 8;

// Told apart by those who see no red or no green (after Okabe and Ito).
constexpr std::array<std::string_view, 6> kColours{"#0072b2", "#d55e00", "#009e73",
                                                   "#cc79a7", "#e69f00", "#56b4e9"};

std::string_view colour_of(std::size_t series) {
  return kColours[series % kColours.size()];
}

// The least of 1, 2, 5 times a power of ten that is not below `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// An axis laid out on pixels; of a logarithmic one the ends are logarithms.
class PlacedAxis {
 public:
  PlacedAxis(const Axis& axis, std::vector<double> values, double from_px, double to_px)
      : scale_(axis.scale), from_px_(from_px), to_px_(to_px) {
    std::erase_if(values, [&](double v) { return !can_show(v); });
    for (const auto& end : {axis.lowest, axis.highest}) {
      if (end && can_show(*end)) values.push_back(*end);
    }
    if (values.empty()) values.push_back(1);
    const auto [low, high] = std::ranges::minmax(values);
    low_ = on_scale(axis.lowest && can_show(*axis.lowest) ? *axis.lowest : low);
    high_ = on_scale(axis.highest && can_show(*axis.highest) ? *axis.highest : high);
    if (high_ <= low_) high_ = low_ + 1;
    step_ = round_step((high_ - low_) / kMostTicks);
    if (scale_ == Scale::Logarithmic) step_ = std::max(step_, 1.0);
    if (!axis.lowest) low_ = step_ * std::floor(low_ / step_ + 1e-9);
    if (!axis.highest) high_ = step_ * std::ceil(high_ / step_ - 1e-9);
  }

  [[nodiscard]] bool can_show(double value) const {
    return std::isfinite(value) && (scale_ == Scale::Linear || value > 0);
  }
  [[nodiscard]] bool is_within(double value) const {
    const double slack = 1e-9 * (high_ - low_);
    return can_show(value) && on_scale(value) >= low_ - slack && on_scale(value) <= high_ + slack;
  }
  [[nodiscard]] double at(double value) const {
    return from_px_ + (on_scale(value) - low_) / (high_ - low_) * (to_px_ - from_px_);
  }
  // The value, or the end that it lies beyond.
  [[nodiscard]] double clamped_at(double value) const {
    const double at = std::clamp(on_scale(value), low_, high_);
    return from_px_ + (at - low_) / (high_ - low_) * (to_px_ - from_px_);
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> result;
    const auto first = static_cast<std::int64_t>(std::ceil(low_ / step_ - 1e-9));
    const auto last = static_cast<std::int64_t>(std::floor(high_ / step_ + 1e-9));
    for (std::int64_t i = first; i <= last; ++i) {
      const double at = static_cast<double>(i) * step_;
      result.push_back(scale_ == Scale::Linear ? at : std::pow(10, at));
    }
    return result;
  }

 private:
  [[nodiscard]] double on_scale(double value) const {
    return scale_ == Scale::Linear ? value : std::log10(value);
  }

  Scale scale_;
  double low_ = 0, high_ = 1, step_ = 1;
  double from_px_, to_px_;
};

class ChartWriter {
 public:
  explicit ChartWriter(const Chart& chart)
      : chart_(chart),
        bottom_(chart.height_px - kBottom),
        right_(chart.width_px - kRight),
        x_(chart.x, coordinates(&ChartPoint::x), kLeft, right_),
        y_(chart.y, coordinates(&ChartPoint::y), bottom_, kTop) {}

  std::string write() {
    add(out_,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
        "height=\"{1}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\">"
        "<title>{2}</title>\n",
        chart_.width_px, chart_.height_px, escaped(chart_.title));
    grid();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw(chart_.series[i], colour_of(i));
    legend();
    return std::move(out_) + "</svg>\n";
  }

 private:
  // Of all points; bars also begin at 0, and are half a unit wide on either side.
  [[nodiscard]] std::vector<double> coordinates(double ChartPoint::*coordinate) const {
    std::vector<double> result;
    for (const Series& series : chart_.series) {
      const bool has_bars = series.mark == Mark::Bars;
      for (const ChartPoint& point : series.points) {
        const double value = point.*coordinate;
        if (!has_bars) {
          result.push_back(value);
        } else if (coordinate == &ChartPoint::x) {
          result.insert(result.end(), {value - 0.5, value + 0.5});
        } else {
          result.insert(result.end(), {0.0, value});
        }
      }
    }
    return result;
  }

  void grid() {
    out_ += "<g stroke=\"#e3e3e3\">";
    for (const double tick : x_.ticks()) {
      add(out_, "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>", x_.at(tick), kTop,
          bottom_);
    }
    for (const double tick : y_.ticks()) {
      add(out_, "<line x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\"/>", y_.at(tick), kLeft,
          right_);
    }
    out_ += "</g>\n<g fill=\"#222\" text-anchor=\"middle\">";
    for (const double tick : x_.ticks()) {
      add(out_, "<text x=\"{:.1f}\" y=\"{}\">{:.6g}</text>", x_.at(tick), bottom_ + 16, tick);
    }
    add(out_, "<text x=\"{}\" y=\"{}\">{}</text>", (kLeft + right_) / 2, chart_.height_px - 8,
        escaped(chart_.x.title));
    add(out_, "<text transform=\"translate(14,{}) rotate(-90)\">{}</text>", (kTop + bottom_) / 2,
        escaped(chart_.y.title));
    out_ += "</g>\n<g fill=\"#222\" text-anchor=\"end\">";
    for (const double tick : y_.ticks()) {
      add(out_, "<text x=\"{}\" y=\"{:.1f}\">{:.6g}</text>", kLeft - 6, y_.at(tick) + 4, tick);
    }
    out_ += "</g>\n";
  }

  [[nodiscard]] bool is_shown(const ChartPoint& point) const {
    return x_.is_within(point.x) && y_.is_within(point.y);
  }

  void draw(const Series& series, std::string_view colour) {
    switch (series.mark) {
      case Mark::Points:
        draw_points(series, colour);
        break;
      case Mark::Line:
      case Mark::Steps:
        draw_line(series, colour);
        break;
      case Mark::Bars:
        draw_bars(series, colour);
        break;
    }
    draw_texts(series);
  }

  void draw_points(const Series& series, std::string_view colour) {
    add(out_, "<g fill=\"{}\">", colour);
    for (const ChartPoint& point : series.points) {
      if (!is_shown(point)) continue;
      add(out_, "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\">{}</circle>", x_.at(point.x),
          y_.at(point.y), hint_of(point));
    }
    out_ += "</g>\n";
  }

  void draw_line(const Series& series, std::string_view colour) {
    std::string path;
    double level = 0;
    for (const ChartPoint& point : series.points) {
      if (!is_shown(point)) continue;
      if (series.mark == Mark::Steps && !path.empty()) {
        add(path, "{:.1f},{:.1f} ", x_.at(point.x), level);
      }
      level = y_.at(point.y);
      add(path, "{:.1f},{:.1f} ", x_.at(point.x), level);
    }
    if (path.empty()) return;
    path.pop_back();
    add(out_, "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"{}\"/>\n", colour,
        path);
  }

  void draw_bars(const Series& series, std::string_view colour) {
    constexpr double kHalf = 0.45;  // of a unit of x: bars do not touch
    add(out_, "<g fill=\"{}\">", colour);
    const double zero = y_.clamped_at(0);
    for (const ChartPoint& point : series.points) {
      if (!is_shown(point)) continue;
      const double left = x_.clamped_at(point.x - kHalf), right = x_.clamped_at(point.x + kHalf);
      const double end = y_.at(point.y);
      add(out_, "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">{}</rect>",
          left, std::min(zero, end), right - left, std::abs(zero - end), hint_of(point));
    }
    out_ += "</g>\n";
  }

  void draw_texts(const Series& series) {
    for (const ChartPoint& point : series.points) {
      if (point.text.empty() || !is_shown(point)) continue;
      const double x = x_.at(point.x);
      // Below and to the right, which is free of rising lines; near the right end to the left, and
      // there above lines, which are often level.
      constexpr double kRoomForWords = 160;
      const bool is_left = x > right_ - kRoomForWords;
      const bool is_above = is_left && series.mark != Mark::Points;
      add(out_, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
          is_left ? x - 8 : x + 8, y_.at(point.y) + (is_above ? -5 : 15), is_left ? "end" : "start",
          escaped(point.text));
    }
  }

  static std::string hint_of(const ChartPoint& point) {
    if (point.hint.empty()) return {};
    constexpr std::size_t kLongestHint = 200;
    return "<title>" + escaped(point.hint, kLongestHint) + "</title>";
  }

  void legend() {
    double y = kTop + 14;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      if (chart_.series[i].name.empty()) continue;
      add(out_,
          "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{}\" "
          "y=\"{}\">{}</text>\n",
          kLeft + 10, y - 9, colour_of(i), kLeft + 25, y, escaped(chart_.series[i].name));
      y += 16;
    }
  }

  const Chart& chart_;
  double bottom_, right_;
  PlacedAxis x_, y_;
  std::string out_;
};

}  // namespace

std::string chart_svg(const Chart& chart) {
  return ChartWriter(chart).write();
}

}  // namespace sluice::report
