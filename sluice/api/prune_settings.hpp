// SPDX-License-Identifier: Apache-2.0
// Settings of pruning as words: a value for all layers, NAME=VALUE for one of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/sparse/per_layer.hpp"
#include "sluice/sparse/prune.hpp"

namespace sluice::api {

// "0.005". InvalidArgument for what is no number; bounds are for whoever takes it.
[[nodiscard]] Result<double> parse_number(std::string_view text);

// "0.3,0.5": numbers separated by commas.
[[nodiscard]] Result<std::vector<double>> parse_numbers(std::string_view text);

// `all` and each of `layers` by one rule. The last = parts name and value, for names may have some.
// InvalidArgument with the word for its place, also where a layer comes twice.
[[nodiscard]] Result<sparse::PerLayer<float>> parse_thresholds(
    std::string_view all, const std::vector<std::string>& layers);
[[nodiscard]] Result<sparse::PerLayer<double>> parse_parts(std::string_view all,
                                                           const std::vector<std::string>& layers);
[[nodiscard]] Result<sparse::PerLayer<sparse::Pattern>> parse_patterns(
    std::string_view all, const std::vector<std::string>& layers);

// Words that are T for all ReLUs, at most one of them, or NAME=T.
[[nodiscard]] Result<sparse::PerLayer<std::optional<float>>> parse_relu_thresholds(
    const std::vector<std::string>& words);

}  // namespace sluice::api
