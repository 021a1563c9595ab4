// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/wide_channel_sum.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/wide_channel_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::int32_t, 16>;
using V = hn::Vec<D>;

template <class Code>
HWY_INLINE V sum_of(const WideSumLanes& by, std::int64_t channel, const Code* a, const Code* b) {
  const D d;
  const hn::Rebind<Code, D> narrow;
  const auto of = [&](const std::int32_t* numbers)
                      HWY_ATTR { return hn::Load(d, numbers + channel); };
  const V raised_a = hn::Shl(hn::PromoteTo(d, hn::LoadU(narrow, a)), of(by.shift_a));
  const V raised_b = hn::Shl(hn::PromoteTo(d, hn::LoadU(narrow, b)), of(by.shift_b));
  const V both = by.sign > 0 ? hn::Add(raised_a, raised_b) : hn::Sub(raised_a, raised_b);
  const V sum = hn::Add(both, of(by.offset));
  const V shift = of(by.shift);
  const V odd = hn::And(hn::Shr(sum, shift), of(by.to_even));
  const V steps = hn::Shr(hn::Add(sum, hn::Add(of(by.rounding), odd)), shift);
  const V code = hn::Add(steps, of(by.zero_point));
  return hn::Min(hn::Max(code, of(by.lowest)), of(by.highest));
}

template <class Code>
void sum_rows(const WideSumLanes& by, const std::byte* a, const std::byte* b, std::byte* y,
              std::int64_t count) {
  const hn::Rebind<Code, D> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  const auto* of_a = reinterpret_cast<const Code*>(a);
  const auto* of_b = reinterpret_cast<const Code*>(b);
  auto* to = reinterpret_cast<Code*>(y);
  for (std::int64_t begin = 0; begin < count; begin += by.period) {
    const std::int64_t end = HWY_MIN(begin + by.period, count);
    std::int64_t i = begin;
    for (; i + lanes <= end; i += lanes) {
      hn::StoreU(hn::DemoteTo(narrow, sum_of(by, i - begin, of_a + i, of_b + i)), narrow, to + i);
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
      if (i == end) continue;
      HWY_ALIGN Code rest_a[hn::MaxLanes(narrow)] = {};
      HWY_ALIGN Code rest_b[hn::MaxLanes(narrow)] = {};
      HWY_ALIGN Code rest[hn::MaxLanes(narrow)];
      const auto bytes = static_cast<std::size_t>(end - i) * sizeof(Code);
      std::memcpy(rest_a, of_a + i, bytes);
      std::memcpy(rest_b, of_b + i, bytes);
      hn::StoreU(hn::DemoteTo(narrow, sum_of(by, i - begin, rest_a, rest_b)), narrow, rest);
      std::memcpy(to + i, rest, bytes);
    }
  }
}

void sum_rows_of_any(const WideSumLanes& by, const std::byte* a, const std::byte* b, std::byte* y,
                     std::int64_t count) {
  if (by.type == DType::Int8) return sum_rows<std::int8_t>(by, a, b, y, count);
  if (by.type == DType::UInt8) return sum_rows<std::uint8_t>(by, a, b, y, count);
  if (by.type == DType::Int16) return sum_rows<std::int16_t>(by, a, b, y, count);
  sum_rows<std::uint16_t>(by, a, b, y, count);
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(sum_rows_of_any);

WideChannelSum::WideChannelSum(std::span<const WideSum> channels)
    : type_(channels[0].type), sign_(channels[0].sign), channels_(std::ssize(channels)) {
  constexpr std::size_t kMostLanes = 16;
  period_ = std::lcm(channels.size(), kMostLanes);
  const auto repeat = [&](auto number) {
    AlignedVector<std::int32_t> numbers(period_);
    for (std::size_t i = 0; i < period_; ++i) numbers[i] = channels[i % channels.size()].*number;
    return numbers;
  };
  shift_a_ = repeat(&WideSum::shift_a);
  shift_b_ = repeat(&WideSum::shift_b);
  offset_ = repeat(&WideSum::offset);
  rounding_ = repeat(&WideSum::rounding);
  to_even_ = repeat(&WideSum::to_even);
  shift_ = repeat(&WideSum::shift);
  zero_point_ = repeat(&WideSum::zero_point);
  lowest_ = repeat(&WideSum::lowest);
  highest_ = repeat(&WideSum::highest);
}

void WideChannelSum::run(const std::byte* a, const std::byte* b, std::byte* y,
                         std::int64_t num_rows) const noexcept {
  const WideSumLanes by{.type = type_,
                        .sign = sign_,
                        .period = static_cast<std::int64_t>(period_),
                        .shift_a = shift_a_.data(),
                        .shift_b = shift_b_.data(),
                        .offset = offset_.data(),
                        .rounding = rounding_.data(),
                        .to_even = to_even_.data(),
                        .shift = shift_.data(),
                        .zero_point = zero_point_.data(),
                        .lowest = lowest_.data(),
                        .highest = highest_.data()};
  HWY_DYNAMIC_DISPATCH(sum_rows_of_any)(by, a, b, y, num_rows * channels_);
}

}  // namespace sluice::exact
#endif
