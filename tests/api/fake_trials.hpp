// SPDX-License-Identifier: Apache-2.0
// Trials of a network that is a formula, for tests of what searches for thresholds.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "sluice/api/threshold_policy.hpp"

namespace sluice::api {

// Convolutions conv0 … whose input comes through relu0 …, each with its own work and sensitivity.
// A threshold of t leaves 1 − t/2 of the work of its convolution; points lost are its sensitivity
// times t². One knob a convolution for its weights, then one a convolution for its rectifier.
class FakeTrials : public TrialSource {
 public:
  struct Layer {
    double work = 1;
    double weights_loss = 1, rectifier_loss = 1;
  };

  explicit FakeTrials(std::vector<Layer> layers) : layers_(std::move(layers)) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      space_.knobs.push_back({false, "conv" + std::to_string(i), kLevels});
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      space_.knobs.push_back({true, "relu" + std::to_string(i), kLevels});
      space_.convolutions.push_back(
          {"conv" + std::to_string(i), layers_[i].work, {layers_.size() + i}});
    }
  }

  [[nodiscard]] const ThresholdSpace& space() const override { return space_; }
  [[nodiscard]] double tolerance_points() const override { return tolerance; }
  [[nodiscard]] bool is_fixed_design() const override { return is_fixed; }
  [[nodiscard]] bool has_more() const override { return trials.size() <= most_trials; }
  [[nodiscard]] bool is_known(const Thresholds& thresholds) const override {
    return by_key_.contains(key_of(thresholds));
  }

  Result<Trial> run(const Thresholds& thresholds) override {
    const std::string key = key_of(thresholds);
    if (by_key_.contains(key)) return trials[by_key_.at(key)];
    if (trials.size() >= fails_after) return Error{ErrorCode::Io, "the disk is full"};
    Trial trial{.number = static_cast<std::int64_t>(trials.size()), .thresholds = thresholds};
    double sum = 0;
    double most = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const double w = threshold_of(thresholds.weights, "conv" + std::to_string(i));
      const double a = threshold_of(thresholds.rectifiers, "relu" + std::to_string(i));
      const double work = layers_[i].work * left(w) * left(a);
      trial.lost_points += layers_[i].weights_loss * w * w + layers_[i].rectifier_loss * a * a;
      trial.layers.push_back({space_.convolutions[i].name, 1 - left(w) * left(a), 0, work});
      sum += work;
      most = std::max(most, work);
    }
    trial.fps = 1000 / (is_fixed ? most : sum);
    by_key_[key] = trials.size();
    trials.push_back(trial);
    return trial;
  }

  Result<Sensitivity> sensitivity(std::size_t knob, std::size_t level) override {
    const double t = space_.knobs[knob].levels[level - 1];
    const std::size_t layer = knob % layers_.size();
    const double loss =
        knob < layers_.size() ? layers_[layer].weights_loss : layers_[layer].rectifier_loss;
    // Divergences are not points, but go with them.
    Sensitivity result{loss * t * t / 50, std::vector<double>(layers_.size(), kNonzero)};
    result.nonzero_products[layer] *= left(t);
    return result;
  }
  Result<std::vector<double>> nonzero_products() override {
    return std::vector<double>(layers_.size(), kNonzero);
  }

  [[nodiscard]] const Trial& best() const {
    const Trial* best = &trials[0];
    for (const Trial& trial : trials) {
      if (trial.is_within(tolerance) && trial.fps > best->fps) best = &trial;
    }
    return *best;
  }

  double tolerance = 1;
  bool is_fixed = false;
  std::size_t most_trials = 60;
  std::size_t fails_after = 1'000'000;
  std::vector<Trial> trials;

 private:
  static double threshold_of(const LayerThresholds& thresholds, const std::string& layer) {
    const auto found = thresholds.find(layer);
    return found == thresholds.end() ? 0 : found->second;
  }
  static double left(double threshold) { return 1 - std::min(threshold, 1.8) / 2; }

  static constexpr double kNonzero = 0.6;
  inline static const std::vector<float> kLevels{0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.8F, 1.F};
  std::vector<Layer> layers_;
  ThresholdSpace space_;
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace sluice::api
