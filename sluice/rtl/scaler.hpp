// SPDX-License-Identifier: Apache-2.0
// Requantization in hardware: the narrowest multiplier, adder and shift that give the codes of a
// definition in `numeric` for every accumulator a layer can reach.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"
#include "sluice/rtl/form.hpp"

namespace sluice::rtl {

// From an accumulator x to a code:
//   sum = x·multiplier + (x < 0 ? negative_offset : offset)
//   code = floor(sum / 2^shift), less 1 where code mod 2 = tie_parity and sum mod 2^shift is below
//     tie_window
//   clamp(code)
// TFLite rounds halves away from zero, which bends the line at 0; there the offsets differ. Others
// round halves to even codes, and products to float32 first, which makes a half of what is near
// one; there the sums that just reach a code of one parity fall back.
struct Scaler {
  std::int64_t multiplier = 0;  // ≥ 0
  std::int64_t offset = 0;
  std::int64_t negative_offset = 0;
  std::int64_t tie_window = 0;  // 0 to 2^shift
  friend bool operator==(const Scaler&, const Scaler&) = default;
};

// Those of a layer's channels, which share the shift and the widths.
struct ScalerBank {
  int shift = 0;
  int multiplier_bits = 1;  // of the signed number that holds each multiplier
  int offset_bits = 1;      // of the one that holds each offset
  int product_bits = 1;     // of the one that holds x·multiplier + offset of every x in range
  bool has_negative_offset = false;  // whether one differs from its offset
  bool has_tie_window = false;       // whether one is not 0
  int tie_parity = 0;                // of the codes that ties do not reach: 0 or 1
  numeric::CodeRange codes{-128, 127};
  std::vector<Scaler> channels;

  // Whether all multipliers are one power of two, or 0: then they are wires.
  [[nodiscard]] bool needs_multiplier() const;
  [[nodiscard]] std::int64_t code(std::size_t channel, std::int64_t x) const;
};

// What a channel must do: the code of each accumulator from lowest to highest. A larger accumulator
// must not have a smaller code. Where an arithmetic rounds by the sign, as TFLite's do, that must
// be the accumulator's: sums of codes are centred, less their count times the zero point.
struct AccumulatorRule {
  std::function<std::int64_t(std::int64_t)> code;
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
};

// requantize, or requantize_wide where the arithmetic shifts; accumulators of the others must fit
// in 32 bits.
[[nodiscard]] AccumulatorRule rule_of(const numeric::Requantizer& by, std::int64_t lowest,
                                      std::int64_t highest);

// Scalers that equal the rules at every accumulator in range. Without a multiplier where the codes
// can be had so, else with one that fits in a DSP block (18 bits) if any does, else with the
// narrowest; with one offset for both signs rather than two, and tie windows only where there is no
// scaler without. Each rule must lead to `codes`, whose
// ends are at most 2^16 apart. Unsupported where no such line exists, or the multiplier would be
// wider than 31 bits or the product than 64.
[[nodiscard]] Result<ScalerBank> fit_scalers(std::span<const AccumulatorRule> rules,
                                             numeric::CodeRange codes,
                                             TieWindows ties = TieWindows::Allowed);

// A place where a bank and its rules differ.
struct ScalerMismatch {
  std::size_t channel;
  std::int64_t x;
  friend bool operator==(const ScalerMismatch&, const ScalerMismatch&) = default;
};
// The first of a channel's; nothing if the bank equals the rules everywhere. Not a sample: where
// the ends of each run of the bank's equal codes have the rule's code, so has all between.
[[nodiscard]] std::optional<ScalerMismatch> find_mismatch(const ScalerBank& bank,
                                                          std::span<const AccumulatorRule> rules);

}  // namespace sluice::rtl
