// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/integer_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/numeric/block.hpp"
#include "sluice/numeric/fixed.hpp"

namespace sluice::quant {
namespace {

using numeric::FormatDoc;
using numeric::Quantization;
using numeric::Range;
using numeric::Rounding;

constexpr int kMaxAffineBits = 8;  // sums of wider products are beyond 32 bits
constexpr int kMaxBits = 32;

constexpr std::array kDocs{
    FormatDoc{"intN", "int8",
              "N-bit affine codes: weights symmetric with a scale for each output channel, "
              "activations with one scale and zero point; N 2 to 8"},
    FormatDoc{"intN-tensor", "int8-tensor", "the same, one scale for all weights of a layer"},
    FormatDoc{"qN[-ROUNDING]", "q16",
              "N-bit Q-format: codes times a power of two that each tensor chooses; rounding as in "
              "ap_fixed: rnd_conv (halves to even), rnd (halves up) or trn (cut off); N 2 to 32"},
    FormatDoc{"qI.F[-ROUNDING]", "q8.8",
              "Q-format everywhere the same: I integer bits including the sign, F fraction bits"},
    FormatDoc{"sbfpN-layer", "sbfp8-layer",
              "block floating point: N-bit codes, symmetric, one power of two a tensor that "
              "calibration fixes; N 2 to 24"},
    FormatDoc{"sbfpN-channel", "sbfp8-channel", "the same, one power of two a channel"},
};

// The number at the front of a text.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

std::optional<IntegerFormat> parse_affine(std::string_view name) {
  constexpr std::string_view kPrefix = "int";
  constexpr std::string_view kByTensor = "-tensor";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const auto bits = take_number(name);
  if (!bits || *bits < 2 || *bits > kMaxAffineBits) return std::nullopt;
  if (!name.empty() && name != kByTensor) return std::nullopt;
  return IntegerFormat{.bits = *bits, .weights_by_channel = name.empty()};
}

Error refused(std::string_view name, std::string_view why) {
  return {ErrorCode::Unsupported,
          fmt::format("{} {}; integer networks have int8, int8-tensor, q16, q8.8, sbfp8-layer, "
                      "sbfp8-channel and their like",
                      sluice::quoted(name), why)};
}

Result<IntegerFormat> of(const numeric::FixedFormat& fixed, std::string_view name) {
  if (!fixed.is_signed) return refused(name, "is unsigned");
  if (fixed.overflow != numeric::Overflow::Saturate) return refused(name, "does not saturate");
  if (fixed.rounding != Rounding::HalfToEven && fixed.rounding != Rounding::HalfUp &&
      fixed.rounding != Rounding::Floor) {
    return refused(name, "rounds in a way that no arithmetic here does");
  }
  return IntegerFormat{.rule = ScaleRule::Fixed,
                       .bits = fixed.bits,
                       .weights_by_channel = false,
                       .fraction_bits = fixed.fraction_bits,
                       .rounding = fixed.rounding};
}

Result<IntegerFormat> of(const numeric::BlockFormat& block, std::string_view name) {
  if (block.block == numeric::BlockShape::Run) return refused(name, "has blocks within a channel");
  const bool by_channel = block.block == numeric::BlockShape::Channel;
  return IntegerFormat{.rule = ScaleRule::SharedBlock,
                       .bits = block.bits,
                       .weights_by_channel = by_channel,
                       .activations_by_channel = by_channel};
}

// Q-format wider than what can be emulated in float32: the name without its widths tells the rest.
std::optional<IntegerFormat> parse_wide(std::string_view name) {
  if (!name.starts_with('q')) return std::nullopt;
  name.remove_prefix(1);
  auto bits = take_number(name);
  std::optional<int> fraction_bits;
  if (bits && name.starts_with('.')) {
    name.remove_prefix(1);
    fraction_bits = take_number(name);
    if (!fraction_bits) return std::nullopt;
    *bits += *fraction_bits;
  }
  if (!bits || *bits <= numeric::kMaxGridBits || *bits > kMaxBits) return std::nullopt;
  const auto narrow = numeric::parse_format("q16" + std::string(name));
  if (!narrow) return std::nullopt;
  auto format = of(std::get<numeric::FixedFormat>(*narrow), name);
  if (!format) return std::nullopt;
  format->bits = *bits;
  format->fraction_bits = fraction_bits;
  return *format;
}

template <class Other>
Result<IntegerFormat> of(const Other& /*format*/, std::string_view name) {
  return refused(name, "is emulated only");
}

std::string_view suffix_of(Rounding rounding) {
  return rounding == Rounding::HalfToEven ? "" : rounding == Rounding::HalfUp ? "-rnd" : "-trn";
}

// The narrowest type of integers that holds the codes.
DType dtype_of(int bits) {
  return bits <= 8 ? DType::Int8 : bits <= 16 ? DType::Int16 : DType::Int32;
}

Quantization empty_quantization(const IntegerFormat& format, std::int64_t axis) {
  Quantization result;
  result.dtype = dtype_of(format.bits);
  if (format.bits < num_bits(result.dtype)) result.bits = format.bits;
  result.scales.clear();
  result.zero_points.clear();
  result.axis = axis;
  return result;
}

// What is always 0 has any scale; 0 here, for a scale that others may give it.
float power_of_two(const IntegerFormat& format, const Range& range) {
  if (!format.fraction_bits && range.min == 0 && range.max == 0) return 0;
  if (format.rule == ScaleRule::SharedBlock) {
    const int exponent = numeric::block_exponent(std::max(std::abs(range.min), range.max));
    return std::ldexp(1.0F, exponent - (format.bits - 2));
  }
  const numeric::FixedGrid grid{.bits = format.bits, .rounding = format.rounding};
  return std::ldexp(1.0F, -format.fraction_bits.value_or(numeric::fraction_bits_for(range, grid)));
}

void add_powers_of_two(Quantization& quantization, const IntegerFormat& format,
                       std::span<const Range> ranges) {
  for (const Range& range : ranges) quantization.scales.push_back(power_of_two(format, range));
  // The largest, for a small one would be the unit of all that is summed with it.
  const float largest = std::ranges::max(quantization.scales);
  std::ranges::replace(quantization.scales, 0.0F, largest > 0 ? largest : 1.0F);
  quantization.zero_points.assign(ranges.size(), 0);
}

// A scale and a zero point that reach from min to max; 0 is a code.
void add_affine(Quantization& quantization, const Range& range) {
  const numeric::CodeRange codes = numeric::codes_of(quantization);
  const auto steps = static_cast<double>(codes.highest - codes.lowest);
  const double width = double{range.max} - range.min;
  // Of a value that is always 0 any scale will do.
  const auto scale = static_cast<float>(width > 0 ? width / steps : 1);
  const double zero_point = static_cast<double>(codes.lowest) - std::nearbyint(range.min / scale);
  quantization.scales.push_back(scale);
  quantization.zero_points.push_back(static_cast<std::int64_t>(std::clamp(
      zero_point, static_cast<double>(codes.lowest), static_cast<double>(codes.highest))));
}

void add_symmetric(Quantization& quantization, const Range& range) {
  const numeric::CodeRange codes = numeric::codes_of(quantization);
  const double largest = std::max(std::abs(double{range.min}), std::abs(double{range.max}));
  const auto scale = static_cast<float>(largest / static_cast<double>(codes.highest));
  quantization.scales.push_back(scale > 0 ? scale : 1);
  quantization.zero_points.push_back(0);
}

}  // namespace

std::span<const FormatDoc> integer_format_docs() noexcept {
  return kDocs;
}

Result<IntegerFormat> parse_integer_format(std::string_view name) {
  if (const auto affine = parse_affine(name)) return *affine;
  if (const auto wide = parse_wide(name)) return *wide;
  const auto emulated = numeric::parse_format(name);
  if (emulated) return std::visit([&](const auto& kind) { return of(kind, name); }, *emulated);
  std::vector<std::string_view> examples;
  std::ranges::transform(kDocs, std::back_inserter(examples), &FormatDoc::example);
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no integer format {}{}; there are {}", sluice::quoted(name),
                           did_you_mean(name, examples), fmt::join(examples, ", "))};
}

Result<std::vector<IntegerFormat>> parse_integer_formats(std::string_view names) {
  std::vector<IntegerFormat> formats;
  for (const std::string_view name : numeric::split_formats(names)) {
    SL_TRY(formats.emplace_back(), parse_integer_format(name));
  }
  return formats;
}

std::string to_string(const IntegerFormat& format) {
  switch (format.rule) {
    case ScaleRule::Affine:
      return fmt::format("int{}{}", format.bits, format.weights_by_channel ? "" : "-tensor");
    case ScaleRule::Fixed: {
      const std::string width =
          format.fraction_bits
              ? fmt::format("{}.{}", format.bits - *format.fraction_bits, *format.fraction_bits)
              : std::to_string(format.bits);
      return fmt::format("q{}{}", width, suffix_of(format.rounding));
    }
    case ScaleRule::SharedBlock:
      return fmt::format("sbfp{}-{}", format.bits, format.weights_by_channel ? "channel" : "layer");
  }
  return {};
}

numeric::Arithmetic arithmetic_of(const IntegerFormat& format) noexcept {
  using numeric::Arithmetic;
  if (!format.shifts()) return Arithmetic::TfliteSingle;
  if (format.rounding == Rounding::Floor) return Arithmetic::ShiftFloor;
  return format.rounding == Rounding::HalfUp ? Arithmetic::ShiftHalfUp : Arithmetic::ShiftHalfEven;
}

numeric::Format calibration_format(const IntegerFormat& format) {
  if (format.rule == ScaleRule::Fixed) {
    return numeric::FixedFormat{.bits = std::min(format.bits, numeric::kMaxGridBits),
                                .rounding = format.rounding};
  }
  return numeric::AffineFormat{
      std::min(format.bits, numeric::kMaxGridBits),
      format.activations_by_channel ? numeric::Sharing::Channel : numeric::Sharing::Layer};
}

Result<Quantization> activation_quantization(const IntegerFormat& format,
                                             std::span<const Range> ranges, std::int64_t axis) {
  Quantization result = empty_quantization(format, ranges.size() > 1 ? axis : 0);
  for (const Range& range : ranges) SL_TRY_STATUS(numeric::check_range(range));
  if (format.shifts()) {
    add_powers_of_two(result, format, ranges);
  } else {
    for (const Range& range : ranges) add_affine(result, range);
  }
  return result;
}

Result<Quantization> weight_quantization(const IntegerFormat& format, std::span<const Range> ranges,
                                         std::int64_t axis) {
  Quantization result = empty_quantization(format, ranges.size() > 1 ? axis : 0);
  for (const Range& range : ranges) SL_TRY_STATUS(numeric::check_range(range));
  if (format.shifts()) {
    add_powers_of_two(result, format, ranges);
  } else {
    for (const Range& range : ranges) add_symmetric(result, range);
  }
  return result;
}

}  // namespace sluice::quant
