// SPDX-License-Identifier: Apache-2.0
// The largest of some rows of codes, channel by channel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/layer.hpp"
#include "sluice/numeric/dtype.hpp"

namespace sluice::exact {

// out[p][c] = max over t of rows[p][t][c], for pixels whose rows are `taps` pointers each; a null
// pointer counts for nothing, but a pixel has at least one row. Codes are Int8, UInt8, Int16 or
// UInt16; a pixel of the output is out.stride bytes from the next.
void max_of_rows(DType type, const std::byte* const* rows, std::int64_t num_pixels,
                 std::int64_t taps, std::int64_t channels, PixelRows<std::byte> out) noexcept;

}  // namespace sluice::exact
