// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/max_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/max_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct Pixel {
  const std::byte* const* rows;
  std::int64_t taps;
  std::byte* out;
};

template <class Code>
HWY_INLINE Code largest(const Pixel& pixel, std::int64_t channel) {
  bool is_first = true;
  Code result{};
  for (std::int64_t t = 0; t < pixel.taps; ++t) {
    if (pixel.rows[t] == nullptr) continue;
    const Code code = reinterpret_cast<const Code*>(pixel.rows[t])[channel];
    result = is_first ? code : HWY_MAX(result, code);
    is_first = false;
  }
  return result;
}

template <class D>
HWY_INLINE void store_largest(D d, const Pixel& pixel, std::int64_t channel) {
  using Code = hn::TFromD<D>;
  auto result = hn::Set(d, hwy::LimitsMin<Code>());
  for (std::int64_t t = 0; t < pixel.taps; ++t) {
    if (pixel.rows[t] == nullptr) continue;
    const auto* codes = reinterpret_cast<const Code*>(pixel.rows[t]);
    result = hn::Max(result, hn::LoadU(d, codes + channel));
  }
  hn::StoreU(result, d, reinterpret_cast<Code*>(pixel.out) + channel);
}

// The last vector of a row begins where it ends with the row: some channels are done twice.
template <class D>
HWY_INLINE void max_in_vectors(D d, const Pixel& pixel, std::int64_t channels) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t c = 0; c < channels; c += lanes) {
    store_largest(d, pixel, HWY_MIN(c, channels - lanes));
  }
}

template <class Code>
void max_as(const std::byte* const* rows, std::int64_t num_pixels, std::int64_t taps,
            std::int64_t channels, PixelRows<std::byte> out) {
  const hn::ScalableTag<Code> wide;
  const hn::CappedTag<Code, 16 / sizeof(Code)> narrow;
  const bool fills_wide = channels >= static_cast<std::int64_t>(hn::Lanes(wide));
  const bool fills_narrow = channels >= static_cast<std::int64_t>(hn::Lanes(narrow));
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    const Pixel pixel{rows + p * taps, taps, out.data + p * out.stride};
    if (fills_wide) {
      max_in_vectors(wide, pixel, channels);
    } else if (fills_narrow) {
      max_in_vectors(narrow, pixel, channels);
    } else {
      auto* y = reinterpret_cast<Code*>(pixel.out);
      for (std::int64_t c = 0; c < channels; ++c) y[c] = largest<Code>(pixel, c);
    }
  }
}

void max_of_any(DType type, const std::byte* const* rows, std::int64_t num_pixels,
                std::int64_t taps, std::int64_t channels, PixelRows<std::byte> out) {
  if (type == DType::Int8) return max_as<std::int8_t>(rows, num_pixels, taps, channels, out);
  if (type == DType::UInt8) return max_as<std::uint8_t>(rows, num_pixels, taps, channels, out);
  if (type == DType::Int16) return max_as<std::int16_t>(rows, num_pixels, taps, channels, out);
  max_as<std::uint16_t>(rows, num_pixels, taps, channels, out);
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(max_of_any);

void max_of_rows(DType type, const std::byte* const* rows, std::int64_t num_pixels,
                 std::int64_t taps, std::int64_t channels, PixelRows<std::byte> out) noexcept {
  HWY_DYNAMIC_DISPATCH(max_of_any)(type, rows, num_pixels, taps, channels, out);
}

}  // namespace sluice::exact
#endif
