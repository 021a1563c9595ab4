// SPDX-License-Identifier: Apache-2.0
// A proxy of the energy that a feature map costs: it ranks designs, and is not joules of a board.
// docs/reference/estimate.md has the formulas, docs/reference/coefficients.md the numbers.
#pragma once

#include <filesystem>
#include <string>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/device.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::hw {

struct EnergyCoefficients {
  std::string provenance;                 // where they are from: a sentence
  double multiply_pj_per_square_bit = 0;  // of a product: bits of the one times bits of the other
  double add_pj_per_bit = 0;
  double on_chip_pj_per_bit = 0;   // read or written
  double off_chip_pj_per_bit = 0;  // between the device and its memory
  double static_uw_per_lut = 0;    // the power of an idle device, by its LUTs

  // A document of format "sluice.energy/1" with these keys. Parse, with the place, if one is
  // missing, unknown or negative.
  static Result<EnergyCoefficients> parse(const Json& document);
  static Result<EnergyCoefficients> read(const std::filesystem::path& path);
};

// Those that come with the program. Io, naming the places, if they are not found.
[[nodiscard]] Result<EnergyCoefficients> default_energy_coefficients();

// What a layer does for a feature map.
struct LayerWork {
  double products = 0;
  double product_pj = 0;    // of all of them, each with the addition of its sum
  double on_chip_bits = 0;  // that memories read and write
};
[[nodiscard]] LayerWork work_of(const Layer& layer, const EnergyCoefficients& by,
                                Rules rules = Rules::Sluice);

// What the energy of a design depends on besides the design.
struct EnergyTerms {
  const Device& device;
  const EnergyCoefficients& by;
  double clock_mhz = 0;
  Rules rules = Rules::Sluice;
};

// For a feature map.
struct EnergyProxy {
  double products_uj = 0, on_chip_uj = 0, off_chip_uj = 0, static_uj = 0;

  [[nodiscard]] double total_uj() const {
    return products_uj + on_chip_uj + off_chip_uj + static_uj;
  }
  EnergyProxy& operator+=(const EnergyProxy& more) {
    products_uj += more.products_uj;
    on_chip_uj += more.on_chip_uj;
    off_chip_uj += more.off_chip_uj;
    static_uj += more.static_uj;
    return *this;
  }
};

// Of the device's power, the share that a design takes: the mean over the kinds of resources that
// the device has.
[[nodiscard]] double used_share(const Resources& used, const Device& device);

// `estimate` is the partition's by the same rules. What passes do again costs again.
[[nodiscard]] EnergyProxy energy_proxy(const Partition& partition,
                                       const PartitionEstimate& estimate, const EnergyTerms& terms);
// Of all partitions; that the device is configured in between is not counted.
[[nodiscard]] EnergyProxy energy_proxy(const HardwareNetwork& network,
                                       const NetworkEstimate& estimate, const EnergyTerms& terms);

}  // namespace sluice::hw
