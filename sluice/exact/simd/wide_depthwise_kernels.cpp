// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/wide_depthwise_kernels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/wide_depthwise_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sluice/exact/simd/depthwise_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
template <class Code>
void block_of(const WideDepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels) {
  const std::int32_t offset = block.type == DType::UInt16 ? 1 << 15 : 0;
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    for (std::int64_t c = 0; c < num_channels; ++c) {
      std::int64_t sum = 0;
      for (std::int64_t t = 0; t < block.taps; ++t) {
        const std::byte* row = block.rows[p * block.taps + t] + block.offset;
        Code code;
        std::memcpy(&code, row + c * static_cast<std::int64_t>(sizeof(Code)), sizeof(Code));
        const std::int32_t weight = block.weights[t * kWideDepthwiseChannels + c];
        sum += std::int64_t{code - offset} * static_cast<std::int16_t>(weight);
      }
      block.acc[p * kWideDepthwiseChannels + c] = sum;
    }
  }
}

void block_of_any(const WideDepthwiseBlock& block, std::int64_t num_pixels,
                  std::int64_t num_channels) {
  if (block.type == DType::Int8) return block_of<std::int8_t>(block, num_pixels, num_channels);
  if (block.type == DType::UInt8) return block_of<std::uint8_t>(block, num_pixels, num_channels);
  if (block.type == DType::Int16) return block_of<std::int16_t>(block, num_pixels, num_channels);
  block_of<std::uint16_t>(block, num_pixels, num_channels);
}
#else
using DWide = hn::RebindToUnsigned<hn::RepartitionToWide<D>>;
using VWide = hn::Vec<DWide>;

// Segments and sums as in wide_dense_kernels.cpp, where they are explained.
template <class Code>
void block_of(const WideDepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels) {
  const D d;
  const hn::Rebind<Code, D> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto flip = hn::Set(narrow, static_cast<Code>(block.type == DType::UInt16 ? INT16_MIN : 0));
  const V start = hn::Set(d, INT32_MIN);
  const VWide bias = hn::Set(DWide(), static_cast<std::uint64_t>(block.num_segments) << 31);
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    const std::byte* const* rows = block.rows + p * block.taps;
    for (std::int64_t c = 0; c < num_channels; c += lanes) {
      const std::int64_t count = HWY_MIN(lanes, num_channels - c);
      const std::int64_t offset = block.offset + c * static_cast<std::int64_t>(sizeof(Code));
      VWide both = hn::Zero(DWide());
      VWide high = hn::Zero(DWide());
      std::int64_t t = 0;
      for (std::int64_t s = 0; s < block.num_segments; ++s) {
        V acc = start;
        for (const std::int64_t end = t + block.segments[s]; t < end; ++t) {
          const auto codes = hn::Xor(load_codes<Code>(rows[t] + offset, count), flip);
          const V weight = hn::LoadU(d, block.weights + t * kWideDepthwiseChannels + c);
          acc = add_product(acc, hn::PromoteTo(d, codes), weight);
        }
        const VWide sums = hn::BitCast(DWide(), acc);
        both = hn::Add(both, sums);
        high = hn::Add(high, hn::ShiftRight<32>(sums));
      }
      const VWide low = hn::Sub(both, hn::ShiftLeft<32>(high));
      auto* out = reinterpret_cast<std::uint64_t*>(block.acc + p * kWideDepthwiseChannels + c);
      hn::StoreInterleaved2(hn::Sub(low, bias), hn::Sub(high, bias), DWide(), out);
    }
  }
}

void block_of_any(const WideDepthwiseBlock& block, std::int64_t num_pixels,
                  std::int64_t num_channels) {
  if (block.type == DType::Int8) return block_of<std::int8_t>(block, num_pixels, num_channels);
  if (block.type == DType::UInt8) return block_of<std::uint8_t>(block, num_pixels, num_channels);
  block_of<std::int16_t>(block, num_pixels, num_channels);
}
#endif

WideDepthwiseKernel wide_depthwise_pointer() {
  return block_of_any;
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(wide_depthwise_pointer);

WideDepthwiseKernel wide_depthwise_kernel() {
  return HWY_DYNAMIC_DISPATCH(wide_depthwise_pointer)();
}

}  // namespace sluice::exact
#endif
