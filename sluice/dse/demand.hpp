// SPDX-License-Identifier: Apache-2.0
// Demand: what a part of a design takes of all that is scarce, as numbers that add up.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "sluice/hw/memory_blocks.hpp"
#include "sluice/hw/resources.hpp"

namespace sluice::dse {

// Of what cannot be: its cycles, its price, its time.
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The resources of the device, and bits that go between it and its memory for a feature map.
inline constexpr std::size_t kNumScarce = 6;
inline constexpr std::array<std::string_view, kNumScarce> kScarceNames{"lut",    "ff",   "dsp",
                                                                       "bram18", "uram", "bits"};
// Their places there.
inline constexpr std::size_t kLut = 0, kFf = 1, kDsp = 2, kBram18 = 3, kUram = 4, kBits = 5;

struct Demand {
  std::array<double, kNumScarce> of{};

  Demand() = default;
  explicit Demand(const hw::Resources& resources, double bits = 0)
      : of{resources.lut, resources.ff, resources.dsp, resources.bram18, resources.uram, bits} {}

  Demand& operator+=(const Demand& more) {
    for (std::size_t s = 0; s < kNumScarce; ++s) of[s] += more.of[s];
    return *this;
  }
  Demand& operator-=(const Demand& less) {
    for (std::size_t s = 0; s < kNumScarce; ++s) of[s] -= less.of[s];
    return *this;
  }
  // Nothing of it is more than of the other.
  [[nodiscard]] bool within(const Demand& other) const {
    for (std::size_t s = 0; s < kNumScarce; ++s) {
      if (of[s] > other.of[s]) return false;
    }
    return true;
  }
  // With LUTs in place of block RAMs that a budget lacks, as far as it has LUTs to spare.
  [[nodiscard]] Demand exchanged(const Demand& budget) const {
    constexpr double kLuts = hw::kLutsPerBram18;
    Demand result = *this;
    const double lacking = std::ceil(of[kBram18] - budget.of[kBram18]);
    const double spare = std::floor((budget.of[kLut] - of[kLut]) / kLuts);
    const double blocks = std::clamp(spare, 0.0, std::max(lacking, 0.0));
    result.of[kLut] += blocks * kLuts;
    result.of[kBram18] -= blocks;
    return result;
  }
  // At so much for a unit of each.
  [[nodiscard]] double priced(const Demand& prices) const {
    double sum = 0;
    for (std::size_t s = 0; s < kNumScarce; ++s) sum += of[s] * prices.of[s];
    return sum;
  }
  friend bool operator==(const Demand&, const Demand&) = default;
};

}  // namespace sluice::dse
