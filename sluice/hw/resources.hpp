// SPDX-License-Identifier: Apache-2.0
// What a device has of each kind of block, and what a design takes of it.
#pragma once

#include <array>
#include <string_view>

namespace sluice::hw {

// Reals, because not every block is taken whole: fpgaConvNet's model, whose figures ours are
// compared with, packs several narrow products into one DSP block and counts a quarter of it each.
struct Resources {
  double lut = 0;
  double ff = 0;
  double dsp = 0;
  double bram18 = 0;  // block RAMs of 18 Kbit
  double uram = 0;    // UltraRAMs of 288 Kbit

  Resources& operator+=(const Resources& more) {
    lut += more.lut;
    ff += more.ff;
    dsp += more.dsp;
    bram18 += more.bram18;
    uram += more.uram;
    return *this;
  }
  Resources& operator-=(const Resources& less) {
    lut -= less.lut;
    ff -= less.ff;
    dsp -= less.dsp;
    bram18 -= less.bram18;
    uram -= less.uram;
    return *this;
  }
  friend Resources operator+(Resources a, const Resources& b) { return a += b; }
  friend Resources operator-(Resources a, const Resources& b) { return a -= b; }
  friend bool operator==(const Resources&, const Resources&) = default;
};

// The kinds in the order in which they are listed everywhere, each with where it is counted.
struct ResourceKind {
  std::string_view name;  // as files and reports call it
  double Resources::*count;
};
inline constexpr std::array<ResourceKind, 5> kResourceKinds{{{"lut", &Resources::lut},
                                                             {"ff", &Resources::ff},
                                                             {"dsp", &Resources::dsp},
                                                             {"bram18", &Resources::bram18},
                                                             {"uram", &Resources::uram}}};

}  // namespace sluice::hw
