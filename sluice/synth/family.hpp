// SPDX-License-Identifier: Apache-2.0
// Families of FPGAs, and what the cells of a synthesized module take of one.
// docs/reference/synth.md has the table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice::synth {

enum class Family : unsigned char { Xilinx7, Ecp5, Ice40 };
// "xilinx7", "ecp5", "ice40".
[[nodiscard]] std::string_view to_string(Family family) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<Family> family_from_string(std::string_view name);

// Bits of a block RAM as Usage counts them: 18 Kbit, on iCE40 4 Kbit.
[[nodiscard]] std::int64_t block_ram_bits(Family family) noexcept;

struct Usage {
  std::int64_t lut = 0;  // for logic, memories and shift registers
  std::int64_t ff = 0;
  std::int64_t dsp = 0;
  std::int64_t bram = 0;  // blocks of block_ram_bits

  Usage& operator+=(const Usage& more) {
    lut += more.lut;
    ff += more.ff;
    dsp += more.dsp;
    bram += more.bram;
    return *this;
  }
  friend bool operator==(const Usage&, const Usage&) = default;
};

// How many there are of each kind of cell, by its name in the family's library.
using Cells = std::map<std::string, std::int64_t>;

// External, naming it, for a kind that is not in the table: what it takes is not known.
[[nodiscard]] Result<Usage> usage_of(Family family, const Cells& cells);

}  // namespace sluice::synth
