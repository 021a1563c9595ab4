// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_trial.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sluice/api/json_float.hpp"
#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"

namespace sluice::api {
namespace {

constexpr std::array<std::string_view, 3> kTrialEnds{"complete", "tolerance", "slower"};

Json json_of(const LayerThresholds& thresholds) {
  Json result = Json::object();
  for (const auto& [layer, threshold] : thresholds) result[layer] = json_float(threshold);
  return result;
}

}  // namespace

Json to_json(const Thresholds& thresholds) {
  return {{"weights", json_of(thresholds.weights)}, {"rectifiers", json_of(thresholds.rectifiers)}};
}

std::string key_of(const Thresholds& thresholds) {
  return to_json(thresholds).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view to_string(TrialEnd end) noexcept {
  return kTrialEnds[static_cast<std::size_t>(end)];
}

std::optional<TrialEnd> trial_end_from_string(std::string_view word) {
  const auto* found = std::ranges::find(kTrialEnds, word);
  if (found == kTrialEnds.end()) return std::nullopt;
  return static_cast<TrialEnd>(found - kTrialEnds.begin());
}

double Trial::top1_percent() const {
  return percent_of(right, images);
}

bool Trial::is_within(double tolerance_points) const {
  return end == TrialEnd::Complete && lost_points <= tolerance_points;
}

Thresholds ThresholdSpace::thresholds(const std::vector<std::size_t>& levels) const {
  SL_ASSERT(levels.size() == knobs.size(), "a level a knob");
  Thresholds result;
  for (std::size_t k = 0; k < knobs.size(); ++k) {
    if (levels[k] == 0) continue;
    auto& of = knobs[k].is_rectifier ? result.rectifiers : result.weights;
    of[knobs[k].layer] = knobs[k].levels[levels[k] - 1];
  }
  return result;
}

}  // namespace sluice::api
