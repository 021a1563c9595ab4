// SPDX-License-Identifier: Apache-2.0
// What the memories of rtl/ become: LUTs or block RAM, as sl_ram and sl_rom ask for.
#pragma once

#include <cstdint>

namespace sluice::hw::library {

// Whether a memory is in LUTs: up to 32 words, or up to 1024 bits.
[[nodiscard]] bool is_in_luts(std::int64_t width_bits, std::int64_t depth);

// Block RAMs of 18 Kbit of a memory that is not in LUTs, 0 of others: side by side and one behind
// another in the shape that takes the fewest, those of 36 Kbit counting two.
[[nodiscard]] std::int64_t memory_bram18(std::int64_t width_bits, std::int64_t depth);

// The same of a memory of which only bits [first, first + read) are read: blocks side by side that
// have none of them go.
[[nodiscard]] std::int64_t memory_bram18_of_bits(std::int64_t width_bits, std::int64_t depth,
                                                 std::int64_t first, std::int64_t read);

// LUTs as memory, for words that are written: four hold 32 words of 6 bits or 64 of 3. 0 where it
// is in block RAM.
[[nodiscard]] double ram_luts(std::int64_t width_bits, std::int64_t depth);

// What is left of constants in LUTs: bits of a word that differ from one another and from what the
// address bits say already, of words as if drawn at random.
[[nodiscard]] double distinct_bits(std::int64_t width_bits, std::int64_t depth);
// Their LUTs: one for up to 64 words of a bit, of more words one each 64 and what chooses among
// them. 0 where it is in block RAM.
[[nodiscard]] double rom_luts(std::int64_t width_bits, std::int64_t depth);

}  // namespace sluice::hw::library
