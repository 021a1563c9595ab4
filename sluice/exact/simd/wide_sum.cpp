// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/wide_sum.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/wide_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

template <class Code>
void sum_as(const WideSum& by, const std::byte* a, const std::byte* b, std::byte* y,
            std::int64_t count) {
  const D d;
  const hn::Rebind<Code, D> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V offset = hn::Set(d, by.offset);
  const V rounding = hn::Set(d, by.rounding);
  const V to_even = hn::Set(d, by.to_even);
  const V zero_point = hn::Set(d, by.zero_point);
  const V lowest = hn::Set(d, by.lowest);
  const V highest = hn::Set(d, by.highest);
  const auto codes_of = [&](const Code* from_a, const Code* from_b) HWY_ATTR {
    const V raised_a = hn::ShiftLeftSame(hn::PromoteTo(d, hn::LoadU(narrow, from_a)), by.shift_a);
    const V raised_b = hn::ShiftLeftSame(hn::PromoteTo(d, hn::LoadU(narrow, from_b)), by.shift_b);
    const V both = by.sign > 0 ? hn::Add(raised_a, raised_b) : hn::Sub(raised_a, raised_b);
    const V sum = hn::Add(both, offset);
    const V odd = hn::And(hn::ShiftRightSame(sum, by.shift), to_even);
    const V steps = hn::ShiftRightSame(hn::Add(sum, hn::Add(rounding, odd)), by.shift);
    const V code = hn::Min(hn::Max(hn::Add(steps, zero_point), lowest), highest);
    return hn::DemoteTo(narrow, code);
  };
  const auto* of_a = reinterpret_cast<const Code*>(a);
  const auto* of_b = reinterpret_cast<const Code*>(b);
  auto* to = reinterpret_cast<Code*>(y);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(codes_of(of_a + i, of_b + i), narrow, to + i);
  }
  if constexpr (hn::MaxLanes(D()) > 1) {
    if (i == count) return;
    HWY_ALIGN Code rest_a[hn::MaxLanes(narrow)] = {};
    HWY_ALIGN Code rest_b[hn::MaxLanes(narrow)] = {};
    HWY_ALIGN Code rest[hn::MaxLanes(narrow)];
    const auto bytes = static_cast<std::size_t>(count - i) * sizeof(Code);
    std::memcpy(rest_a, of_a + i, bytes);
    std::memcpy(rest_b, of_b + i, bytes);
    hn::StoreU(codes_of(rest_a, rest_b), narrow, rest);
    std::memcpy(to + i, rest, bytes);
  }
}

void sum_of_any(const WideSum& by, const std::byte* a, const std::byte* b, std::byte* y,
                std::int64_t count) {
  if (by.type == DType::Int8) return sum_as<std::int8_t>(by, a, b, y, count);
  if (by.type == DType::UInt8) return sum_as<std::uint8_t>(by, a, b, y, count);
  if (by.type == DType::Int16) return sum_as<std::int16_t>(by, a, b, y, count);
  sum_as<std::uint16_t>(by, a, b, y, count);
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(sum_of_any);

bool make_wide_sum(const WideSumOperand& a, const WideSumOperand& b, float output_scale,
                   const numeric::Requantizer& output, WideSum& sum) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  const std::int64_t most_code = std::int64_t{2} << num_bits(sum.type);  // less its zero point
  const int of_a = *numeric::exact_log2(a.scale);
  const int of_b = *numeric::exact_log2(b.scale);
  const int of_y = *numeric::exact_log2(output_scale);
  const int unit = std::min({of_a, of_b, of_y});
  constexpr int kMostShift = 30;  // with which no code has room
  if (std::max(of_a, of_b) - unit > kMostShift) return false;
  sum.shift_a = of_a - unit;
  sum.shift_b = of_b - unit;
  if ((most_code << sum.shift_a) + (most_code << sum.shift_b) >= kMost) return false;
  sum.offset = static_cast<std::int32_t>(-(a.zero_point << sum.shift_a) -
                                         sum.sign * (b.zero_point << sum.shift_b));
  sum.shift = std::min(of_y - unit, 31);
  const numeric::Rounding mode = numeric::shift_rounding(output.arithmetic);
  const bool is_cut = sum.shift == 0 || mode == numeric::Rounding::Floor;
  sum.to_even = !is_cut && mode == numeric::Rounding::HalfToEven ? 1 : 0;
  sum.rounding = is_cut ? 0 : (1 << (sum.shift - 1)) - sum.to_even;
  sum.zero_point = static_cast<std::int32_t>(output.zero_point);
  sum.lowest = static_cast<std::int32_t>(output.codes.lowest);
  sum.highest = static_cast<std::int32_t>(output.codes.highest);
  return true;
}

void run_wide_sum(const WideSum& sum, const std::byte* a, const std::byte* b, std::byte* y,
                  std::int64_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(sum_of_any)(sum, a, b, y, count);
}

}  // namespace sluice::exact
#endif
