// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/family.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

#include "sluice/base/text.hpp"

namespace sluice::synth {
namespace {

constexpr std::array<std::string_view, 3> kNames{"xilinx7", "ecp5", "ice40"};

struct Kind {
  std::string_view cell;
  Usage each;
};

constexpr Usage kFree{};
constexpr Usage kFf{.ff = 1};
constexpr Usage kDsp{.dsp = 1};
constexpr Usage kBlock{.bram = 1};
constexpr Usage luts(std::int64_t count) {
  return {.lut = count};
}

// Memories in LUTs after UG474: RAM32M and RAM64M are the four LUTs of a slice, a dual port takes
// one set of LUTs a port. Carry chains and wide multiplexers come with their slices.
constexpr std::array kXilinx7{Kind{"LUT1", luts(1)},
                              Kind{"LUT2", luts(1)},
                              Kind{"LUT3", luts(1)},
                              Kind{"LUT4", luts(1)},
                              Kind{"LUT5", luts(1)},
                              Kind{"LUT6", luts(1)},
                              Kind{"LUT6_2", luts(1)},
                              Kind{"INV", luts(1)},
                              Kind{"SRL16E", luts(1)},
                              Kind{"SRLC16E", luts(1)},
                              Kind{"SRLC32E", luts(1)},
                              Kind{"RAM32X1S", luts(1)},
                              Kind{"RAM64X1S", luts(1)},
                              Kind{"RAM128X1S", luts(2)},
                              Kind{"RAM256X1S", luts(4)},
                              Kind{"RAM32X1D", luts(2)},
                              Kind{"RAM64X1D", luts(2)},
                              Kind{"RAM128X1D", luts(4)},
                              Kind{"RAM32M", luts(4)},
                              Kind{"RAM64M", luts(4)},
                              Kind{"FDRE", kFf},
                              Kind{"FDSE", kFf},
                              Kind{"FDCE", kFf},
                              Kind{"FDPE", kFf},
                              Kind{"FDRE_1", kFf},
                              Kind{"FDSE_1", kFf},
                              Kind{"FDCE_1", kFf},
                              Kind{"FDPE_1", kFf},
                              Kind{"DSP48E1", kDsp},
                              Kind{"RAMB18E1", kBlock},
                              Kind{"RAMB36E1", {.bram = 2}},
                              Kind{"CARRY4", kFree},
                              Kind{"MUXF7", kFree},
                              Kind{"MUXF8", kFree},
                              Kind{"VCC", kFree},
                              Kind{"GND", kFree}};

// A carry cell is made of two LUTs; 16 words of 4 bits take three slices of two LUTs, one of which
// drives the addresses for writing.
constexpr std::array kEcp5{
    Kind{"LUT4", luts(1)},    Kind{"CCU2C", luts(2)},   Kind{"TRELLIS_DPR16X4", luts(6)},
    Kind{"TRELLIS_FF", kFf},  Kind{"MULT18X18D", kDsp}, Kind{"DP16KD", kBlock},
    Kind{"PDPW16KD", kBlock}, Kind{"PFUMX", kFree},     Kind{"L6MUX21", kFree},
    Kind{"VHI", kFree},       Kind{"VLO", kFree}};

// A carry lies beside the LUT that adds.
constexpr std::array kIce40{
    Kind{"SB_LUT4", luts(1)},      Kind{"SB_MAC16", kDsp},        Kind{"SB_RAM40_4K", kBlock},
    Kind{"SB_RAM40_4KNR", kBlock}, Kind{"SB_RAM40_4KNW", kBlock}, Kind{"SB_RAM40_4KNRNW", kBlock},
    Kind{"SB_CARRY", kFree},       Kind{"SB_DFF", kFf},           Kind{"SB_DFFE", kFf},
    Kind{"SB_DFFSR", kFf},         Kind{"SB_DFFR", kFf},          Kind{"SB_DFFSS", kFf},
    Kind{"SB_DFFS", kFf},          Kind{"SB_DFFESR", kFf},        Kind{"SB_DFFER", kFf},
    Kind{"SB_DFFESS", kFf},        Kind{"SB_DFFES", kFf},         Kind{"SB_DFFN", kFf},
    Kind{"SB_DFFNE", kFf},         Kind{"SB_DFFNSR", kFf},        Kind{"SB_DFFNR", kFf},
    Kind{"SB_DFFNSS", kFf},        Kind{"SB_DFFNS", kFf},         Kind{"SB_DFFNESR", kFf},
    Kind{"SB_DFFNER", kFf},        Kind{"SB_DFFNESS", kFf},       Kind{"SB_DFFNES", kFf}};

std::span<const Kind> kinds(Family family) {
  switch (family) {
    case Family::Xilinx7:
      return kXilinx7;
    case Family::Ecp5:
      return kEcp5;
    case Family::Ice40:
      break;
  }
  return kIce40;
}

}  // namespace

std::string_view to_string(Family family) noexcept {
  return kNames[static_cast<std::size_t>(family)];
}

Result<Family> family_from_string(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return static_cast<Family>(found - kNames.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no family {}{}; there are xilinx7, ecp5 and ice40",
                           sluice::quoted(name), did_you_mean(name, kNames))};
}

std::int64_t block_ram_bits(Family family) noexcept {
  constexpr std::int64_t kKbit = 1024;
  return (family == Family::Ice40 ? 4 : 18) * kKbit;
}

Result<Usage> usage_of(Family family, const Cells& cells) {
  Usage total;
  for (const auto& [cell, count] : cells) {
    const std::span<const Kind> table = kinds(family);
    const auto found = std::ranges::find(table, cell, &Kind::cell);
    if (found == table.end()) {
      return Error{ErrorCode::External,
                   fmt::format("leaves {} cells {}, and what one takes of {} is not known", count,
                               sluice::quoted(cell), to_string(family))};
    }
    total += {.lut = count * found->each.lut,
              .ff = count * found->each.ff,
              .dsp = count * found->each.dsp,
              .bram = count * found->each.bram};
  }
  return total;
}

}  // namespace sluice::synth
