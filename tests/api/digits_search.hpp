// SPDX-License-Identifier: Apache-2.0
// Options of a search for thresholds of the built-in network, quick enough for tests.
#pragma once

#include <string>
#include <string_view>

#include "sluice/api/builtin.hpp"
#include "sluice/api/threshold_search.hpp"

namespace sluice::api {

// `format`: "fixed16", or "exact int8". 100 images.
inline ThresholdSearchOptions digits_search(std::string_view format) {
  constexpr std::string_view kExact = "exact ";
  const Builtin builtin = *builtin_digits();
  ThresholdSearchOptions options;
  options.model = builtin.model;
  options.data = builtin.test;
  options.calibration = builtin.calibration;
  options.preprocess = "mnist";
  if (format.starts_with(kExact)) {
    options.exact_formats = *quant::parse_integer_formats(format.substr(kExact.size()));
  } else {
    options.formats = *numeric::parse_formats(format);
  }
  options.limit = 100;
  options.calibration_images = 32;
  options.quiet = true;
  options.device = "zedboard";
  options.most_trials = 8;
  return options;
}

}  // namespace sluice::api
