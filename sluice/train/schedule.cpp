// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numbers>

#include "sluice/base/text.hpp"

namespace sluice::train {
namespace {

constexpr std::array<std::string_view, 4> kDecays{"constant", "linear", "cosine", "step"};

}  // namespace

double rate_at(const Schedule& schedule, std::int64_t step) {
  if (step < schedule.warm_up_steps) {
    return schedule.rate * static_cast<double>(step + 1) /
           static_cast<double>(schedule.warm_up_steps);
  }
  const std::int64_t last = schedule.steps - schedule.warm_up_steps - 1;
  const double part =
      last > 0 ? static_cast<double>(step - schedule.warm_up_steps) / static_cast<double>(last) : 0;
  switch (schedule.decay) {
    case Decay::Constant:
      return schedule.rate;
    case Decay::Linear:
      return schedule.rate * (1 - part);
    case Decay::Cosine:
      return schedule.rate * (1 + std::cos(std::numbers::pi * part)) / 2;
    case Decay::Step:
      break;
  }
  const auto passed = std::ranges::count_if(schedule.at, [&](auto at) { return at <= step; });
  return schedule.rate * std::pow(schedule.factor, static_cast<double>(passed));
}

Result<Decay> decay_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kDecays, name);
  if (found != kDecays.end()) return static_cast<Decay>(found - kDecays.begin());
  return invalid_argument(fmt::format("no schedule {}{}; there are {}", sluice::quoted(name),
                                      did_you_mean(name, kDecays), fmt::join(kDecays, ", ")));
}

std::string_view to_string(Decay decay) noexcept {
  return kDecays[static_cast<std::size_t>(decay)];
}

}  // namespace sluice::train
