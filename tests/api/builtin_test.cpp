// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/builtin.hpp"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

TEST(Builtin, DigitsAreFoundFromTheBuildTree) {
  const auto digits = builtin_digits();
  ASSERT_TRUE(digits) << digits.error().text();
  EXPECT_TRUE(std::filesystem::exists(digits->model));
  EXPECT_TRUE(std::filesystem::exists(digits->test));
  EXPECT_TRUE(std::filesystem::exists(digits->calibration));
}

}  // namespace
}  // namespace sluice::api
