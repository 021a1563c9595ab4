// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_trials.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/data/paired_accuracy.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::api {
namespace {

constexpr std::int64_t kFirstLook = 500;
// Images that tell how far answers drift: they do it more smoothly than accuracy.
constexpr std::int64_t kDriftImages = 250;
constexpr double kSignificance = 0.05;  // of all looks together

// e^score over their sum; of scores that are probabilities, these.
std::vector<double> probabilities(const std::vector<float>& scores, bool are_probabilities) {
  std::vector<double> result(scores.begin(), scores.end());
  if (are_probabilities) return result;
  const double largest = *std::ranges::max_element(result);
  double sum = 0;
  for (double& each : result) sum += each = std::exp(each - largest);
  for (double& each : result) each /= sum;
  return result;
}

// Σ p·ln(p/q), in nats. Shares below the least count as the least, so that it stays finite.
double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  constexpr double kLeast = 1e-9;
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double from = std::max(p[i], kLeast);
    sum += from * std::log(from / std::max(q[i], kLeast));
  }
  return std::isfinite(sum) ? std::max(sum, 0.0) : 1 / kLeast;
}

std::vector<double> nonzero_of(const sparse::ZeroStatistics& zeros) {
  std::vector<double> result;
  result.reserve(zeros.layers().size());
  for (const auto& layer : zeros.layers()) {
    result.push_back(1 - sparse::totals_of(layer.zeros.histogram()).sparsity());
  }
  return result;
}

}  // namespace

bool ThresholdTrials::has_more() const {
  return static_cast<std::int64_t>(trials_.size()) <= options_.most_trials;
}

bool ThresholdTrials::is_known(const Thresholds& thresholds) const {
  return by_key_.contains(key_of(thresholds));
}

void ThresholdTrials::keep(Trial trial) {
  trial.number = static_cast<std::int64_t>(trials_.size());
  if (trial.is_within(options_.tolerance_points)) best_fps_ = std::max(best_fps_, trial.fps);
  by_key_[key_of(trial.thresholds)] = trials_.size();
  trials_.push_back(std::move(trial));
}

Result<Trial> ThresholdTrials::run(const Thresholds& thresholds) {
  if (const auto found = by_key_.find(key_of(thresholds)); found != by_key_.end()) {
    return trials_[found->second];
  }
  SL_TRY(auto known, journal_.trial(thresholds));
  if (!known) {
    if (options_.report) options_.report(fmt::format("trial {}", trials_.size()));
    if (!trials_.empty()) SL_TRY_STATUS(learn_baseline());
    SL_TRY(Trial measured, measure(thresholds));
    measured.number = static_cast<std::int64_t>(trials_.size());
    SL_TRY_STATUS(journal_.record(measured));
    known = std::move(measured);
  }
  keep(*std::move(known));
  return trials_.back();
}

Result<Trial> ThresholdTrials::measure(const Thresholds& thresholds) {
  SL_TRY(ThresholdRun run, network_.begin(thresholds));
  Trial trial{.thresholds = thresholds};
  const auto looks =
      data::looks_at(network_.images().num_images(), kFirstLook, network_.images().batch());
  SL_TRY_STATUS(network_.go_on(run, looks[0], {.zeros = true}));
  SL_TRY_STATUS(map(run, trial));
  if (!trials_.empty()) {
    SL_TRY_STATUS(look(run, trial, looks));
    return trial;
  }
  SL_TRY_STATUS(network_.go_on(run, looks.back(), {.zeros = false}));
  learn(run);
  if (population_ == 0) return invalid_argument("no image could be read");
  count(run, trial, 1);
  return trial;
}

// A search that was resumed has the baseline's figures, not its answers.
Status ThresholdTrials::learn_baseline() {
  if (population_ > 0) return {};
  SL_TRY(ThresholdRun run, network_.begin({}));
  SL_TRY_STATUS(network_.go_on(run, network_.images().num_images(), {.zeros = false}));
  learn(run);
  return {};
}

void ThresholdTrials::learn(const ThresholdRun& baseline) {
  was_right_.assign(static_cast<std::size_t>(network_.images().data().size()), -1);
  for (std::size_t i = 0; i < baseline.images.size(); ++i) {
    was_right_[static_cast<std::size_t>(baseline.images[i])] = baseline.right[i] ? 1 : 0;
  }
  population_ = static_cast<std::int64_t>(baseline.images.size());
}

Status ThresholdTrials::look(ThresholdRun& run, Trial& trial,
                             const std::vector<std::int64_t>& looks) {
  for (const std::int64_t end : looks) {
    if (end > run.position) SL_TRY_STATUS(network_.go_on(run, end, {.zeros = false}));
    count(run, trial, looks.size());
    trial.end = TrialEnd::Complete;
    if (end == looks.back()) return {};
    trial.end = TrialEnd::Tolerance;
    if (trial.least_lost_points > options_.tolerance_points) return {};
    trial.end = TrialEnd::Slower;
    if (trial.fps <= best_fps_) return {};
  }
  return {};
}

Result<ir::HardwareAttributes> ThresholdTrials::zeros_of(const Thresholds& thresholds) {
  SL_TRY(ThresholdRun run, network_.begin(thresholds));
  const auto looks =
      data::looks_at(network_.images().num_images(), kFirstLook, network_.images().batch());
  SL_TRY_STATUS(network_.go_on(run, looks[0], {.zeros = true}));
  return attributes_of(run.zeros);
}

void ThresholdTrials::count(const ThresholdRun& run, Trial& trial, std::size_t looks) const {
  data::PairedCounts counts;
  for (std::size_t i = 0; i < run.images.size(); ++i) {
    const signed char before = was_right_[static_cast<std::size_t>(run.images[i])];
    SL_ASSERT(before >= 0, "the same images can be read each time");
    counts.add(before > 0, run.right[i]);
  }
  trial.images = counts.images;
  trial.right = counts.right;
  trial.right_before = counts.right_before;
  if (counts.images == 0) return;
  constexpr double kPoints = 100;
  const auto lost =
      data::loss_interval(counts, population_, kSignificance / static_cast<double>(looks));
  trial.lost_points = kPoints * lost.estimate;
  trial.least_lost_points = kPoints * lost.lowest;
  trial.most_lost_points = kPoints * lost.highest;
}

Status ThresholdTrials::map(const ThresholdRun& run, Trial& trial) const {
  SL_TRY(const auto mapped, hardware_.map(trial.thresholds, attributes_of(run.zeros)));
  trial.fps = mapped ? mapped->fps : 0;
  trial.design = mapped ? std::optional(mapped->design) : std::nullopt;
  trial.layers.clear();
  sparse::ZeroTotals all;
  for (const auto& layer : run.zeros.layers()) {
    const sparse::ZeroTotals totals = sparse::totals_of(layer.zeros.histogram());
    const auto& weights = layer.zeros.conv().weights;
    const auto zeros = static_cast<std::int64_t>(std::ranges::count(weights, 0));
    const auto size = static_cast<std::int64_t>(weights.size());
    TrialLayer made{layer.name, totals.sparsity(), share_of(zeros, size)};
    if (mapped && mapped->cycles.contains(layer.name)) made.cycles = mapped->cycles.at(layer.name);
    trial.layers.push_back(std::move(made));
    all += totals;
  }
  trial.zero_products = all.sparsity();
  return {};
}

Result<std::vector<std::vector<double>>> ThresholdTrials::first_answers(
    const Thresholds& thresholds, std::vector<double>& nonzero) {
  const std::int64_t batch = network_.images().batch();
  const std::int64_t first =
      std::min(divide_up(kDriftImages, batch) * batch, network_.images().num_images());
  SL_TRY(ThresholdRun run, network_.begin(thresholds));
  SL_TRY_STATUS(network_.go_on(run, first, {.zeros = true, .scores = true}));
  nonzero = nonzero_of(run.zeros);
  std::vector<std::vector<double>> answers;
  answers.reserve(run.scores.size());
  const bool are_probabilities = network_.gives_probabilities();
  for (const auto& scores : run.scores) {
    answers.push_back(probabilities(scores, are_probabilities));
  }
  return answers;
}

Result<std::vector<double>> ThresholdTrials::nonzero_products() {
  if (first_shares_.empty()) {
    SL_TRY(first_shares_, first_answers({}, nonzero_));
  }
  return nonzero_;
}

Result<Sensitivity> ThresholdTrials::sensitivity(std::size_t knob, std::size_t level) {
  const ThresholdKnobInfo& info = space().knobs[knob];
  const float threshold = info.levels[level - 1];
  SL_TRY(const auto known, journal_.sensitivity(info, threshold));
  if (known) return *known;
  if (options_.report) options_.report("sensitivity of " + info.layer);
  SL_TRY(const auto ignored, nonzero_products());
  std::vector<std::size_t> levels(space().knobs.size(), 0);
  levels[knob] = level;
  Sensitivity result;
  SL_TRY(const auto answers, first_answers(space().thresholds(levels), result.nonzero_products));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    result.loss += divergence(first_shares_[i], answers[i]) / static_cast<double>(answers.size());
  }
  SL_TRY_STATUS(journal_.record(info, threshold, result));
  return result;
}

}  // namespace sluice::api
