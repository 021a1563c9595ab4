// SPDX-License-Identifier: Apache-2.0
// WideChannelSum: sums of two codes at powers of two, as wide_sum.hpp has them, of channels with
// scales of their own, as vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/exact/simd/wide_sum.hpp"

namespace sluice::exact {

// The numbers of WideSum, each one a channel, repeated `period` long in all: until the last vector
// of them is full.
struct WideSumLanes {
  DType type;
  std::int32_t sign;
  std::int64_t period;
  const std::int32_t* shift_a;
  const std::int32_t* shift_b;
  const std::int32_t* offset;
  const std::int32_t* rounding;
  const std::int32_t* to_even;
  const std::int32_t* shift;
  const std::int32_t* zero_point;
  const std::int32_t* lowest;
  const std::int32_t* highest;
};

class WideChannelSum {
 public:
  // One a channel, all of one type and sign.
  explicit WideChannelSum(std::span<const WideSum> channels);

  // num_rows rows of a code a channel; y may be a or b.
  void run(const std::byte* a, const std::byte* b, std::byte* y,
           std::int64_t num_rows) const noexcept;

 private:
  DType type_;
  std::int32_t sign_;
  std::int64_t channels_;
  std::size_t period_;
  AlignedVector<std::int32_t> shift_a_, shift_b_, offset_, rounding_, to_even_, shift_, zero_point_,
      lowest_, highest_;
};

}  // namespace sluice::exact
