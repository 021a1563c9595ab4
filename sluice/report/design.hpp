// SPDX-License-Identifier: Apache-2.0
// DesignFigures: all that reports say of a mapped network on a device, reckoned once. Tables, JSON,
// drawings and pages are made of it. docs/reference/estimate.md has the formulas.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/hw/coefficients.hpp"
#include "sluice/hw/device.hpp"
#include "sluice/hw/energy.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::report {

// One row of a layer's modules; the last may be what is built besides: weights, buffers.
struct ModuleFigures {
  std::string name;
  double copies = 1;
  double cycles = 0;        // for a feature map, by itself
  hw::Resources resources;  // of all copies
};

struct LayerFigures {
  std::string name;
  std::string_view kind;
  std::string detail;
  hw::FeatureMap in, out;
  hw::Folding folding;
  double cycles = 0;  // for a feature map
  double share = 0;   // of the partition's interval
  bool is_bottleneck = false;
  bool is_squeeze = false;
  double operations = 0;  // additions and multiplications for a feature map
  hw::Resources resources;
  double weight_bits = 0;           // all of them
  double weight_bits_off_chip = 0;  // of these, what is streamed in
  bool weights_in_uram = false;
  std::vector<ModuleFigures> modules;
};

// Words from a layer to another of the same partition.
struct EdgeFigures {
  std::size_t from = 0, to = 0;  // indices of layers
  std::int64_t streams = 1;
  double words_per_cycle = 0;     // of a stream, at the partition's interval
  std::int64_t buffer_depth = 0;  // words a stream that wait before a join; 0: none
};

// A layer that reads from or writes to memory outside the device.
struct MemoryPort {
  std::size_t layer = 0;
  std::int64_t streams = 1;
};

struct PartitionFigures {
  std::vector<LayerFigures> layers;
  std::vector<EdgeFigures> edges;
  std::vector<MemoryPort> reads, writes;
  std::int64_t batch_size = 1;
  std::string reloading_layer;
  std::int64_t reloading_factor = 1;
  double slow_down_factor = 1;
  double interval_cycles = 0;  // between feature maps, slowed down
  double fill_cycles = 0;
  double cycles = 0;               // for the batch
  double fps = 0;                  // batch size / (cycles / clock)
  double operations = 0;           // for a feature map: all filters, nothing done again
  double gops = 0;                 // 10⁹ operations a second over the batch
  double operations_per_byte = 0;  // of traffic with the memory; 0: none
  hw::Resources resources;
  double energy_proxy_uj = 0;  // for a feature map; of set_energy
  // Gbit/s with the memory outside.
  double in_gbps = 0, out_gbps = 0, weights_gbps = 0;
  [[nodiscard]] double total_gbps() const { return in_gbps + out_gbps + weights_gbps; }
};

// A limit of the device that a partition goes beyond.
struct Violation {
  std::size_t partition = 0;
  std::string_view what;  // "dsp", … or "memory Gbit/s"
  double needed = 0, available = 0;
};

struct DesignFigures {
  std::string name;
  hw::Device device;
  hw::Rules rules = hw::Rules::Sluice;
  double clock_mhz = 0;
  std::int64_t batch_size = 1;
  std::vector<PartitionFigures> partitions;
  double cycles = 0;      // for the batch, through all partitions
  double latency_s = 0;   // the same in seconds, with reconfiguration
  double interval_s = 0;  // between feature maps, on average over the batch
  double fps = 0;
  double operations = 0;  // for a feature map
  double gops = 0;
  double reconfiguration_s = 0;   // all of them together
  double products_per_dsp = 1;    // the most that a layer packs into a DSP block
  std::string provenance;         // of the LUT and FF figures: a sentence
  double energy_proxy_uj = 0;     // for a feature map; of set_energy
  std::string energy_provenance;  // of it: a sentence; empty: it was not asked for
  std::vector<Violation> violations;
};

// The partitions must be up to date (hw::update). A clock of 0 is the device's.
[[nodiscard]] DesignFigures figures_of(const hw::HardwareNetwork& network, const hw::Device& device,
                                       const hw::Coefficients& by, double clock_mhz = 0,
                                       hw::Rules rules = hw::Rules::Sluice);

// Adds what ranks designs by their energy. The network is that of the figures.
void set_energy(DesignFigures& design, const hw::HardwareNetwork& network,
                const hw::Coefficients& by, const hw::EnergyCoefficients& energy);

// Where the figures of LUTs and flip-flops are from, and how far off they are if that was measured.
[[nodiscard]] std::string provenance_of(const hw::Coefficients& by);

// 10⁹ operations a second that all DSP blocks could do: 2 · blocks · products a block · clock.
[[nodiscard]] double dsp_roof_gops(const DesignFigures& design);

// Of what the device has, 0 to 1 and beyond; for none of none 0, for some of none infinite.
[[nodiscard]] double utilisation(double needed, double available);
// "12.3 %", "none" for nothing of nothing.
[[nodiscard]] std::string percent(double needed, double available);

// "dsp of partition 0: 300 of 220", a violation as reports say it.
[[nodiscard]] std::string to_text(const Violation& violation);

}  // namespace sluice::report
