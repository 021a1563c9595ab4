// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_joint.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "sluice/base/rng.hpp"
#include "sluice/dse/threshold_choice.hpp"

namespace sluice::api {
namespace {

// Of a fixed design the slowest layer counts: a norm of this order is nearly the maximum, and still
// tells how far the others are behind.
constexpr double kOrderOfFixed = 16;

class JointSearch {
 public:
  JointSearch(TrialSource& source, std::uint64_t seed) : source_(source), rng_(seed) {}

  Status run() {
    SL_TRY(const Trial baseline, source_.run({}));
    best_trial_ = baseline;
    best_.assign(source_.space().knobs.size(), 0);
    SL_TRY_STATUS(set_problem());
    SL_TRY_STATUS(bisect());
    return refine();
  }

 private:
  Status set_problem() {
    SL_TRY(const std::vector<double> nonzero, source_.nonzero_products());
    const ThresholdSpace& space = source_.space();
    problem_.work.reserve(space.convolutions.size());
    for (std::size_t c = 0; c < space.convolutions.size(); ++c) {
      problem_.work.push_back(std::max(space.convolutions[c].products * nonzero[c], 1.0));
    }
    for (std::size_t k = 0; k < space.knobs.size(); ++k) {
      SL_TRY(dse::ThresholdKnob knob, knob_of(k, nonzero));
      problem_.knobs.push_back(std::move(knob));
    }
    if (source_.is_fixed_design()) problem_ = problem_of_design();
    return {};
  }

  // As if layers kept their shares of the device in the best that is known: work is the cycles that
  // each would take in it without thresholds.
  [[nodiscard]] dse::ThresholdProblem problem_of_design() const {
    dse::ThresholdProblem result = problem_;
    result.order = kOrderOfFixed;
    const std::vector<double> left = dse::work_left(problem_, best_);
    for (std::size_t c = 0; c < left.size(); ++c) {
      result.work[c] = std::max(best_trial_.layers[c].cycles / left[c], 1.0);
    }
    return result;
  }

  Result<dse::ThresholdKnob> knob_of(std::size_t k, const std::vector<double>& nonzero) {
    dse::ThresholdKnob knob;
    double loss = 0;
    for (std::size_t level = 1; level <= source_.space().knobs[k].levels.size(); ++level) {
      SL_TRY(const Sensitivity alone, source_.sensitivity(k, level));
      // A higher threshold does not lose less; where it seems so, it is chance.
      loss = std::max(loss, alone.loss);
      dse::ThresholdLevel made{loss, {}};
      made.work_left.reserve(nonzero.size());
      for (std::size_t c = 0; c < nonzero.size(); ++c) {
        constexpr double kLeastLeft = 1e-3;
        const double left = nonzero[c] > 0 ? alone.nonzero_products[c] / nonzero[c] : 1;
        made.work_left.push_back(std::max(left, kLeastLeft));
      }
      knob.levels.push_back(std::move(made));
    }
    return knob;
  }

  // Whether the trial kept the tolerance as far as it went; nothing where there are no more trials.
  Result<std::optional<bool>> attempt(const dse::ThresholdLevels& levels) {
    const Thresholds thresholds = source_.space().thresholds(levels);
    if (!source_.is_known(thresholds) && !source_.has_more()) return std::optional<bool>();
    SL_TRY(const Trial trial, source_.run(thresholds));
    is_better_ = trial.is_within(source_.tolerance_points()) && trial.fps > best_trial_.fps;
    if (is_better_) {
      best_trial_ = trial;
      best_ = levels;
    }
    return std::optional(trial.lost_points <= source_.tolerance_points());
  }

  Status bisect() {
    constexpr double kFirstBound = 0.01;
    constexpr double kPrecision = 1.02;
    constexpr int kMostSteps = 24;
    double low = 0;
    double high = 0;  // none yet
    bound_ = kFirstBound;
    for (int step = 0; step < kMostSteps; ++step) {
      const dse::ThresholdLevels levels = dse::choose_thresholds(problem_, bound_);
      SL_TRY(const std::optional<bool> is_kept, attempt(levels));
      if (!is_kept) return {};
      (*is_kept ? low : high) = bound_;
      if (low > 0 && high > 0 && high < low * kPrecision) break;
      if (*is_kept && high == 0 && is_all(levels)) break;
      if (!*is_kept && levels == dse::ThresholdLevels(levels.size(), 0)) break;
      bound_ = high == 0 ? low * 2 : low == 0 ? high / 2 : std::sqrt(low * high);
    }
    bound_ = low > 0 ? low : bound_;
    return {};
  }

  [[nodiscard]] bool is_all(const dse::ThresholdLevels& levels) const {
    for (std::size_t k = 0; k < levels.size(); ++k) {
      if (levels[k] < problem_.knobs[k].levels.size()) return false;
    }
    return true;
  }

  Status refine() {
    // So many failures in a row, and there is little left to find.
    constexpr int kMostVain = 200;
    std::vector<double> logs(problem_.knobs.size(), 0.0);
    for (int vain = 0, round = 0; vain < kMostVain && source_.has_more(); ++vain, ++round) {
      constexpr int kKinds = 3;
      const int kind = round % kKinds;
      std::vector<double> next = logs;
      std::optional<dse::ThresholdLevels> levels;
      if (kind == 0) levels = mutated(problem_, next);
      if (kind == 1) levels = mutated(problem_of_design(), next);
      if (kind == 2) levels = turned();
      if (!levels || source_.is_known(source_.space().thresholds(*levels))) continue;
      SL_TRY(const std::optional<bool> is_kept, attempt(*levels));
      if (!is_kept) return {};
      // About every other candidate should keep the tolerance: that is where the best are.
      constexpr double kStep = 1.03;
      if (kind != 2) bound_ *= *is_kept ? kStep : 1 / kStep;
      if (!is_better_) continue;
      logs = std::move(next);
      vain = 0;
    }
    return {};
  }

  dse::ThresholdLevels mutated(const dse::ThresholdProblem& problem, std::vector<double>& logs) {
    constexpr double kPart = 0.3;
    constexpr double kSpread = 0.7;
    std::vector<double> weights;
    weights.reserve(logs.size());
    for (double& each : logs) {
      if (rng_.real() < kPart) each += kSpread * rng_.normal();
      weights.push_back(std::exp(each));
    }
    return dse::choose_thresholds(problem, bound_, weights);
  }

  // The best with one knob one level up, of those that were not tried the most promising.
  [[nodiscard]] std::optional<dse::ThresholdLevels> turned() const {
    std::optional<dse::ThresholdLevels> result;
    double most = 0;
    const double cost = dse::cost_of(problem_, best_);
    const double loss = dse::loss_of(problem_, best_);
    for (std::size_t k = 0; k < best_.size(); ++k) {
      if (best_[k] == problem_.knobs[k].levels.size()) continue;
      dse::ThresholdLevels levels = best_;
      ++levels[k];
      if (source_.is_known(source_.space().thresholds(levels))) continue;
      constexpr double kLeastLoss = 1e-9;
      const double more = std::max(dse::loss_of(problem_, levels) - loss, kLeastLoss);
      const double promise = std::log(cost / dse::cost_of(problem_, levels)) / more;
      if (promise <= most) continue;
      most = promise;
      result = std::move(levels);
    }
    return result;
  }

  TrialSource& source_;
  Rng rng_;
  dse::ThresholdProblem problem_;
  dse::ThresholdLevels best_;
  Trial best_trial_;        // of these levels
  bool is_better_ = false;  // the last that was tried, than all before
  double bound_ = 0;        // on the sum of the losses
};

}  // namespace

Status search_jointly(TrialSource& source, std::uint64_t seed) {
  return JointSearch(source, seed).run();
}

}  // namespace sluice::api
