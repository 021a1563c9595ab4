// SPDX-License-Identifier: Apache-2.0
// RaiseCodes: codes of channels with scales of their own as 16-bit codes nearer to a common scale,
// as vectors:
//   to[p][c] = from[p][c]·2^shifts[c]
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/numeric/dtype.hpp"

namespace sluice::exact {

class RaiseCodes {
 public:
  // From codes of Int8, UInt8, Int16 or UInt16. `shifts`: one a channel, at most 15.
  RaiseCodes(DType type, std::span<const int> shifts);

  // num_rows rows of a code a channel. What 16 bits do not hold leaves its low bits.
  void run(const std::byte* from, std::int16_t* to, std::int64_t num_rows) const noexcept;

 private:
  DType type_;
  std::int64_t channels_;
  // 2^shift of each channel, repeated until the last vector of them is full.
  AlignedVector<std::int16_t> factors_;
};

}  // namespace sluice::exact
