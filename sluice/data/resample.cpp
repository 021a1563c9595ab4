// SPDX-License-Identifier: Apache-2.0
// The method and its constants are Pillow's (its results are the definition here, see
// tests/conformance): separable, horizontal first, weights in fixed point, 8 bits in between.
#include "sluice/data/resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sluice/base/assert.hpp"
#include "sluice/data/resample_kernels.hpp"

namespace sluice::data {
namespace {

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double box(double x) {
  return x > -0.5 && x <= 0.5 ? 1 : 0;
}

double triangle(double x) {
  return std::max(0.0, 1 - std::abs(x));
}

// The constants are float32's, as in the original: the last bit shows in a pixel now and then.
double hamming(double x) {
  if (std::abs(x) >= 1) return 0;
  return sinc(x) * (0.54F + 0.46F * std::cos(x * std::numbers::pi));
}

// Keys' cubic convolution with a = -1/2.
double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0;
}

double lanczos(double x) {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

// A filter's weight at a distance, and the distance from which it is zero.
struct Curve {
  std::string_view name;
  double (*weight)(double) = nullptr;
  double support = 0;
};
constexpr std::array kCurves = {
    Curve{"nearest", nullptr, 0}, Curve{"box", box, 0.5},     Curve{"bilinear", triangle, 1},
    Curve{"hamming", hamming, 1}, Curve{"bicubic", cubic, 2}, Curve{"lanczos", lanczos, 3},
};

// Some lines (rows or columns) of a scaled image: from `first` on, `count` of them, of `size`.
struct Lines {
  std::int64_t size = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

std::int32_t to_fixed(double weight) {
  constexpr double kOne = 1 << kWeightBits;
  return static_cast<std::int32_t>(weight * kOne + (weight < 0 ? -0.5 : 0.5));
}

TapTable make_taps(std::int64_t in_size, const Lines& out, const Curve& curve) {
  const double scale = static_cast<double>(in_size) / static_cast<double>(out.size);
  const double stretch = std::max(scale, 1.0);
  const double support = curve.support * stretch;
  TapTable table;
  table.lines.reserve(static_cast<std::size_t>(out.count));
  std::vector<double> exact;
  for (std::int64_t i = out.first; i < out.first + out.count; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    // Half up, as the original rounds; lround takes other ways at halves.
    // NOLINTBEGIN(bugprone-incorrect-roundings)
    const auto first = static_cast<std::int64_t>(std::max(center - support + 0.5, 0.0));
    const auto end = std::min(static_cast<std::int64_t>(center + support + 0.5), in_size);
    // NOLINTEND(bugprone-incorrect-roundings)
    exact.clear();
    double sum = 0;
    for (std::int64_t x = first; x < end; ++x) {
      const double distance = static_cast<double>(x) - center + 0.5;
      exact.push_back(curve.weight(distance * (1.0 / stretch)));
      sum += exact.back();
    }
    table.lines.push_back({.first = first, .offset = table.weights.size(), .count = exact.size()});
    for (const double weight : exact) {
      table.weights.push_back(to_fixed(sum != 0 ? weight / sum : weight));
    }
  }
  return table;
}

// One row of any number of channels, scaled horizontally.
void sum_pixels(const std::uint8_t* row, std::int64_t channels, const TapTable& columns,
                std::uint8_t* out) {
  for (const TapTable::Line& line : columns.lines) {
    for (std::int64_t c = 0; c < channels; ++c) {
      std::int32_t sum = 1 << (kWeightBits - 1);
      const std::uint8_t* p = row + line.first * channels + c;
      for (const std::int32_t weight : columns.weights_of(line)) {
        sum += weight * *p;
        p += channels;
      }
      *out++ = static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
    }
  }
}

// `count` rows of the image from `first` on, scaled horizontally.
Image scale_columns(const Image& image, const TapTable& columns, std::int64_t first,
                    std::int64_t count) {
  Image out(count, static_cast<std::int64_t>(columns.lines.size()), image.channels);
  std::vector<std::uint8_t> padded;  // the image's last row, which no byte follows
  for (std::int64_t y = 0; y < count; ++y) {
    const std::uint8_t* row = image.row(first + y);
    if (image.channels != 3) {
      sum_pixels(row, image.channels, columns, out.row(y));
      continue;
    }
    if (first + y == image.height - 1) {
      padded.assign(row, row + image.row_bytes());
      padded.push_back(0);
      row = padded.data();
    }
    sum_rgb_pixels(row, columns, out.row(y));
  }
  return out;
}

// `image` holds the rows from `first` on.
Image scale_rows(const Image& image, const TapTable& rows, std::int64_t first) {
  Image out(static_cast<std::int64_t>(rows.lines.size()), image.width, image.channels);
  std::uint8_t* to = out.pixels.data();
  for (const TapTable::Line& line : rows.lines) {
    sum_rows(image.row(line.first - first), image.row_bytes(), rows.weights_of(line),
             {to, static_cast<std::size_t>(out.row_bytes())});
    to += out.row_bytes();
  }
  return out;
}

// The input line under the middle of each output line. The position is summed up step by step in
// double, rounding included, because that is what decides at ties.
std::vector<std::int64_t> nearest_lines(std::int64_t in_size, const Lines& out) {
  const double step = static_cast<double>(in_size) / static_cast<double>(out.size);
  std::vector<std::int64_t> lines;
  lines.reserve(static_cast<std::size_t>(out.count));
  double position = step * 0.5;
  for (std::int64_t i = 0; i < out.first + out.count; ++i, position += step) {
    if (i < out.first) continue;
    lines.push_back(std::min(static_cast<std::int64_t>(position), in_size - 1));
  }
  return lines;
}

Image pick_nearest(const Image& image, const Lines& rows, const Lines& columns) {
  Image out(rows.count, columns.count, image.channels);
  const std::vector<std::int64_t> from_columns = nearest_lines(image.width, columns);
  std::uint8_t* to = out.pixels.data();
  for (const std::int64_t y : nearest_lines(image.height, rows)) {
    for (const std::int64_t x : from_columns) {
      to = std::copy_n(image.row(y) + x * image.channels, image.channels, to);
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(Filter filter) noexcept {
  return kCurves[static_cast<std::size_t>(filter)].name;
}

std::optional<Filter> filter_from_string(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kCurves, name, &Curve::name);
  if (found == kCurves.end()) return std::nullopt;
  return static_cast<Filter>(found - kCurves.begin());
}

Image crop(const Image& image, const Window& part) {
  SL_ASSERT(part.top >= 0 && part.top + part.height <= image.height && part.left >= 0 &&
                part.left + part.width <= image.width,
            "window outside the image");
  Image out(part.height, part.width, image.channels);
  for (std::int64_t y = 0; y < part.height; ++y) {
    const std::uint8_t* from = image.row(part.top + y) + part.left * image.channels;
    std::copy(from, from + out.row_bytes(), out.row(y));
  }
  return out;
}

Image resize(const Image& image, std::int64_t height, std::int64_t width, Filter filter) {
  return resize(image, height, width, filter,
                {.top = 0, .left = 0, .height = height, .width = width});
}

Image resize(const Image& image, std::int64_t height, std::int64_t width, Filter filter,
             const Window& part) {
  SL_ASSERT(image.height > 0 && image.width > 0 && height > 0 && width > 0, "empty image");
  SL_ASSERT(part.top >= 0 && part.top + part.height <= height && part.left >= 0 &&
                part.left + part.width <= width,
            "window outside the scaled image");
  const Lines rows{.size = height, .first = part.top, .count = part.height};
  const Lines columns{.size = width, .first = part.left, .count = part.width};
  const bool same_height = height == image.height;
  const bool same_width = width == image.width;
  if (same_height && same_width) return crop(image, part);
  if (filter == Filter::Nearest) return pick_nearest(image, rows, columns);
  const Curve& curve = kCurves[static_cast<std::size_t>(filter)];
  const TapTable row_taps = make_taps(image.height, rows, curve);
  if (same_width) {
    const Window band{.top = 0, .left = part.left, .height = image.height, .width = part.width};
    return scale_rows(crop(image, band), row_taps, 0);
  }
  const TapTable column_taps = make_taps(image.width, columns, curve);
  if (same_height) return scale_columns(image, column_taps, part.top, part.height);
  const std::int64_t first = row_taps.lines.front().first;
  const TapTable::Line& last = row_taps.lines.back();
  const std::int64_t end = last.first + static_cast<std::int64_t>(last.count);
  return scale_rows(scale_columns(image, column_taps, first, end - first), row_taps, first);
}

}  // namespace sluice::data
