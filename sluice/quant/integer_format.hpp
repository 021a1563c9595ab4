// SPDX-License-Identifier: Apache-2.0
// IntegerFormat: how `quantize` makes codes of real numbers, by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::quant {

// How the scale follows from a range.
enum class ScaleRule : unsigned char {
  Affine,       // any scale; activations have a zero point, weights are symmetric
  Fixed,        // Q-format: the smallest power of two at which both ends round to codes
  SharedBlock,  // block floating point: the power of two of the largest magnitude
};

struct IntegerFormat {
  ScaleRule rule = ScaleRule::Affine;
  int bits = 8;  // of a code, 2 … 8 (Affine), 24 (SharedBlock) or 32
  bool weights_by_channel = true;
  bool activations_by_channel = false;
  std::optional<int> fraction_bits;                            // Fixed: the same everywhere
  numeric::Rounding rounding = numeric::Rounding::HalfToEven;  // not of Affine

  // Whether all scales are powers of two and all zero points 0, so that requantizing is shifting.
  [[nodiscard]] bool shifts() const { return rule != ScaleRule::Affine; }
  friend bool operator==(const IntegerFormat&, const IntegerFormat&) = default;
};

// intN, intN-tensor; of the emulated formats qN, qI.F and ap_fixed (signed, saturating, rounded
// trn, rnd or rnd_conv), sbfpN-layer and sbfpN-channel. InvalidArgument with the nearest name;
// Unsupported for formats that no integer network has.
[[nodiscard]] Result<IntegerFormat> parse_integer_format(std::string_view name);
// Names separated by commas.
[[nodiscard]] Result<std::vector<IntegerFormat>> parse_integer_formats(std::string_view names);
[[nodiscard]] std::string to_string(const IntegerFormat& format);
[[nodiscard]] std::span<const numeric::FormatDoc> integer_format_docs() noexcept;

// How the nodes of a network in that format round: tflite-single, or the shift of its rounding.
[[nodiscard]] numeric::Arithmetic arithmetic_of(const IntegerFormat& format) noexcept;

// What calibration has to know: a float format that shares ranges as this one does.
[[nodiscard]] numeric::Format calibration_format(const IntegerFormat& format);

// The quantization of activations, or weights, of these ranges: one, or one for each index along
// `axis`. Activations' ranges contain 0. InvalidArgument where a range is not finite.
[[nodiscard]] Result<numeric::Quantization> activation_quantization(
    const IntegerFormat& format, std::span<const numeric::Range> ranges, std::int64_t axis);
[[nodiscard]] Result<numeric::Quantization> weight_quantization(
    const IntegerFormat& format, std::span<const numeric::Range> ranges, std::int64_t axis);

}  // namespace sluice::quant
