// SPDX-License-Identifier: Apache-2.0
// A function of bytes by its table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::exact {

using ByteTable = std::array<std::uint8_t, 256>;

// to[i] = table[from[i]]; `from` and `to` may be the same memory. In vectors where the machine
// permutes bytes of two registers (AVX-512 VBMI).
void lookup(const ByteTable& table, const std::uint8_t* from, std::uint8_t* to, std::size_t count);
// The definition.
void plain_lookup(const ByteTable& table, const std::uint8_t* from, std::uint8_t* to,
                  std::size_t count);

}  // namespace sluice::exact
