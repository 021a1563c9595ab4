// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/threshold_choice.hpp"

#include <cmath>

#include "sluice/base/assert.hpp"

namespace sluice::dse {
namespace {

// Knobs turned one after another. Logarithms of what is left of each layer add up, so that a turn
// is reckoned from where all others stand.
class KnobTurner {
 public:
  KnobTurner(const ThresholdProblem& problem, std::span<const double> weights)
      : problem_(problem), logs_(problem.knobs.size()) {
    for (std::size_t k = 0; k < problem.knobs.size(); ++k) {
      const double weight = weights.empty() ? 1 : weights[k];
      logs_[k].reserve(problem.knobs[k].levels.size() + 1);
      logs_[k].push_back({0, std::vector<double>(problem.work.size(), 0.0)});
      for (const ThresholdLevel& level : problem.knobs[k].levels) {
        SL_ASSERT(level.work_left.size() == problem.work.size(), "a share of each layer");
        Level made{weight * level.loss, {}};
        made.logs.reserve(level.work_left.size());
        for (const double left : level.work_left) made.logs.push_back(std::log(left));
        logs_[k].push_back(std::move(made));
      }
    }
  }

  // At the price of loss; from no thresholds on.
  ThresholdLevels at_price(double price) {
    constexpr int kMostRounds = 50;
    levels_.assign(logs_.size(), 0);
    left_.assign(problem_.work.size(), 0.0);
    for (int round = 0; round < kMostRounds; ++round) {
      bool has_turned = false;
      for (std::size_t k = 0; k < logs_.size(); ++k) has_turned = turn(k, price) || has_turned;
      if (!has_turned) break;
    }
    return levels_;
  }

 private:
  struct Level {
    double loss = 0;
    std::vector<double> logs;
  };

  [[nodiscard]] double log_cost(const Level& level) const {
    double sum = 0;
    for (std::size_t c = 0; c < left_.size(); ++c) {
      sum += std::exp(problem_.order * (std::log(problem_.work[c]) + left_[c] + level.logs[c]));
    }
    return std::log(sum) / problem_.order;
  }

  // Whether a better level was found.
  bool turn(std::size_t knob, double price) {
    const auto& levels = logs_[knob];
    for (std::size_t c = 0; c < left_.size(); ++c) left_[c] -= levels[levels_[knob]].logs[c];
    constexpr double kLeastGain = 1e-12;  // rounding must not turn knobs to and fro
    std::size_t best = levels_[knob];
    double least = log_cost(levels[best]) + price * levels[best].loss;
    for (std::size_t l = 0; l < levels.size(); ++l) {
      const double value = log_cost(levels[l]) + price * levels[l].loss;
      if (value >= least - kLeastGain) continue;
      best = l;
      least = value;
    }
    for (std::size_t c = 0; c < left_.size(); ++c) left_[c] += levels[best].logs[c];
    const bool has_turned = best != levels_[knob];
    levels_[knob] = best;
    return has_turned;
  }

  const ThresholdProblem& problem_;
  std::vector<std::vector<Level>> logs_;
  ThresholdLevels levels_;
  std::vector<double> left_;  // logarithms, of each layer
};

double norm(const std::vector<double>& work, double order) {
  double sum = 0;
  for (const double each : work) sum += std::pow(each, order);
  return std::pow(sum, 1 / order);
}

}  // namespace

std::vector<double> work_left(const ThresholdProblem& problem, const ThresholdLevels& levels) {
  std::vector<double> left(problem.work.size(), 1.0);
  for (std::size_t k = 0; k < levels.size(); ++k) {
    if (levels[k] == 0) continue;
    const auto& shares = problem.knobs[k].levels[levels[k] - 1].work_left;
    for (std::size_t c = 0; c < left.size(); ++c) left[c] *= shares[c];
  }
  return left;
}

double cost_of(const ThresholdProblem& problem, const ThresholdLevels& levels) {
  std::vector<double> left = work_left(problem, levels);
  for (std::size_t c = 0; c < left.size(); ++c) left[c] *= problem.work[c];
  return norm(left, problem.order) / norm(problem.work, problem.order);
}

double loss_of(const ThresholdProblem& problem, const ThresholdLevels& levels) {
  double sum = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    if (levels[k] > 0) sum += problem.knobs[k].levels[levels[k] - 1].loss;
  }
  return sum;
}

ThresholdLevels choose_thresholds(const ThresholdProblem& problem, double most_loss,
                                  std::span<const double> weights) {
  SL_ASSERT(weights.empty() || weights.size() == problem.knobs.size(), "a weight a knob");
  KnobTurner turner(problem, weights);
  ThresholdLevels best = turner.at_price(0);
  if (loss_of(problem, best) <= most_loss) return best;
  best.assign(problem.knobs.size(), 0);
  constexpr int kSteps = 30;
  double low = std::log(1e-4);
  double high = std::log(1e8);
  for (int step = 0; step < kSteps; ++step) {
    const double middle = (low + high) / 2;
    ThresholdLevels levels = turner.at_price(std::exp(middle));
    const bool is_within = loss_of(problem, levels) <= most_loss;
    (is_within ? high : low) = middle;
    if (is_within) best = std::move(levels);
  }
  return best;
}

}  // namespace sluice::dse
