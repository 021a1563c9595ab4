// SPDX-License-Identifier: Apache-2.0
// The ways of a search for thresholds: what is tried next. None of them sees networks or hardware.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sluice/api/threshold_trial.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

enum class ThresholdPolicy : unsigned char {
  Joint,        // each layer its own thresholds, chosen together
  Uniform,      // one for all weights and one for all rectifiers, step by step
  SlowestNode,  // the rectifiers before the slowest convolution, step by step
};
[[nodiscard]] std::string_view to_string(ThresholdPolicy policy) noexcept;
// "joint", "uniform", "slowest-node". InvalidArgument with the nearest name.
[[nodiscard]] Result<ThresholdPolicy> threshold_policy_from_string(std::string_view name);

// Who tries.
class TrialSource {
 public:
  virtual ~TrialSource() = default;
  [[nodiscard]] virtual const ThresholdSpace& space() const = 0;
  [[nodiscard]] virtual double tolerance_points() const = 0;
  // Whether each layer keeps its share of the device.
  [[nodiscard]] virtual bool is_fixed_design() const = 0;
  // Whether new thresholds may still be tried.
  [[nodiscard]] virtual bool has_more() const = 0;
  // Whether these were tried: run() gives what was measured.
  [[nodiscard]] virtual bool is_known(const Thresholds& thresholds) const = 0;
  virtual Result<Trial> run(const Thresholds& thresholds) = 0;
  // Of one knob at a level from 1 on, on the first images.
  virtual Result<Sensitivity> sensitivity(std::size_t knob, std::size_t level) = 0;
  // Of 1, of each convolution without thresholds, on the same images.
  virtual Result<std::vector<double>> nonzero_products() = 0;
};

// Tries as long as there is something promising and has_more(). The same trials for the same
// answers and seed.
[[nodiscard]] Status search_thresholds(ThresholdPolicy policy, TrialSource& source,
                                       std::uint64_t seed);

}  // namespace sluice::api
