// SPDX-License-Identifier: Apache-2.0
// A monotonic step function is known by its steps, and a line equals it where it is right on both
// sides of each. That makes the lines of a channel a convex set, which is searched exactly: for
// each shift, the interval of multipliers that have an offset (line.hpp).
#include "sluice/rtl/scaler.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <tuple>

#include "sluice/base/assert.hpp"
#include "sluice/rtl/line.hpp"

namespace sluice::rtl {
namespace {

using numeric::CodeRange;

constexpr int kMaxMultiplierBits = 31;
constexpr int kDspMultiplierBits = 18;
constexpr int kMaxProductBits = 64;

// ---- bounds of a channel

// A stretch of accumulators.
struct Side {
  std::int64_t lowest;
  std::int64_t highest;
};

std::vector<Side> sides_of(const AccumulatorRule& rule, Form form) {
  if (form != Form::OffsetOfEachSign || rule.lowest >= 0 || rule.highest < 0)
    return {{rule.lowest, rule.highest}};
  return {{rule.lowest, -1}, {0, rule.highest}};
}

// The smallest accumulator above x whose code exceeds `code`; one has.
std::int64_t next_step(const AccumulatorRule& rule, std::int64_t x, std::int64_t highest,
                       std::int64_t code) {
  std::int64_t above = highest;
  while (x + 1 < above) {
    const std::int64_t middle = std::midpoint(x, above);
    (rule.code(middle) > code ? above : x) = middle;
  }
  return above;
}

LineBounds bounds_of(const AccumulatorRule& rule, const Side& side, CodeRange codes) {
  LineBounds bounds;
  const std::int64_t last = rule.code(side.highest);
  std::int64_t x = side.lowest;
  std::int64_t code = rule.code(x);
  SL_ASSERT(codes.lowest <= code && code <= last && last <= codes.highest,
            "a rule rises and stays within its codes");
  // The clamp has the rest.
  if (code > codes.lowest) bounds.at_least.push_back({x, code});
  while (code < last) {
    x = next_step(rule, x, side.highest, code);
    bounds.at_most.push_back({x - 1, code});
    code = rule.code(x);
    bounds.at_least.push_back({x, code});
  }
  if (last < codes.highest) bounds.at_most.push_back({side.highest, last});
  return bounds;
}

// Of all offsets: of both signs, that below zero first; or less the window and whole; or of one.
using ChannelBounds = std::vector<LineBounds>;

ChannelBounds bounds_of(const AccumulatorRule& rule, CodeRange codes, Form form) {
  ChannelBounds result;
  result.reserve(2);
  for (const Side& side : sides_of(rule, form)) result.push_back(bounds_of(rule, side, codes));
  if (has_window(form)) {
    WindowBounds bounds = bounds_with_window(result[0], tie_parity_of(form), codes);
    result = {std::move(bounds.less), std::move(bounds.whole)};
  }
  for (LineBounds& bounds : result) keep_corners(bounds);
  return result;
}

WideInterval multipliers_of(const ChannelBounds& sides, int shift) {
  WideInterval result{0, kMaxCoefficient};
  for (const LineBounds& side : sides) result = multipliers_within(side, shift, result);
  return result;
}

// The smallest shift that has a multiplier; kMaxShift + 1 if none has. One that has none excludes
// all below.
int smallest_shift(const ChannelBounds& sides) {
  int without = -1;
  int with = kMaxShift / 2;
  if (multipliers_of(sides, with).is_empty()) {
    // Lines this fine rise by at most 1, so that their multipliers have room at each shift.
    without = with;
    with = kMaxShift + 1;
  }
  while (with - without > 1) {
    const int middle = (with + without) / 2;
    (multipliers_of(sides, middle).is_empty() ? without : with) = middle;
  }
  return with;
}

// ---- banks

struct Slope {
  int shift = 0;
  std::vector<std::int64_t> multipliers;
};

// One power of two, or 0, for all channels.
std::optional<Slope> slope_of_wires(std::span<const ChannelBounds> channels) {
  for (const int shift : {0, kMaxShift}) {
    WideInterval common{0, kMaxCoefficient};
    for (const ChannelBounds& sides : channels) {
      common = intersection(common, multipliers_of(sides, shift));
      if (common.is_empty()) break;
    }
    if (common.is_empty()) continue;
    const auto all = [&](Wide multiplier) {
      return std::vector(channels.size(), static_cast<std::int64_t>(multiplier));
    };
    if (common.low == 0) return Slope{0, all(0)};
    if (shift == 0) {
      const Wide power = static_cast<Wide>(1) << (signed_bits(common.low - 1) - 1);
      if (power <= common.high) return Slope{0, all(power)};
      continue;
    }
    // x·2^zeros has no bits below these, so neither they nor the offset's matter.
    const int zeros = signed_bits(common.high) - 2;
    if (static_cast<Wide>(1) << zeros >= common.low) return Slope{shift - zeros, all(1)};
  }
  return std::nullopt;
}

Error no_line(std::size_t channel, const AccumulatorRule& rule, const std::string& what) {
  return {ErrorCode::Unsupported,
          fmt::format("the codes of channel {} for accumulators from {} to {} {}; compare them "
                      "with a list of thresholds instead",
                      channel, rule.lowest, rule.highest, what)};
}

// With the narrowest multipliers at a shift that has some for each channel.
Slope narrowest_slope(std::span<const ChannelBounds> channels, int shift) {
  Slope slope{shift, {}};
  Wide largest = 0;
  for (const ChannelBounds& sides : channels) {
    largest = std::max(largest, multipliers_of(sides, slope.shift).low);
  }
  const WideInterval narrow{0, (static_cast<Wide>(1) << (signed_bits(largest) - 1)) - 1};
  slope.multipliers.reserve(channels.size());
  for (const ChannelBounds& sides : channels) {
    const WideInterval fitting = intersection(narrow, multipliers_of(sides, slope.shift));
    slope.multipliers.push_back(static_cast<std::int64_t>(roundest(fitting)));
  }
  return slope;
}

Wide sum_of(const Scaler& scaler, std::int64_t x) {
  return static_cast<Wide>(x) * scaler.multiplier +
         (x < 0 ? scaler.negative_offset : scaler.offset);
}

int product_bits_of(const Scaler& scaler, const AccumulatorRule& rule) {
  int bits = 1;
  for (const auto& [lowest, highest] : sides_of(rule, Form::OffsetOfEachSign)) {
    bits =
        std::max({bits, signed_bits(sum_of(scaler, lowest)), signed_bits(sum_of(scaler, highest))});
  }
  return bits;
}

// Sets what is added to x·multiplier, each from its interval; false where there is no way to.
bool set_offsets(Scaler& scaler, std::vector<WideInterval> offsets, Form form, int shift) {
  const WideInterval common = intersection(offsets.front(), offsets.back());
  if (!common.is_empty()) offsets = {common};
  if (offsets.front().is_empty() || offsets.back().is_empty()) return false;
  scaler.offset = static_cast<std::int64_t>(roundest(offsets.back()));
  scaler.negative_offset = static_cast<std::int64_t>(roundest(offsets.front()));
  if (!has_window(form)) return true;
  const WideInterval& less = offsets.front();
  const WideInterval windows = intersection({scaler.offset - less.high, scaler.offset - less.low},
                                            {0, static_cast<Wide>(1) << shift});
  if (windows.is_empty()) return false;
  scaler.negative_offset = scaler.offset;
  scaler.tie_window = static_cast<std::int64_t>(roundest(windows));
  return true;
}

// Offsets of the multipliers, and all widths.
Result<ScalerBank> bank_of(const Slope& slope, std::span<const ChannelBounds> channels,
                           std::span<const AccumulatorRule> rules, CodeRange codes, Form form) {
  ScalerBank bank{.shift = slope.shift, .tie_parity = tie_parity_of(form), .codes = codes};
  bank.channels.reserve(channels.size());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    Scaler scaler{.multiplier = slope.multipliers[i]};
    if (signed_bits(scaler.multiplier) > kMaxMultiplierBits) {
      return no_line(i, rules[i],
                     fmt::format("need a multiplier of {} bits, {} are the most",
                                 signed_bits(scaler.multiplier), kMaxMultiplierBits));
    }
    std::vector<WideInterval> offsets;
    offsets.reserve(2);
    for (const LineBounds& side : channels[i]) {
      offsets.push_back(offsets_of(side, scaler.multiplier, slope.shift));
    }
    if (!set_offsets(scaler, std::move(offsets), form, slope.shift)) {
      return no_line(i, rules[i], "need an offset of more than 62 bits");
    }
    bank.has_tie_window |= scaler.tie_window != 0;
    bank.has_negative_offset |= scaler.offset != scaler.negative_offset;
    bank.multiplier_bits = std::max(bank.multiplier_bits, signed_bits(scaler.multiplier));
    bank.offset_bits = std::max(
        {bank.offset_bits, signed_bits(scaler.offset), signed_bits(scaler.negative_offset)});
    bank.product_bits = std::max(bank.product_bits, product_bits_of(scaler, rules[i]));
    if (bank.product_bits > kMaxProductBits) {
      return no_line(i, rules[i],
                     fmt::format("need products of {} bits, {} are the most", bank.product_bits,
                                 kMaxProductBits));
    }
    bank.channels.push_back(scaler);
  }
  return bank;
}

// What a bank costs, the dearest first.
auto cost_of(const ScalerBank& bank) {
  const bool fits_dsp = bank.multiplier_bits <= kDspMultiplierBits;
  return std::tuple(bank.needs_multiplier(), !fits_dsp, bank.has_negative_offset,
                    bank.multiplier_bits);
}

Result<ScalerBank> fit_form(std::span<const AccumulatorRule> rules, CodeRange codes, Form form) {
  std::vector<ChannelBounds> channels;
  channels.reserve(rules.size());
  int shift = 0;
  for (const AccumulatorRule& rule : rules) {
    const ChannelBounds& bounds = channels.emplace_back(bounds_of(rule, codes, form));
    // Most channels need no more than those before.
    if (!multipliers_of(bounds, shift).is_empty()) continue;
    shift = smallest_shift(bounds);
    if (shift > kMaxShift) {
      return no_line(channels.size() - 1, rule, "are on no line with one rounding");
    }
  }
  if (const auto wires = slope_of_wires(channels)) {
    if (auto bank = bank_of(*wires, channels, rules, codes, form)) return bank;
  }
  return bank_of(narrowest_slope(channels, shift), channels, rules, codes, form);
}

}  // namespace

bool ScalerBank::needs_multiplier() const {
  if (channels.empty()) return false;
  const std::int64_t first = channels.front().multiplier;
  const auto differs = [&](const Scaler& scaler) { return scaler.multiplier != first; };
  return (first & (first - 1)) != 0 || std::ranges::any_of(channels, differs);
}

std::int64_t ScalerBank::code(std::size_t channel, std::int64_t x) const {
  const Wide sum = sum_of(channels[channel], x);
  Wide result = sum >> shift;
  const Wide rest = sum - result * (static_cast<Wide>(1) << shift);
  if ((result & 1) == tie_parity && rest < channels[channel].tie_window) --result;
  return static_cast<std::int64_t>(
      std::clamp(result, static_cast<Wide>(codes.lowest), static_cast<Wide>(codes.highest)));
}

AccumulatorRule rule_of(const numeric::Requantizer& by, std::int64_t lowest, std::int64_t highest) {
  if (numeric::is_shift(by.arithmetic)) {
    return {[by](std::int64_t x) { return numeric::requantize_wide(x, by); }, lowest, highest};
  }
  SL_ASSERT(lowest >= std::numeric_limits<std::int32_t>::min() &&
                highest <= std::numeric_limits<std::int32_t>::max(),
            "accumulators of 32 bits");
  return {[by](std::int64_t x) -> std::int64_t {
            return numeric::requantize(static_cast<std::int32_t>(x), by);
          },
          lowest, highest};
}

Result<ScalerBank> fit_scalers(std::span<const AccumulatorRule> rules, CodeRange codes,
                               TieWindows ties) {
  SL_ASSERT(codes.lowest <= codes.highest && codes.highest - codes.lowest <= 1 << 16,
            "scalers are for narrow codes");
  for (const AccumulatorRule& rule : rules) {
    SL_ASSERT(rule.lowest <= rule.highest, "a range holds an accumulator");
  }
  auto best = fit_form(rules, codes, Form::OneOffset);
  if (!best || best->needs_multiplier()) {
    auto bent = fit_form(rules, codes, Form::OffsetOfEachSign);
    if (!best || (bent && cost_of(*bent) < cost_of(*best))) best = std::move(bent);
  }
  for (const Form form : {Form::TiesMissEven, Form::TiesMissOdd}) {
    if (!best && ties == TieWindows::Allowed) best = fit_form(rules, codes, form);
  }
  if (best) SL_ASSERT(!find_mismatch(*best, rules), "a line was fitted to its rule");
  return best;
}

namespace {

// The last accumulator up to `highest` with the code that the bank gives x.
std::int64_t end_of_run(const ScalerBank& bank, std::size_t channel, std::int64_t x,
                        std::int64_t highest) {
  const Scaler& scaler = bank.channels[channel];
  const std::int64_t code = bank.code(channel, x);
  if (scaler.multiplier == 0 || code == bank.codes.highest) return highest;
  const Wide offset = x < 0 ? scaler.negative_offset : scaler.offset;
  // The largest sum that does not reach the next code.
  const Wide window = ((code + 1) & 1) == bank.tie_parity ? scaler.tie_window : 0;
  const Wide room =
      (static_cast<Wide>(code) + 1) * (static_cast<Wide>(1) << bank.shift) + window - 1;
  // room ≥ x·multiplier + offset, so that the quotient above x is cut down, whatever its sign.
  const Wide more = (room - offset - static_cast<Wide>(x) * scaler.multiplier) / scaler.multiplier;
  return static_cast<std::int64_t>(std::min<Wide>(x + more, highest));
}

}  // namespace

std::optional<ScalerMismatch> find_mismatch(const ScalerBank& bank,
                                            std::span<const AccumulatorRule> rules) {
  SL_ASSERT(bank.channels.size() == rules.size(), "a rule for each channel");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const auto& [lowest, highest] : sides_of(rules[i], Form::OffsetOfEachSign)) {
      std::int64_t x = lowest;
      for (bool is_done = false; !is_done;) {
        const std::int64_t last = end_of_run(bank, i, x, highest);
        for (const std::int64_t at : {x, last}) {
          if (bank.code(i, at) != rules[i].code(at)) return ScalerMismatch{i, at};
        }
        is_done = last == highest;
        if (!is_done) x = last + 1;
      }
    }
  }
  return std::nullopt;
}

}  // namespace sluice::rtl
