// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer_options.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/text.hpp"

namespace sluice::train {
namespace {

constexpr std::array<std::string_view, 6> kKindNames{"tanh", "dorefa", "pact", "normalized-pact",
                                                     "lsq",  "lsq+"};
constexpr std::array<std::string_view, 3> kStartNames{"published", "percentile", "mse"};
constexpr int kMaxBits = 8;

bool is_lsq(QuantizerKind kind) {
  return kind == QuantizerKind::Lsq || kind == QuantizerKind::LsqPlus;
}

bool is_clipped(QuantizerKind kind) {
  return kind == QuantizerKind::Pact || kind == QuantizerKind::NormalizedPact;
}

Status check_numbers(const QuantizerOptions& options) {
  if (options.bits < 1 || options.bits > kMaxBits) {
    return invalid_argument(
        fmt::format("a quantizer has 1 to {} bits, not {}", kMaxBits, options.bits));
  }
  for (const auto& [name, value] :
       {std::pair{"clip", options.clip}, std::pair{"range", options.range}}) {
    // As float32, in which it is kept; a NaN is no such number either.
    if (value >= 1e-6 && value <= 1e6) continue;
    return invalid_argument(fmt::format("a quantizer's {} is 1e-6 to 1e6, not {}", name, value));
  }
  if (options.percent > 50 && options.percent <= 100) return {};
  return invalid_argument(
      fmt::format("the percentile must be above 50 and at most 100, got {}", options.percent));
}

Status check_sign(const QuantizerOptions& options) {
  const std::string_view name = to_string(options.kind);
  if (options.is_signed && is_clipped(options.kind)) {
    return invalid_argument(
        fmt::format("{} has no codes below 0; take lsq for signed values", name));
  }
  if (!options.is_signed && options.kind == QuantizerKind::Tanh) {
    return invalid_argument("tanh is for signed values; take normalized-pact for activations");
  }
  if (!options.is_symmetric) return {};
  if (!is_lsq(options.kind)) {
    return invalid_argument(
        fmt::format("{} has codes of its own; only lsq and lsq+ have symmetric ones", name));
  }
  if (options.is_signed && options.bits > 1) return {};
  return invalid_argument(
      fmt::format("symmetric codes are signed and have 2 bits or more, not {} bits{}", options.bits,
                  options.is_signed ? "" : " unsigned"));
}

Status check_steps(const QuantizerOptions& options, std::span<const std::int64_t> shape) {
  const std::string_view name = to_string(options.kind);
  const bool has_power_of_two = is_lsq(options.kind) || options.kind == QuantizerKind::Pact ||
                                options.kind == QuantizerKind::Tanh;
  if (options.power_of_two && !has_power_of_two) {
    return invalid_argument(fmt::format(
        "the step of {} is fixed and no power of two; take tanh, pact, lsq or lsq+", name));
  }
  if (!options.axis) return {};
  if (!is_lsq(options.kind) && !is_clipped(options.kind)) {
    return invalid_argument(
        fmt::format("{} has one step for the whole tensor; take lsq for one a channel", name));
  }
  const auto rank = static_cast<std::int64_t>(shape.size());
  if (*options.axis >= 0 && *options.axis < rank) return {};
  return invalid_argument(
      fmt::format("axis {} of a tensor with {} dimensions", *options.axis, rank));
}

}  // namespace

Result<QuantizerKind> quantizer_kind_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kKindNames, name);
  if (found != kKindNames.end()) return static_cast<QuantizerKind>(found - kKindNames.begin());
  return invalid_argument(
      fmt::format("no quantizer {}{}; there are tanh, dorefa, pact, normalized-pact, lsq and lsq+",
                  sluice::quoted(name), did_you_mean(name, kKindNames)));
}

std::string_view to_string(QuantizerKind kind) noexcept {
  return kKindNames[static_cast<std::size_t>(kind)];
}

Result<StepStart> step_start_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kStartNames, name);
  if (found != kStartNames.end()) return static_cast<StepStart>(found - kStartNames.begin());
  return invalid_argument(
      fmt::format("steps do not start from {}{}; from published, percentile or mse",
                  sluice::quoted(name), did_you_mean(name, kStartNames)));
}

std::string_view to_string(StepStart start) noexcept {
  return kStartNames[static_cast<std::size_t>(start)];
}

Status check_quantizer(const QuantizerOptions& options, std::span<const std::int64_t> shape) {
  SL_TRY_STATUS(check_numbers(options));
  SL_TRY_STATUS(check_sign(options));
  SL_TRY_STATUS(check_steps(options, shape));
  if (std::ranges::all_of(shape, [](std::int64_t size) { return size > 0; })) return {};
  return invalid_argument("a tensor without values has nothing to quantize");
}

numeric::CodeRange codes_of(const QuantizerOptions& options) noexcept {
  const std::int64_t levels = std::int64_t{1} << options.bits;
  if (!options.is_signed) return {0, levels - 1};
  if (options.kind == QuantizerKind::Dorefa) return {1 - levels, levels - 1};
  const std::int64_t half = levels / 2;
  return {options.is_symmetric ? 1 - half : -half, half - 1};
}

std::int64_t largest_code(const QuantizerOptions& options) noexcept {
  const numeric::CodeRange codes = codes_of(options);
  return codes.highest > 0 ? codes.highest : -codes.lowest;
}

bool learns_step(const QuantizerOptions& options) noexcept {
  return is_lsq(options.kind) || is_clipped(options.kind);
}

bool learns_offset(const QuantizerOptions& options) noexcept {
  return options.kind == QuantizerKind::LsqPlus && options.has_offset;
}

}  // namespace sluice::train
