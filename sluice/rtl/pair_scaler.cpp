// SPDX-License-Identifier: Apache-2.0
// The planes through a table of codes, searched as scaler.cpp searches lines: for a shift and a
// multiplier of a, each b leaves an interval for its product with the other multiplier, which makes
// the rest a question about lines.
#include "sluice/rtl/pair_scaler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <tuple>
#include <vector>

#include "sluice/base/assert.hpp"
#include "sluice/rtl/line.hpp"

namespace sluice::rtl {
namespace {

using numeric::CodeRange;

constexpr int kMaxPairMultiplierBits = 27;
constexpr int kDspPairMultiplierBits = 18;
// Multipliers are located at this shift, at which all sums are exact in float64.
constexpr int kLocatingShift = 32;
// A code of an input is at most 512 codes of the output.
constexpr Wide kSteepest = static_cast<Wide>(1) << (kLocatingShift + 9);

// ---- the table, with both inputs turned so that codes rise

struct Turned {
  int sign;  // of the code in the input
  std::int64_t lowest;
  std::int64_t count;
};

Turned turned(CodeRange codes, bool falls) {
  const std::int64_t count = codes.highest - codes.lowest + 1;
  return falls ? Turned{-1, -codes.highest, count} : Turned{1, codes.lowest, count};
}

struct PairTable {
  Turned a, b;
  std::vector<std::int64_t> codes;  // of all a for the first b, then for the next
  std::int64_t zero;                // the code at both zero points
};

PairTable table_of(const PairRule& rule) {
  // Clamped at one code of b, a sum may still rise or fall at another.
  std::int64_t rise_a = 0;
  for (std::int64_t b = rule.b.lowest; b <= rule.b.highest; ++b) {
    rise_a += rule.code(rule.a.highest, b) - rule.code(rule.a.lowest, b);
  }
  std::int64_t rise_b = 0;
  for (std::int64_t a = rule.a.lowest; a <= rule.a.highest; ++a) {
    rise_b += rule.code(a, rule.b.highest) - rule.code(a, rule.b.lowest);
  }
  PairTable table{turned(rule.a, rise_a < 0),
                  turned(rule.b, rise_b < 0),
                  {},
                  rule.code(rule.zero_a, rule.zero_b)};
  table.codes.reserve(static_cast<std::size_t>(table.a.count * table.b.count));
  for (std::int64_t j = 0; j < table.b.count; ++j) {
    const std::int64_t b = table.b.sign * (table.b.lowest + j);
    for (std::int64_t i = 0; i < table.a.count; ++i) {
      table.codes.push_back(rule.code(table.a.sign * (table.a.lowest + i), b));
    }
  }
  return table;
}

// ---- bounds

// Those on the sums that share an offset: of each b, by a.
struct PlaneBounds {
  std::int64_t lowest_b = 0;
  std::vector<LineBounds> columns;
};

// Which codes bound a plane: at least those of the first range, at most those of the second.
struct Bounding {
  CodeRange at_least;
  CodeRange at_most;
};

PlaneBounds bounds_of(const PairTable& table, const Bounding& by) {
  PlaneBounds bounds{table.b.lowest, {}};
  bounds.columns.resize(static_cast<std::size_t>(table.b.count));
  const auto is_in = [](std::int64_t code, CodeRange range) {
    return range.lowest <= code && code <= range.highest;
  };
  const std::int64_t* code = table.codes.data();
  for (LineBounds& column : bounds.columns) {
    for (std::int64_t i = 0; i < table.a.count; ++i, ++code) {
      if (is_in(*code, by.at_least)) column.at_least.push_back({table.a.lowest + i, *code});
      if (is_in(*code, by.at_most)) column.at_most.push_back({table.a.lowest + i, *code});
    }
    keep_corners(column);
  }
  return bounds;
}

// One plane, or one of sums that are not negative and one of those that are. The second is at most
// the zero point's code at the pivot and so below it, the first at least that above; sums that are
// no code from zero bound both, where they are beside their side they do not bind.
std::vector<PlaneBounds> planes_of(const PairTable& table, const PairRule& rule, CodeRange codes,
                                   bool bends) {
  // The clamp has the rest.
  const Bounding all{{codes.lowest + 1, codes.highest}, {codes.lowest, codes.highest - 1}};
  if (!bends) return {bounds_of(table, all)};
  std::vector<PlaneBounds> planes{
      bounds_of(table, {{std::max(table.zero, codes.lowest) + 1, codes.highest},
                        {table.zero, all.at_most.highest}}),
      bounds_of(table, {{all.at_least.lowest, table.zero}, {codes.lowest, table.zero - 1}})};
  const auto column = static_cast<std::size_t>(table.b.sign * rule.zero_b - table.b.lowest);
  const LinePoint zero{table.a.sign * rule.zero_a, table.zero};
  // In the order of a: all that is above zero is behind it, all that is below before.
  auto& above = planes[0].columns[column].at_least;
  if (table.zero > codes.lowest) above.insert(above.begin(), zero);
  auto& below = planes[1].columns[column].at_most;
  if (table.zero < codes.highest) below.push_back(zero);
  return planes;
}

// What is left of the bounds for b·multiplier_b + offset, by b.
LineBounds remaining(const PlaneBounds& plane, Wide multiplier_a, int shift) {
  LineBounds bounds;
  const Wide step = static_cast<Wide>(1) << shift;
  std::int64_t b = plane.lowest_b;
  for (const LineBounds& column : plane.columns) {
    Wide low = -kMaxCoefficient;
    for (const LinePoint& l : column.at_least)
      low = std::max(low, l.code * step - l.x * multiplier_a);
    Wide high = kMaxCoefficient;
    for (const LinePoint& u : column.at_most) {
      high = std::min(high, (u.code + 1) * step - 1 - u.x * multiplier_a);
    }
    if (!column.at_least.empty()) bounds.at_least.push_back({b, static_cast<std::int64_t>(low)});
    if (!column.at_most.empty()) bounds.at_most.push_back({b, static_cast<std::int64_t>(high)});
    ++b;
  }
  keep_corners(bounds);
  return bounds;
}

WideInterval multipliers_of_b(const std::vector<PlaneBounds>& planes, Wide multiplier_a,
                              int shift) {
  WideInterval result{0, kMaxCoefficient};
  for (const PlaneBounds& plane : planes) {
    result = multipliers_within(remaining(plane, multiplier_a, shift), 0, result);
  }
  return result;
}

// ---- where to look

// Where a concave function of [low, high] is largest, to within `width`.
template <class Number, class Function>
Number peak(Number low, Number high, Number width, const Function& of) {
  while (high - low > width) {
    const Number third = (high - low) / 3;
    if (of(low + third) < of(high - third)) {
      low += third;
    } else {
      high -= third;
    }
  }
  Number best = low;
  for (Number at = low; at <= high; at += std::max<Number>(width / 2, 1)) {
    if (of(at) > of(best)) best = at;
  }
  return best;
}

// The room that a multiplier of b leaves between the bounds of its offset, as real numbers.
double room_of_offsets(const std::vector<LineBounds>& lines, double multiplier_b) {
  auto room = static_cast<double>(kMaxCoefficient);
  for (const LineBounds& line : lines) {
    auto low = -static_cast<double>(kMaxCoefficient);
    for (const LinePoint& l : line.at_least) {
      low = std::max(low, static_cast<double>(l.code) - static_cast<double>(l.x) * multiplier_b);
    }
    auto high = static_cast<double>(kMaxCoefficient);
    for (const LinePoint& u : line.at_most) {
      high = std::min(high, static_cast<double>(u.code) - static_cast<double>(u.x) * multiplier_b);
    }
    room = std::min(room, high - low);
  }
  return room;
}

// The most that any multiplier of b leaves at kLocatingShift: concave in the multiplier of a, and
// negative where there is no plane.
double room_of(const std::vector<PlaneBounds>& planes, Wide multiplier_a) {
  std::vector<LineBounds> lines;
  lines.reserve(planes.size());
  for (const PlaneBounds& plane : planes) {
    lines.push_back(remaining(plane, multiplier_a, kLocatingShift));
  }
  const auto room = [&](double multiplier_b) { return room_of_offsets(lines, multiplier_b); };
  constexpr double kWidth = 0x1p-10;  // a code of b is at most 2^10
  return room(peak(0.0, static_cast<double>(kSteepest), kWidth, room));
}

// The multipliers of a at kLocatingShift that leave one for b, a little too many; none where no
// plane exists at any shift.
WideInterval locate(const std::vector<PlaneBounds>& planes) {
  WideInterval within{0, kSteepest};
  for (const PlaneBounds& plane : planes) {
    for (const LineBounds& column : plane.columns) {
      within = multipliers_within(column, kLocatingShift, within);
    }
  }
  if (within.is_empty()) return within;
  const auto room = [&](Wide multiplier_a) { return room_of(planes, multiplier_a); };
  const Wide best = peak<Wide>(within.low, within.high, 2, room);
  constexpr double kRounding = -4;
  if (room(best) < kRounding) return {1, 0};
  const auto edge = [&](Wide inside, Wide outside) {
    while (std::abs(static_cast<double>(outside - inside)) > 1) {
      const Wide middle = inside + (outside - inside) / 2;
      (room(middle) < kRounding ? outside : inside) = middle;
    }
    return outside;
  };
  return {edge(best, within.low), edge(best, within.high)};
}

// ---- scalers

// All of the scaler but its widths.
std::optional<PairScaler> scaler_at(const std::vector<PlaneBounds>& planes, const PairTable& table,
                                    Wide multiplier_a, int shift) {
  const WideInterval of_b = multipliers_of_b(planes, multiplier_a, shift);
  if (of_b.is_empty()) return std::nullopt;
  const auto multiplier_b = static_cast<std::int64_t>(roundest(of_b));
  std::vector<WideInterval> offsets;
  offsets.reserve(2);
  for (const PlaneBounds& plane : planes) {
    offsets.push_back(offsets_of(remaining(plane, multiplier_a, shift), multiplier_b, 0));
  }
  const WideInterval common = intersection(offsets.front(), offsets.back());
  if (!common.is_empty()) offsets = {common};
  return PairScaler{.shift = shift,
                    .multiplier_a = table.a.sign * static_cast<std::int64_t>(multiplier_a),
                    .multiplier_b = table.b.sign * multiplier_b,
                    .offset = static_cast<std::int64_t>(roundest(offsets.front())),
                    .negative_offset = static_cast<std::int64_t>(roundest(offsets.back()))};
}

std::int64_t sum_of(const PairScaler& scaler, std::int64_t a, std::int64_t b) {
  return a * scaler.multiplier_a + b * scaler.multiplier_b;
}

void set_widths(PairScaler& scaler, CodeRange a, CodeRange b) {
  scaler.multiplier_bits =
      std::max(signed_bits(scaler.multiplier_a), signed_bits(scaler.multiplier_b));
  scaler.offset_bits = std::max(signed_bits(scaler.offset), signed_bits(scaler.negative_offset));
  for (const std::int64_t of_a : {a.lowest, a.highest}) {
    for (const std::int64_t of_b : {b.lowest, b.highest}) {
      const std::int64_t sum = sum_of(scaler, of_a, of_b);
      const std::int64_t offset = sum < scaler.pivot ? scaler.negative_offset : scaler.offset;
      scaler.sum_bits = std::max({scaler.sum_bits, signed_bits(sum), signed_bits(sum + offset)});
    }
  }
}

Error no_plane(const std::string& what) {
  return {ErrorCode::Unsupported,
          fmt::format("the codes of the sum {}; look them up in a table instead", what)};
}

Result<PairScaler> fit_planes(const PairRule& rule, const PairTable& table, CodeRange codes,
                              bool bends) {
  const std::vector<PlaneBounds> planes = planes_of(table, rule, codes, bends);
  const WideInterval located = locate(planes);
  const std::string none =
      fmt::format("are on no plane with one rounding and multipliers of at most {} bits",
                  kMaxPairMultiplierBits);
  if (located.is_empty()) return no_plane(none);
  for (int shift = 0; shift <= kLocatingShift; ++shift) {
    const int dropped = kLocatingShift - shift;
    for (Wide a = -(-located.low >> dropped); a <= located.high >> dropped; ++a) {
      auto scaler = scaler_at(planes, table, a, shift);
      if (!scaler) continue;
      scaler->codes = codes;
      scaler->pivot = sum_of(*scaler, rule.zero_a, rule.zero_b);
      set_widths(*scaler, rule.a, rule.b);
      if (scaler->multiplier_bits > kMaxPairMultiplierBits) break;
      return *scaler;
    }
    if (signed_bits(located.low >> dropped) > kMaxPairMultiplierBits) break;
  }
  return no_plane(none);
}

bool equals(const PairScaler& scaler, const PairTable& table) {
  const std::int64_t* code = table.codes.data();
  for (std::int64_t j = 0; j < table.b.count; ++j) {
    const std::int64_t b = table.b.sign * (table.b.lowest + j);
    for (std::int64_t i = 0; i < table.a.count; ++i) {
      if (scaler.code(table.a.sign * (table.a.lowest + i), b) != *code++) return false;
    }
  }
  return true;
}

// What a scaler costs, the dearest first.
auto pair_cost_of(const PairScaler& scaler) {
  return std::tuple(scaler.needs_multiplier(), scaler.multiplier_bits > kDspPairMultiplierBits,
                    scaler.has_negative_offset(), scaler.multiplier_bits);
}

bool is_narrow(CodeRange codes, std::int64_t zero) {
  return codes.highest - codes.lowest < 1 << kMaxPairBits && codes.lowest <= zero &&
         zero <= codes.highest;
}

}  // namespace

bool PairScaler::needs_multiplier() const {
  const auto is_wires = [](std::int64_t multiplier) {
    return (std::abs(multiplier) & (std::abs(multiplier) - 1)) == 0;
  };
  return !is_wires(multiplier_a) || !is_wires(multiplier_b);
}

std::int64_t PairScaler::code(std::int64_t a, std::int64_t b) const {
  const std::int64_t sum = sum_of(*this, a, b);
  const std::int64_t steps = (sum + (sum < pivot ? negative_offset : offset)) >> shift;
  return std::clamp(steps, codes.lowest, codes.highest);
}

PairRule rule_of(const numeric::CodeSum& sum, const numeric::Quantization& a,
                 const numeric::Quantization& b) {
  return {[sum](std::int64_t of_a, std::int64_t of_b) { return sum.code(of_a, of_b); },
          numeric::codes_of(a), numeric::codes_of(b), a.zero_points[0], b.zero_points[0]};
}

Result<PairScaler> fit_pair_scaler(const PairRule& rule, CodeRange codes) {
  SL_ASSERT(is_narrow(rule.a, rule.zero_a) && is_narrow(rule.b, rule.zero_b),
            "all pairs of narrow codes are tried");
  const PairTable table = table_of(rule);
  auto best = fit_planes(rule, table, codes, false);
  if (!best || best->needs_multiplier()) {
    auto bent = fit_planes(rule, table, codes, true);
    if (!best || (bent && pair_cost_of(*bent) < pair_cost_of(*best))) best = std::move(bent);
  }
  if (best && !equals(*best, table)) return no_plane("do not rise or fall with each of its terms");
  return best;
}

Result<PairScaler> shift_pair_scaler(numeric::Arithmetic arithmetic, const numeric::Quantization& a,
                                     const numeric::Quantization& b, const numeric::Quantization& y,
                                     int sign) {
  SL_ASSERT(numeric::is_shift(arithmetic), "an arithmetic that shifts");
  std::array<int, 3> exponents{};
  for (std::size_t i = 0; const numeric::Quantization* of : {&a, &b, &y}) {
    const auto exponent = numeric::exact_log2(of->scales[0]);
    if (!exponent) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("a scale of {} is no power of two; an arithmetic that shifts needs "
                               "one",
                               of->scales[0])};
    }
    exponents[i++] = *exponent;
  }
  const auto [of_a, of_b, of_y] = exponents;
  const int unit = std::min({of_a, of_b, of_y});
  constexpr int kMostExponents = 53;
  if (std::max({of_a, of_b, of_y}) - unit > kMostExponents) {
    return no_plane("have scales that are more than 2^53 apart");
  }
  PairScaler scaler{.shift = of_y - unit,
                    .multiplier_a = std::int64_t{1} << (of_a - unit),
                    .multiplier_b = sign * (std::int64_t{1} << (of_b - unit)),
                    .codes = numeric::codes_of(y)};
  if (arithmetic == numeric::Arithmetic::ShiftHalfEven && scaler.shift > 0) {
    return no_plane("round halves to even");
  }
  const bool adds_half = arithmetic == numeric::Arithmetic::ShiftHalfUp && scaler.shift > 0;
  const Wide pivot = static_cast<Wide>(a.zero_points[0]) * scaler.multiplier_a +
                     static_cast<Wide>(b.zero_points[0]) * scaler.multiplier_b;
  const Wide offset = static_cast<Wide>(y.zero_points[0]) * (static_cast<Wide>(1) << scaler.shift) -
                      pivot + (adds_half ? static_cast<Wide>(1) << (scaler.shift - 1) : 0);
  constexpr int kExactBits = 54;  // a sign and the 53 of float64
  Wide most = std::max(offset, -offset);
  for (const auto& [of, multiplier] :
       {std::pair(&a, scaler.multiplier_a), std::pair(&b, scaler.multiplier_b)}) {
    const CodeRange range = numeric::codes_of(*of);
    const Wide largest = std::max<Wide>(range.highest, -static_cast<Wide>(range.lowest));
    most += largest * (multiplier < 0 ? -static_cast<Wide>(multiplier) : multiplier);
  }
  if (signed_bits(most) > kExactBits) {
    return no_plane(fmt::format("need {} bits, {} are exact", signed_bits(most), kExactBits));
  }
  scaler.pivot = static_cast<std::int64_t>(pivot);
  scaler.offset = static_cast<std::int64_t>(offset);
  scaler.negative_offset = scaler.offset;
  set_widths(scaler, numeric::codes_of(a), numeric::codes_of(b));
  return scaler;
}

}  // namespace sluice::rtl
