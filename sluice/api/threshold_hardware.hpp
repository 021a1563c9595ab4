// SPDX-License-Identifier: Apache-2.0
// ThresholdHardware: how fast a network with thresholds is where its zeros are skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/threshold_trial.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/dse/explore.hpp"
#include "sluice/hw/build/build.hpp"
#include "sluice/hw/design.hpp"
#include "sluice/ir/hardware_attributes.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/sparse/zero_statistics.hpp"

namespace sluice::api {

struct ThresholdHardwareOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::string device;            // name or file; empty: the design's
  std::filesystem::path design;  // sluice.design/1, kept as it is; empty: searched for each time
  std::int64_t batch_size = 256;
  std::uint64_t seed = 1;
};

// What a network's hardware is like.
struct MappedNetwork {
  double fps = 0;
  std::map<std::string, double> cycles;  // of each layer, for a feature map
  hw::Design design;
  std::vector<std::string> lacking;  // what a design that was given would need beyond the device
};

class ThresholdHardware {
 public:
  // InvalidArgument, Parse and Unsupported as explore() and estimate().
  static Result<ThresholdHardware> open(const ThresholdHardwareOptions& options);

  // With these zeros, or none at all. None: no mapping was found. Interrupted after Ctrl-C. The
  // answer depends on the arguments alone, and is that of explore, or estimate with the design, for
  // the network that is written with them.
  Result<std::optional<MappedNetwork>> map(const Thresholds& thresholds,
                                           const ir::HardwareAttributes& zeros) const;
  // The best design that skips no zeros, whether another is kept or not: engines for zeros have
  // foldings that others do not.
  Result<std::optional<MappedNetwork>> map_dense() const;

  // All that decides its answers, but the model.
  [[nodiscard]] Json identity() const;
  [[nodiscard]] const std::string& device() const { return problem_.device.name; }
  [[nodiscard]] bool is_fixed() const { return design_.has_value(); }

 private:
  ThresholdHardware() = default;
  [[nodiscard]] Result<dse::Problem> problem_of(const Thresholds& thresholds,
                                                const hw::BuildOptions& build) const;
  Result<std::optional<MappedNetwork>> search(const dse::Problem& problem) const;
  Result<MappedNetwork> figures(const hw::HardwareNetwork& network) const;

  hw::Coefficients coefficients_;
  hw::EnergyCoefficients energy_;
  std::optional<hw::Design> design_;
  dse::Problem problem_;  // without graph
  ir::Graph graph_;       // the prepared network, of batch 1
  hw::BuildOptions build_;
  hw::Design about_;  // names, without partitions
  std::uint64_t seed_ = 1;
};

// The shares that hardware takes, under the names of their nodes.
[[nodiscard]] ir::HardwareAttributes attributes_of(const sparse::ZeroStatistics& zeros);

}  // namespace sluice::api
