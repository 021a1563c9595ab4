// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer_options.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace sluice::train {
namespace {

using Kind = QuantizerKind;

constexpr std::array<std::int64_t, 4> kFilters{8, 4, 3, 3};

std::string refusal(const QuantizerOptions& options) {
  const Status status = check_quantizer(options, kFilters);
  if (status) return "";
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  return status.error().message;
}

TEST(QuantizerOptions, KindsAndStartsAreFoundByName) {
  for (const Kind kind :
       {Kind::Tanh, Kind::Dorefa, Kind::Pact, Kind::NormalizedPact, Kind::Lsq, Kind::LsqPlus}) {
    EXPECT_EQ(*quantizer_kind_from_string(to_string(kind)), kind);
  }
  for (const StepStart start :
       {StepStart::Published, StepStart::Percentile, StepStart::LeastError}) {
    EXPECT_EQ(*step_start_from_string(to_string(start)), start);
  }
}

TEST(QuantizerOptions, NamesThatAreNoneGetTheNearestOne) {
  EXPECT_NE(quantizer_kind_from_string("dorefo").error().message.find("did you mean \"dorefa\"?"),
            std::string::npos);
  EXPECT_NE(step_start_from_string("msee").error().message.find("did you mean \"mse\"?"),
            std::string::npos);
}

TEST(QuantizerOptions, TheDefaultsOfEachKindAreInBounds) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.kind = Kind::Tanh, .power_of_two = true}), "");
  EXPECT_EQ(refusal({.kind = Kind::Dorefa}), "");
  EXPECT_EQ(refusal({.kind = Kind::Dorefa, .is_signed = false}), "");
  EXPECT_EQ(refusal({.kind = Kind::Pact, .is_signed = false, .power_of_two = true}), "");
  EXPECT_EQ(refusal({.kind = Kind::NormalizedPact, .is_signed = false, .axis = 1}), "");
  EXPECT_EQ(refusal({.kind = Kind::LsqPlus, .is_symmetric = true, .axis = 3}), "");
}

TEST(QuantizerOptions, NumbersOutsideTheirBoundsAreRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal({.bits = 0}), "a quantizer has 1 to 8 bits, not 0");
  EXPECT_NE(refusal({.bits = 9}), "");
  EXPECT_NE(refusal({.clip = 0}), "");
  EXPECT_NE(refusal({.clip = kNan}), "");
  EXPECT_NE(refusal({.range = -2}), "");
  EXPECT_NE(refusal({.percent = 50}), "");
  EXPECT_NE(refusal({.percent = kNan}), "");
}

TEST(QuantizerOptions, WhatAKindDoesNotHaveIsRefusedWithOneThatDoes) {
  EXPECT_NE(refusal({.kind = Kind::Pact}).find("take lsq"), std::string::npos);
  EXPECT_NE(refusal({.kind = Kind::NormalizedPact}).find("take lsq"), std::string::npos);
  EXPECT_NE(refusal({.kind = Kind::Tanh, .is_signed = false}).find("normalized-pact"),
            std::string::npos);
  EXPECT_NE(refusal({.kind = Kind::Tanh, .is_symmetric = true}).find("lsq+"), std::string::npos);
  EXPECT_NE(refusal({.kind = Kind::Dorefa, .power_of_two = true}).find("take tanh"),
            std::string::npos);
  EXPECT_NE(refusal({.kind = Kind::NormalizedPact, .is_signed = false, .power_of_two = true}), "");
  EXPECT_NE(refusal({.kind = Kind::Tanh, .axis = 0}).find("take lsq"), std::string::npos);
}

TEST(QuantizerOptions, SymmetricCodesNeedASignAndTwoBits) {
  EXPECT_NE(refusal({.bits = 1, .is_symmetric = true}), "");
  EXPECT_NE(refusal({.bits = 4, .is_signed = false, .is_symmetric = true}).find("unsigned"),
            std::string::npos);
  EXPECT_EQ(refusal({.bits = 2, .is_symmetric = true}), "");
}

TEST(QuantizerOptions, TheAxisIsOneOfTheShapes) {
  EXPECT_EQ(refusal({.axis = 4}), "axis 4 of a tensor with 4 dimensions");
  EXPECT_NE(refusal({.axis = -1}), "");
  EXPECT_FALSE(check_quantizer({}, std::array<std::int64_t, 2>{3, 0}));
  EXPECT_TRUE(check_quantizer({}, {}));
}

TEST(QuantizerOptions, CodesAreTwosComplementUnlessAskedOtherwise) {
  struct Case {
    QuantizerOptions options;
    std::int64_t lowest, highest, largest;
  };
  for (const Case& each :
       std::vector<Case>{{{.bits = 4}, -8, 7, 7},
                         {{.bits = 4, .is_symmetric = true}, -7, 7, 7},
                         {{.bits = 4, .is_signed = false}, 0, 15, 15},
                         {{.bits = 1}, -1, 0, 1},
                         {{.bits = 1, .is_signed = false}, 0, 1, 1},
                         {{.kind = Kind::Tanh, .bits = 8}, -128, 127, 127},
                         {{.kind = Kind::Dorefa, .bits = 2}, -3, 3, 3},
                         {{.kind = Kind::Dorefa, .bits = 2, .is_signed = false}, 0, 3, 3},
                         {{.kind = Kind::Pact, .bits = 8, .is_signed = false}, 0, 255, 255}}) {
    const numeric::CodeRange codes = codes_of(each.options);
    EXPECT_EQ(codes.lowest, each.lowest);
    EXPECT_EQ(codes.highest, each.highest);
    EXPECT_EQ(largest_code(each.options), each.largest);
  }
}

TEST(QuantizerOptions, OnlyLsqPlusLearnsAnOffset) {
  EXPECT_TRUE(learns_offset({.kind = Kind::LsqPlus}));
  EXPECT_FALSE(learns_offset({.kind = Kind::LsqPlus, .has_offset = false}));
  EXPECT_FALSE(learns_offset({.kind = Kind::Lsq}));
  EXPECT_FALSE(learns_step({.kind = Kind::Tanh}));
  EXPECT_FALSE(learns_step({.kind = Kind::Dorefa}));
  EXPECT_TRUE(learns_step({.kind = Kind::Pact}));
}

}  // namespace
}  // namespace sluice::train
