// SPDX-License-Identifier: Apache-2.0
// Format: the number format a user names on the command line; data and calibration make grids of
// it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// Nothing is snapped.
struct Float32Format {
  friend bool operator==(const Float32Format&, const Float32Format&) = default;
};

// What shares one range.
enum class Sharing : unsigned char {
  Network,  // all weights one, all activations another
  Layer,    // each tensor its own
  Channel,  // each channel its own
};

// The affine grids that published tables call "fixed" and "BFP".
struct AffineFormat {
  int bits = 8;
  Sharing sharing = Sharing::Network;
  friend bool operator==(const AffineFormat&, const AffineFormat&) = default;
};

// Q-format. Without fraction_bits, each tensor gets as many as its range leaves room for.
struct FixedFormat {
  int bits = 16;
  std::optional<int> fraction_bits;
  bool is_signed = true;
  Rounding rounding = Rounding::HalfToEven;
  Overflow overflow = Overflow::Saturate;
  friend bool operator==(const FixedFormat&, const FixedFormat&) = default;
};

// Shared-exponent block floating point, `bits` an element including its sign.
struct BlockFormat {
  int bits = 8;
  BlockShape block = BlockShape::Tensor;
  std::int64_t block_size = 0;  // Run only
  friend bool operator==(const BlockFormat&, const BlockFormat&) = default;
};

using Format = std::variant<Float32Format, AffineFormat, FixedFormat, BlockFormat>;

// The name, such that parse_format(to_string(f)) is f.
[[nodiscard]] std::string to_string(const Format& format);

// A format by name (format_docs lists them; letter case is of no account). InvalidArgument with the
// nearest name; Unsupported for what ap_fixed has and float32 emulation has not.
[[nodiscard]] Result<Format> parse_format(std::string_view name);

// Names separated by commas; those between < and > belong to a name.
[[nodiscard]] std::vector<std::string_view> split_formats(std::string_view names);
// The formats of those names.
[[nodiscard]] Result<std::vector<Format>> parse_formats(std::string_view names);

// Whether its grids depend on the range of values seen in calibration.
[[nodiscard]] bool needs_calibration(const Format& format) noexcept;

// Every spelling once, for help texts.
struct FormatDoc {
  std::string_view spelling;
  std::string_view example;
  std::string_view meaning;
};
[[nodiscard]] std::span<const FormatDoc> format_docs() noexcept;

}  // namespace sluice::numeric
