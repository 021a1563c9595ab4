// SPDX-License-Identifier: Apache-2.0
// Problem: a network, a device, what may be taken of it, and what is wanted.
#pragma once

#include <cstdint>
#include <limits>

#include "sluice/dse/demand.hpp"
#include "sluice/hw/coefficients.hpp"
#include "sluice/hw/device.hpp"
#include "sluice/hw/energy.hpp"
#include "sluice/hw/graph.hpp"

namespace sluice::dse {

enum class Objective : unsigned char {
  Throughput,  // feature maps a second, of whole batches
  Latency,     // seconds for one
  Resources,   // the least share of the device that gives `required_fps`
  Energy,      // the least proxy of a feature map's energy that gives `required_fps`
};

// Shares of the device, 0 to 1.
struct Ceilings {
  double lut = 1, ff = 1, dsp = 1, bram18 = 1, uram = 1;
  double memory = 1;  // of its bandwidth
};

struct Problem {
  hw::Graph graph;  // without regrouping; each layer at its least parallelism
  hw::Device device;
  const hw::Coefficients* coefficients = nullptr;
  hw::Rules rules = hw::Rules::Sluice;
  double clock_mhz = 0;
  std::int64_t batch_size = 1;
  Objective objective = Objective::Throughput;
  Ceilings ceilings;
  double required_fps = 0;                         // of Resources; of Energy, 0: any
  const hw::EnergyCoefficients* energy = nullptr;  // of Energy
  std::int64_t max_partitions = 1;
  bool may_stream_weights = true;
  bool may_use_lut_memory = true;  // LUTs in place of block RAMs

  // What a partition may take, for an interval of so many cycles; of what may be taken of the
  // device only a share.
  [[nodiscard]] Demand budget(double interval_cycles, double share = 1) const {
    Demand result(device.resources);
    const std::array shares{ceilings.lut,    ceilings.ff,   ceilings.dsp,
                            ceilings.bram18, ceilings.uram, 1.0};
    for (std::size_t s = 0; s < kNumScarce; ++s) result.of[s] *= shares[s] * share;
    result.of[kBits] = memory_bits_per_cycle() * interval_cycles;
    return result;
  }
  // A device without memory is given words by something else, as fast as it takes them.
  [[nodiscard]] double memory_bits_per_cycle() const {
    constexpr double kUnlimited = 1e9;
    if (device.memory_gbps == 0) return kUnlimited;
    return device.memory_gbps * 1000 / clock_mhz * ceilings.memory;
  }
};

}  // namespace sluice::dse
