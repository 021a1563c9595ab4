// SPDX-License-Identifier: Apache-2.0
// The vector kernel that brings the codes of all taps of a pixel together, for tiles that cannot
// read the input in place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::exact {

struct GatherRows {
  const std::byte* const* rows;  // [row][tap]
  std::int64_t taps;
  std::int64_t channels;
  std::int64_t offset;  // added to each pointer
  bool is_signed;       // the codes are int8, not uint8
  // Codes become int16 less this zero point; else they become uint8, int8 by 128 more.
  bool is_widening;
  std::int32_t zero_point;
  std::int64_t row_bytes;  // of `to`: a row's codes, then zeros
  std::byte* to;
};

using GatherKernel = void (*)(const GatherRows& gather, std::int64_t num_rows);

// The kernel of the best instruction set this machine has.
[[nodiscard]] GatherKernel gather_kernel();

}  // namespace sluice::exact
