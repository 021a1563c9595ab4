// SPDX-License-Identifier: Apache-2.0
// Folders of golden data of the small int8 network, under one arithmetic each.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/quantized_model.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/golden.hpp"

namespace sluice::api {

inline std::filesystem::path write_golden(const TempFolder& temp, const char* name,
                                          numeric::Arithmetic arithmetic, std::uint32_t seed = 1) {
  GoldenOptions options{.model = test::quantized_model_file(),
                        .seed = seed,
                        .output = temp.path() / name,
                        .forms = {exact::golden::Form::Npy}};
  options.network.arithmetic = arithmetic;
  const auto written = golden(options);
  EXPECT_TRUE(written) << written.error().text();
  return options.output;
}

}  // namespace sluice::api
