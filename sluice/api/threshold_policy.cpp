// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_policy.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

#include "sluice/api/threshold_joint.hpp"
#include "sluice/base/text.hpp"

namespace sluice::api {
namespace {

constexpr std::array<std::string_view, 3> kPolicies{"joint", "uniform", "slowest-node"};

// One threshold for all weights and one for all rectifiers, each raised by steps of the published
// search, whichever loses less for what it gains.
class UniformSearch {
 public:
  explicit UniformSearch(TrialSource& source) : source_(source) {}

  Status run() {
    SL_TRY(Trial at, source_.run({}));
    Steps steps;
    while (true) {
      SL_TRY(const std::optional<Found> next, step(at, steps));
      if (!next) return {};
      at = next->trial;
      steps = next->steps;
    }
  }

 private:
  // How often each threshold was raised.
  struct Steps {
    int weights = 0, rectifiers = 0;
  };
  struct Found {
    Trial trial;
    Steps steps;
    double lost_per_fps = 0;
  };

  // A gain may hide behind a step or two: mappings change in steps of their own.
  Result<std::optional<Found>> step(const Trial& at, const Steps& steps) {
    for (const int stride : {1, 2, 4, 8}) {
      std::optional<Found> best;
      for (const Steps& next : {Steps{steps.weights + stride, steps.rectifiers},
                                Steps{steps.weights, steps.rectifiers + stride}}) {
        const Thresholds thresholds = thresholds_of(next);
        if (!source_.is_known(thresholds) && !source_.has_more()) return std::optional<Found>();
        SL_TRY(Trial trial, source_.run(thresholds));
        if (!trial.is_within(source_.tolerance_points()) || trial.fps <= at.fps) continue;
        const double lost = (trial.lost_points - at.lost_points) / (trial.fps - at.fps);
        if (!best || lost < best->lost_per_fps) best = Found{std::move(trial), next, lost};
      }
      if (best) return best;
    }
    return std::optional<Found>();
  }

  [[nodiscard]] Thresholds thresholds_of(const Steps& steps) const {
    constexpr float kStepsOfWeights = 1000;
    constexpr float kStepsOfRectifiers = 100;
    Thresholds result;
    for (const ThresholdKnobInfo& knob : source_.space().knobs) {
      const int count = knob.is_rectifier ? steps.rectifiers : steps.weights;
      if (count == 0) continue;
      auto& of = knob.is_rectifier ? result.rectifiers : result.weights;
      of[knob.layer] =
          static_cast<float>(count) / (knob.is_rectifier ? kStepsOfRectifiers : kStepsOfWeights);
    }
    return result;
  }

  TrialSource& source_;
};

// The rectifiers before the slowest convolution get their next level, as long as the tolerance is
// kept; then it is left at that, and the next slowest is looked at.
class SlowestNodeSearch {
 public:
  explicit SlowestNodeSearch(TrialSource& source)
      : source_(source),
        levels_(source.space().knobs.size(), 0),
        is_done_(source.space().convolutions.size(), false) {}

  Status run() {
    SL_TRY(Trial at, source_.run({}));
    while (const auto slowest = slowest_of(at)) {
      const auto next = raised(*slowest);
      if (!next) {
        is_done_[*slowest] = true;
        continue;
      }
      const Thresholds thresholds = source_.space().thresholds(*next);
      if (!source_.is_known(thresholds) && !source_.has_more()) return {};
      SL_TRY(Trial trial, source_.run(thresholds));
      // One that was left for its speed has kept the tolerance so far: there may be more behind it.
      if (trial.lost_points > source_.tolerance_points()) {
        is_done_[*slowest] = true;
        continue;
      }
      levels_ = *next;
      at = std::move(trial);
    }
    return {};
  }

 private:
  // The last among equals, of those that are not done.
  [[nodiscard]] std::optional<std::size_t> slowest_of(const Trial& trial) const {
    std::optional<std::size_t> slowest;
    for (std::size_t c = 0; c < trial.layers.size(); ++c) {
      if (is_done_[c]) continue;
      if (!slowest || trial.layers[c].cycles >= trial.layers[*slowest].cycles) slowest = c;
    }
    return slowest;
  }

  // None where all rectifiers before it have their highest level.
  [[nodiscard]] std::optional<std::vector<std::size_t>> raised(std::size_t convolution) const {
    std::vector<std::size_t> result = levels_;
    for (const std::size_t knob : source_.space().convolutions[convolution].rectifiers) {
      if (result[knob] < source_.space().knobs[knob].levels.size()) ++result[knob];
    }
    if (result == levels_) return std::nullopt;
    return result;
  }

  TrialSource& source_;
  std::vector<std::size_t> levels_;
  std::vector<bool> is_done_;  // of convolutions: nothing more is to be had
};

}  // namespace

std::string_view to_string(ThresholdPolicy policy) noexcept {
  return kPolicies[static_cast<std::size_t>(policy)];
}

Result<ThresholdPolicy> threshold_policy_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kPolicies, name);
  if (found != kPolicies.end()) return static_cast<ThresholdPolicy>(found - kPolicies.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no policy {}{}; there are joint, uniform and slowest-node",
                           sluice::quoted(name), did_you_mean(name, kPolicies))};
}

Status search_thresholds(ThresholdPolicy policy, TrialSource& source, std::uint64_t seed) {
  switch (policy) {
    case ThresholdPolicy::Joint:
      return search_jointly(source, seed);
    case ThresholdPolicy::Uniform:
      return UniformSearch(source).run();
    case ThresholdPolicy::SlowestNode:
      return SlowestNodeSearch(source).run();
  }
  return {};
}

}  // namespace sluice::api
