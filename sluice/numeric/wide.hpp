// SPDX-License-Identifier: Apache-2.0
// Integers in which products of 64-bit ones are exact.
#pragma once

namespace sluice::numeric {

__extension__ using Wide = __int128;

// The bits of the narrowest signed number that holds the value: 1 of 0 and −1.
[[nodiscard]] int signed_bits(Wide value) noexcept;

}  // namespace sluice::numeric
