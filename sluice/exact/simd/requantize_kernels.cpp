// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/requantize_kernels.hpp"

#include <cstring>

#include "sluice/exact/simd/avx512_bytes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/requantize_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sluice/exact/simd/requantize_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = DLanes;
using V = VLanes;

#if HWY_TARGET == HWY_AVX3
// kVectors vectors of channels of all pixels, 4/kVectors pixels at a time.
template <class Lanes, int kVectors, bool kIsInterleaved>
HWY_INLINE void requantize_vectors(const LaneParams& params, std::int64_t num_pixels,
                                   std::int64_t first_channel, std::int64_t num_channels,
                                   PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  constexpr int kRows = 4 / kVectors;
  constexpr int kRowBytes = 16 * kVectors;
  const Avx512Bytes bytes(Lanes::code_offset(params), params.lowest, params.highest,
                          params.is_signed);
  const Lanes first(params, first_channel);
  const Lanes second(params, first_channel + 1 % kVectors * 16);
  const Lanes third(params, first_channel + 2 % kVectors * 16);
  const Lanes fourth(params, first_channel + 3 % kVectors * 16);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - num_channels);
  const std::int32_t* from = acc.data + first_channel;
  std::byte* to = out.data + first_channel;
  // Accumulators of vector i of the pixels from p on; the last pixel again for those there are not.
  const auto lanes_at = [&](std::int64_t p, int i) HWY_ATTR {
    const std::int64_t row = HWY_MIN(p + i / kVectors, num_pixels - 1);
    return hn::LoadU(D(), from + row * acc.stride + i % kVectors * 16);
  };
  for (std::int64_t p = 0; p < num_pixels; p += kRows) {
    __m512i codes = bytes.interleaved(first(lanes_at(p, 0)).raw, second(lanes_at(p, 1)).raw,
                                      third(lanes_at(p, 2)).raw, fourth(lanes_at(p, 3)).raw);
    if constexpr (!kIsInterleaved) codes = Avx512Bytes::in_order(codes);
    store_row<kRowBytes, 0>(codes, mask, to + p * out.stride);
    if constexpr (kRows >= 2) {
      if (p + 1 < num_pixels) store_row<kRowBytes, 1>(codes, mask, to + (p + 1) * out.stride);
    }
    if constexpr (kRows == 4) {
      if (p + 2 < num_pixels) store_row<kRowBytes, 2>(codes, mask, to + (p + 2) * out.stride);
      if (p + 3 < num_pixels) store_row<kRowBytes, 3>(codes, mask, to + (p + 3) * out.stride);
    }
  }
}

template <class Lanes>
void requantize_rows(const LaneParams& params, std::int64_t num_pixels, std::int64_t num_channels,
                     PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  for (std::int64_t m = 0; m < num_channels;) {
    const std::int64_t rest = num_channels - m;
    if (rest > 48) {
      requantize_vectors<Lanes, 4, false>(params, num_pixels, m, HWY_MIN(rest, 64), acc, out);
      m += 64;
    } else if (rest > 16) {
      requantize_vectors<Lanes, 2, false>(params, num_pixels, m, HWY_MIN(rest, 32), acc, out);
      m += 32;
    } else {
      requantize_vectors<Lanes, 1, false>(params, num_pixels, m, rest, acc, out);
      m += 16;
    }
  }
}

template <class Lanes>
void requantize_interleaved(const LaneParams& params, std::int64_t num_pixels,
                            std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                            PixelRows<std::byte> out) {
  requantize_vectors<Lanes, 4, true>(params, num_pixels, 0, num_channels, acc, out);
}
#else
template <class Code, class Lanes>
HWY_INLINE void requantize_as(const LaneParams& params, std::int64_t num_pixels,
                              std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                              PixelRows<std::byte> out) {
  const D d;
  const hn::Rebind<Code, D> d8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V offset = hn::Set(d, Lanes::code_offset(params));
  const V lowest = hn::Set(d, params.lowest);
  const V highest = hn::Set(d, params.highest);
  for (std::int64_t m = 0; m < num_channels; m += lanes) {
    const Lanes function(params, m);
    const std::int64_t count = HWY_MIN(lanes, num_channels - m);
    for (std::int64_t p = 0; p < num_pixels; ++p) {
      const V code = hn::Add(function(hn::LoadU(d, acc.data + p * acc.stride + m)), offset);
      HWY_ALIGN Code part[hn::MaxLanes(d8)];
      hn::StoreU(hn::DemoteTo(d8, hn::Min(hn::Max(code, lowest), highest)), d8, part);
      std::memcpy(out.data + p * out.stride + m, part, static_cast<std::size_t>(count));
    }
  }
}

template <class Lanes>
void requantize_rows(const LaneParams& params, std::int64_t num_pixels, std::int64_t num_channels,
                     PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  if (params.is_signed) {
    requantize_as<std::int8_t, Lanes>(params, num_pixels, num_channels, acc, out);
  } else {
    requantize_as<std::uint8_t, Lanes>(params, num_pixels, num_channels, acc, out);
  }
}
#endif

const RequantizeKernels* requantize_table() {
  static constexpr RequantizeKernels kKernels{
      requantize_rows<Integer<true>>, requantize_rows<Integer<false>>, requantize_rows<Float32>,
      requantize_rows<Float64>, requantize_rows<Shift>};
  return &kKernels;
}

const RequantizeKernels* interleaved_requantize_table() {
#if HWY_TARGET == HWY_AVX3
  static constexpr RequantizeKernels kKernels{
      requantize_interleaved<Integer<true>>, requantize_interleaved<Integer<false>>,
      requantize_interleaved<Float32>, requantize_interleaved<Float64>,
      requantize_interleaved<Shift>};
  return &kKernels;
#else
  return nullptr;
#endif
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(requantize_table);
HWY_EXPORT(interleaved_requantize_table);

const RequantizeKernels& requantize_kernels() {
  return *HWY_DYNAMIC_DISPATCH(requantize_table)();
}

const RequantizeKernels* interleaved_requantize_kernels() {
  return HWY_DYNAMIC_DISPATCH(interleaved_requantize_table)();
}

}  // namespace sluice::exact
#endif
