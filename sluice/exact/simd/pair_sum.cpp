// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/pair_sum.hpp"

#include <cstring>

#include "sluice/exact/simd/avx512_bytes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/pair_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using DFloat = hn::RebindToFloat<D>;
using V = hn::Vec<D>;
using VFloat = hn::Vec<DFloat>;

HWY_INLINE VFloat real(V codes) {
  return hn::ConvertTo(DFloat(), codes);
}

// To nearest, halves to even. What is below `highest` comes out right, what is far below negative.
HWY_INLINE V rounded(VFloat x, VFloat highest) {
#if HWY_TARGET == HWY_AVX3
  return V{_mm512_cvtps_epi32(hn::Min(x, highest).raw)};
#else
  return hn::NearestInt(hn::Min(x, highest));
#endif
}

// The functions below turn codes into those of the sum, less offset(), which may lie below the
// lowest code.

struct Fused {
  VFloat factor_a, factor_b, fixed, highest;

  HWY_INLINE Fused(const FusedSum& by, numeric::CodeRange codes)
      : factor_a(hn::Set(DFloat(), by.factor_a)),
        factor_b(hn::Set(DFloat(), by.factor_b)),
        fixed(hn::Set(DFloat(), by.fixed)),
        highest(hn::Set(DFloat(), static_cast<float>(codes.highest))) {}

  static std::int32_t offset(const FusedSum& /*by*/) { return 0; }

  HWY_INLINE V operator()(V a, V b) const {
    return rounded(hn::MulAdd(real(a), factor_a, hn::MulAdd(real(b), factor_b, fixed)), highest);
  }
};

struct Real {
  VFloat scale_a, scale_b, scale_y, highest;
  V zero_a, zero_b;

  HWY_INLINE Real(const RealSum& by, numeric::CodeRange codes)
      : scale_a(hn::Set(DFloat(), by.scale_a)),
        scale_b(hn::Set(DFloat(), by.scale_b)),
        scale_y(hn::Set(DFloat(), by.scale_y)),
        highest(hn::Set(DFloat(), static_cast<float>(codes.highest - by.zero_y))),
        zero_a(hn::Set(D(), by.zero_a)),
        zero_b(hn::Set(D(), by.zero_b)) {}

  static std::int32_t offset(const RealSum& by) { return by.zero_y; }

  HWY_INLINE V operator()(V a, V b) const {
    const VFloat of_a = hn::Mul(real(hn::Sub(a, zero_a)), scale_a);
    const VFloat of_b = hn::Mul(real(hn::Sub(b, zero_b)), scale_b);
    return rounded(hn::Div(hn::Add(of_a, of_b), scale_y), highest);
  }
};

struct Fixed {
  V factor_a, factor_b, added;
  int shift;

  HWY_INLINE Fixed(const FixedSum& by, numeric::CodeRange /*codes*/)
      : factor_a(hn::Set(D(), by.factor_a)),
        factor_b(hn::Set(D(), by.factor_b)),
        added(hn::Set(D(), by.offset)),
        shift(by.shift) {}

  static std::int32_t offset(const FixedSum& by) { return by.zero_y; }

  HWY_INLINE V operator()(V a, V b) const {
    const V products = hn::Add(hn::Mul(a, factor_a), hn::Mul(b, factor_b));
    return hn::ShiftRightSame(hn::Add(products, added), shift);
  }
};

template <class Code>
HWY_INLINE V load(const Code* from) {
  return hn::PromoteTo(D(), hn::LoadU(hn::Rebind<Code, D>(), from));
}

#if HWY_TARGET == HWY_AVX3
// Elements summed at once: at most so many.
constexpr std::size_t kMaxElements = 64;

template <class Code, class Function>
struct Block {
  const Function& function;
  Avx512Bytes bytes;

  static std::int64_t num_elements() { return kMaxElements; }

  HWY_INLINE Block(const Function& by, const PairSum& sum, std::int32_t offset)
      : function(by),
        bytes(offset, static_cast<std::int32_t>(sum.codes.lowest),
              static_cast<std::int32_t>(sum.codes.highest), sum.type == DType::Int8) {}

  HWY_INLINE void run(const Code* a, const Code* b, Code* y) const {
    const auto sum = [&](int i) HWY_ATTR { return function(load(a + i), load(b + i)).raw; };
    const __m512i codes = bytes.interleaved(sum(0), sum(16), sum(32), sum(48));
    _mm512_storeu_si512(y, Avx512Bytes::in_order(codes));
  }
};
#else
constexpr std::size_t kMaxElements = hn::MaxLanes(D());

template <class Code, class Function>
struct Block {
  const Function& function;
  V offset, lowest, highest;

  static std::int64_t num_elements() { return static_cast<std::int64_t>(hn::Lanes(D())); }

  HWY_INLINE Block(const Function& by, const PairSum& sum, std::int32_t added)
      : function(by),
        offset(hn::Set(D(), added)),
        lowest(hn::Set(D(), static_cast<std::int32_t>(sum.codes.lowest))),
        highest(hn::Set(D(), static_cast<std::int32_t>(sum.codes.highest))) {}

  HWY_INLINE void run(const Code* a, const Code* b, Code* y) const {
    const hn::Rebind<Code, D> narrow;
    const V codes = hn::Add(function(load(a), load(b)), offset);
    hn::StoreU(hn::DemoteTo(narrow, hn::Min(hn::Max(codes, lowest), highest)), narrow, y);
  }
};
#endif

template <class Code, class Function, class By>
HWY_INLINE void sum_by(const By& by, const PairSum& sum, const Code* a, const Code* b, Code* y,
                       std::int64_t count) {
  const Function function(by, sum.codes);
  const Block<Code, Function> block(function, sum, Function::offset(by));
  const std::int64_t step = block.num_elements();
  std::int64_t i = 0;
  for (; i + step <= count; i += step) block.run(a + i, b + i, y + i);
  if constexpr (kMaxElements > 1) {
    if (i == count) return;
    HWY_ALIGN Code rest_a[kMaxElements] = {};
    HWY_ALIGN Code rest_b[kMaxElements] = {};
    HWY_ALIGN Code rest[kMaxElements];
    const auto bytes = static_cast<std::size_t>(count - i);
    std::memcpy(rest_a, a + i, bytes);
    std::memcpy(rest_b, b + i, bytes);
    block.run(rest_a, rest_b, rest);
    std::memcpy(y + i, rest, bytes);
  }
}

template <class Code>
HWY_INLINE void sum_as(const PairSum& sum, const std::byte* from_a, const std::byte* from_b,
                       std::byte* to, std::int64_t count) {
  const auto* a = reinterpret_cast<const Code*>(from_a);
  const auto* b = reinterpret_cast<const Code*>(from_b);
  auto* y = reinterpret_cast<Code*>(to);
  if (const auto* fused = std::get_if<FusedSum>(&sum.by)) {
    sum_by<Code, Fused>(*fused, sum, a, b, y, count);
  } else if (const auto* reals = std::get_if<RealSum>(&sum.by)) {
    sum_by<Code, Real>(*reals, sum, a, b, y, count);
  } else if (const auto* fixed = std::get_if<FixedSum>(&sum.by)) {
    sum_by<Code, Fixed>(*fixed, sum, a, b, y, count);
  }
}

void sum_codes(const PairSum& sum, const std::byte* a, const std::byte* b, std::byte* y,
               std::int64_t count) {
  if (sum.type == DType::Int8) return sum_as<std::int8_t>(sum, a, b, y, count);
  sum_as<std::uint8_t>(sum, a, b, y, count);
}

bool has_fused() {
  return HWY_NATIVE_FMA != 0;
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(has_fused);
HWY_EXPORT(sum_codes);

bool can_run(const PairSum& sum) noexcept {
  return !std::holds_alternative<FusedSum>(sum.by) || HWY_DYNAMIC_DISPATCH(has_fused)();
}

void run_pair_sum(const PairSum& sum, const std::byte* a, const std::byte* b, std::byte* y,
                  std::int64_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(sum_codes)(sum, a, b, y, count);
}

}  // namespace sluice::exact
#endif
