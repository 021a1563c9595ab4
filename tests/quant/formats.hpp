// SPDX-License-Identifier: Apache-2.0
// Formats that several tests of this layer are about.
#pragma once

#include <gtest/gtest.h>
#include <string_view>

#include "sluice/numeric/format.hpp"
#include "sluice/quant/integer_format.hpp"

namespace sluice::quant {

inline const numeric::Format kLayer = numeric::AffineFormat{8, numeric::Sharing::Layer};
inline const numeric::Format kNetwork = numeric::AffineFormat{8, numeric::Sharing::Network};

inline IntegerFormat format_of(std::string_view name) {
  const auto format = parse_integer_format(name);
  EXPECT_TRUE(format) << format.error().text();
  return format ? *format : IntegerFormat();
}

}  // namespace sluice::quant
