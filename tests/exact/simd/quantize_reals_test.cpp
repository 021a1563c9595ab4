// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/quantize_reals.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

TEST(QuantizeReals, EqualsTheDefinitionOnEveryTarget) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> reals{NAN, kInfinity, -kInfinity, 1e30F, -1e30F, -0.0F, 1e-42F};
  reals.reserve(reals.size() + 6000);
  for (int i = -3000; i < 3000; ++i) reals.push_back(0.3F * static_cast<float>(i) / 8);  // all ties
  for (const RealQuantizer& by :
       {RealQuantizer{0.3F, 0, -128, 127, true}, RealQuantizer{0.3F, -17, -110, 101, true},
        RealQuantizer{0.3F, 128, -128, 127, false}}) {
    test::on_every_target([&](const char* target) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{70}, reals.size()}) {
        std::vector<std::byte> codes(count);
        quantize_reals(by, reals.data(), codes.data(), static_cast<std::int64_t>(count));
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(std::to_integer<std::uint8_t>(codes[i]), by.code(reals[i]))
              << target << ' ' << reals[i] << ", zero point " << by.zero_point;
        }
      }
    });
  }
}

}  // namespace
}  // namespace sluice::exact
