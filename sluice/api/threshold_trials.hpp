// SPDX-License-Identifier: Apache-2.0
// ThresholdTrials: thresholds are tried on images and hardware, each once, and noted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sluice/api/threshold_hardware.hpp"
#include "sluice/api/threshold_journal.hpp"
#include "sluice/api/threshold_network.hpp"
#include "sluice/api/threshold_policy.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

struct TrialOptions {
  double tolerance_points = 1;
  std::int64_t most_trials = 200;  // the one without thresholds not counted
  // Told before each trial and each sensitivity.
  std::function<void(const std::string& what)> report;
};

// Images come in a drawn order, and are looked at in growing numbers. Zeros are counted on those of
// the first look, the same for all candidates, so that their speeds can be compared: one that is no
// faster than the best that keeps the tolerance is left there. One that loses more than may be is
// left as soon as that is clear (data::loss_interval, 95 % over all looks). Others are run to the
// end, so that the best was seen on all images.
class ThresholdTrials : public TrialSource {
 public:
  ThresholdTrials(ThresholdNetwork& network, const ThresholdHardware& hardware,
                  ThresholdJournal& journal, TrialOptions options)
      : network_(network), hardware_(hardware), journal_(journal), options_(std::move(options)) {}

  [[nodiscard]] const ThresholdSpace& space() const override { return network_.space(); }
  [[nodiscard]] double tolerance_points() const override { return options_.tolerance_points; }
  [[nodiscard]] bool is_fixed_design() const override { return hardware_.is_fixed(); }
  [[nodiscard]] bool has_more() const override;
  [[nodiscard]] bool is_known(const Thresholds& thresholds) const override;
  Result<Trial> run(const Thresholds& thresholds) override;
  Result<Sensitivity> sensitivity(std::size_t knob, std::size_t level) override;
  Result<std::vector<double>> nonzero_products() override;

  // With zeros counted as a trial counts them.
  Result<ir::HardwareAttributes> zeros_of(const Thresholds& thresholds);

  // All so far, in the order in which they were tried; the first is without thresholds.
  [[nodiscard]] const std::vector<Trial>& trials() const { return trials_; }

 private:
  Result<Trial> measure(const Thresholds& thresholds);
  Status look(ThresholdRun& run, Trial& trial, const std::vector<std::int64_t>& looks);
  Status map(const ThresholdRun& run, Trial& trial) const;
  void count(const ThresholdRun& run, Trial& trial, std::size_t looks) const;
  Status learn_baseline();
  void learn(const ThresholdRun& baseline);
  Result<std::vector<std::vector<double>>> first_answers(const Thresholds& thresholds,
                                                         std::vector<double>& nonzero);
  void keep(Trial trial);

  ThresholdNetwork& network_;
  const ThresholdHardware& hardware_;
  ThresholdJournal& journal_;
  TrialOptions options_;
  std::vector<Trial> trials_;
  std::map<std::string, std::size_t> by_key_;
  double best_fps_ = 0;  // of those within the tolerance
  // Without thresholds: of each image of the data set, 1 right, 0 wrong, −1 not answered.
  std::vector<signed char> was_right_;
  std::int64_t population_ = 0;  // images that are answered
  std::vector<std::vector<double>>
      first_shares_;             // of the first images, the classes' probabilities
  std::vector<double> nonzero_;  // of the same, products that are left
};

}  // namespace sluice::api
