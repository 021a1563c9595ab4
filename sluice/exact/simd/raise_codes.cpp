// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/raise_codes.hpp"

#include <algorithm>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/raise_codes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::int16_t, 32>;
using V = hn::Vec<D>;

HWY_INLINE V load(const std::int16_t* from) {
  return hn::LoadU(D(), from);
}

template <class Code>
HWY_INLINE V load(const Code* from) {
  return hn::PromoteTo(D(), hn::LoadU(hn::Rebind<Code, D>(), from));
}

template <class Code>
void raise_from(const Code* from, std::span<const std::int16_t> factors, std::int16_t* to,
                std::int64_t count) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  const auto period = static_cast<std::int64_t>(factors.size());
  for (std::int64_t begin = 0; begin < count; begin += period) {
    const std::int64_t size = HWY_MIN(period, count - begin);
    std::int64_t i = 0;
    for (; i + lanes <= size; i += lanes) {
      hn::StoreU(hn::Mul(load(from + begin + i), load(factors.data() + i)), D(), to + begin + i);
    }
    for (; i < size; ++i) {
      to[begin + i] = static_cast<std::int16_t>(from[begin + i] * factors.data()[i]);
    }
  }
}

void raise_from_any(DType type, const std::byte* from, std::span<const std::int16_t> factors,
                    std::int16_t* to, std::int64_t count) {
  const auto as = [&]<class Code>(Code) {
    raise_from(reinterpret_cast<const Code*>(from), factors, to, count);
  };
  if (type == DType::Int8) return as(std::int8_t{});
  if (type == DType::UInt8) return as(std::uint8_t{});
  as(std::int16_t{});  // the low 16 bits of a product have no sign
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(raise_from_any);

RaiseCodes::RaiseCodes(DType type, std::span<const int> shifts)
    : type_(type), channels_(static_cast<std::int64_t>(shifts.size())) {
  constexpr std::size_t kMostLanes = 32;
  factors_.resize(std::lcm(shifts.size(), kMostLanes));
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    factors_[i] = static_cast<std::int16_t>(1 << shifts[i % shifts.size()]);
  }
}

void RaiseCodes::run(const std::byte* from, std::int16_t* to,
                     std::int64_t num_rows) const noexcept {
  HWY_DYNAMIC_DISPATCH(raise_from_any)(type_, from, factors_, to, num_rows * channels_);
}

}  // namespace sluice::exact
#endif
