// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/integer_format.hpp"

#include <array>
#include <cmath>
#include <gmock/gmock.h>

#include "tests/quant/formats.hpp"

namespace sluice::quant {
namespace {

using numeric::Arithmetic;
using numeric::Range;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(std::string_view name) {
  const auto format = parse_integer_format(name);
  return format ? "" : format.error().text();
}

TEST(IntegerFormat, EveryDocumentedExampleComesBackFromItsName) {
  for (const auto& doc : integer_format_docs()) {
    EXPECT_EQ(to_string(format_of(doc.example)), doc.example);
  }
  for (const char* name : {"int2", "int4-tensor", "q4", "q12-rnd", "q32", "q20.12-trn", "q2.30",
                           "sbfp4-channel", "sbfp24-layer"}) {
    EXPECT_EQ(to_string(format_of(name)), name);
  }
}

TEST(IntegerFormat, ApFixedIsQFormat) {
  EXPECT_EQ(format_of("ap_fixed<16,8,AP_RND_CONV,AP_SAT>"), format_of("q8.8"));
}

TEST(IntegerFormat, RefusesWhatNoIntegerNetworkHas) {
  EXPECT_THAT(error_of("uq8"), HasSubstr("is unsigned"));
  EXPECT_THAT(error_of("q8-trn-wrap"), HasSubstr("does not saturate"));
  EXPECT_THAT(error_of("q8-rnd_zero"), HasSubstr("rounds in a way"));
  EXPECT_THAT(error_of("sbfp8-16"), HasSubstr("blocks within a channel"));
  EXPECT_THAT(error_of("fixed16"), HasSubstr("is emulated only"));
  EXPECT_THAT(error_of("int1"), HasSubstr("no integer format"));
  EXPECT_THAT(error_of("int9"), HasSubstr("no integer format"));
  EXPECT_THAT(error_of("q33"), HasSubstr("no integer format"));
  EXPECT_THAT(error_of("imt8"), HasSubstr("int8"));
}

TEST(IntegerFormat, ListsAreSplitAtCommas) {
  const auto formats = parse_integer_formats("int8,ap_fixed<16,8,AP_RND,AP_SAT>,q4");
  ASSERT_TRUE(formats) << formats.error().text();
  ASSERT_EQ(formats->size(), 3U);
  EXPECT_EQ((*formats)[1], format_of("q8.8-rnd"));
}

TEST(IntegerFormat, RoundsAsItsKindDoes) {
  EXPECT_EQ(arithmetic_of(format_of("int8")), Arithmetic::TfliteSingle);
  EXPECT_EQ(arithmetic_of(format_of("q8")), Arithmetic::ShiftHalfEven);
  EXPECT_EQ(arithmetic_of(format_of("q8-rnd")), Arithmetic::ShiftHalfUp);
  EXPECT_EQ(arithmetic_of(format_of("q8-trn")), Arithmetic::ShiftFloor);
  EXPECT_EQ(arithmetic_of(format_of("sbfp8-layer")), Arithmetic::ShiftHalfEven);
}

numeric::Quantization activation(const char* name, const Range& range) {
  const auto quantization = activation_quantization(format_of(name), {&range, 1}, 1);
  EXPECT_TRUE(quantization) << quantization.error().text();
  return *quantization;
}

numeric::Quantization weights(const char* name, const std::vector<Range>& ranges) {
  const auto quantization = weight_quantization(format_of(name), ranges, 0);
  EXPECT_TRUE(quantization) << quantization.error().text();
  return *quantization;
}

TEST(ActivationQuantization, OfAffineCodesReachesBothEnds) {
  const auto q = activation("int8", {-1, 3});
  EXPECT_EQ(q.dtype, DType::Int8);
  EXPECT_FALSE(q.bits);
  EXPECT_FLOAT_EQ(q.scales[0], 4.0F / 255);
  EXPECT_EQ(q.zero_points[0], -64);  // −128 − rne(−63.75)
  EXPECT_EQ(activation("int8", {0, 255}).zero_points[0], -128);
  EXPECT_EQ(activation("int8", {-255, 0}).zero_points[0], 127);
  EXPECT_EQ(activation("int8", {0, 0}).scales[0], 1);
  const auto narrow = activation("int4", {0, 15});
  EXPECT_EQ(narrow.dtype, DType::Int8);
  EXPECT_EQ(narrow.bits, 4);
  EXPECT_EQ(narrow.scales[0], 1);
  EXPECT_EQ(narrow.zero_points[0], -8);
}

TEST(ActivationQuantization, OfQFormatIsTheFinestPowerOfTwoWithoutSaturation) {
  EXPECT_EQ(activation("q8", {-1, 0.5F}).scales[0], 0x1p-7F);
  EXPECT_EQ(activation("q8", {0, 0.99F}).scales[0], 0x1p-7F);
  EXPECT_EQ(activation("q8", {0, 1.999F}).scales[0], 0x1p-5F);  // 127.9 would round to 128
  EXPECT_EQ(activation("q16", {0, 1.5F}).scales[0], 0x1p-14F);
  EXPECT_EQ(activation("q16", {0, 1.5F}).dtype, DType::Int16);
  EXPECT_EQ(activation("q24", {0, 1.5F}).dtype, DType::Int32);
  EXPECT_EQ(activation("q24", {0, 1.5F}).bits, 24);
  EXPECT_EQ(activation("q32", {0, 1.5F}).scales[0], 0x1p-30F);
  EXPECT_FALSE(activation("q32", {0, 1.5F}).bits);
  EXPECT_EQ(activation("q8.8", {0, 1000}).scales[0], 0x1p-8F);
}

TEST(ActivationQuantization, OfSharedBlocksFollowsTheLargestMagnitude) {
  EXPECT_EQ(activation("sbfp8-layer", {0, 1.999F}).scales[0], 0x1p-6F);
  EXPECT_EQ(activation("sbfp8-layer", {-2, 0}).scales[0], 0x1p-5F);
  const std::array<Range, 2> ranges{Range{0, 1}, Range{-8, 3}};
  const auto q = activation_quantization(format_of("sbfp8-channel"), ranges, 1);
  ASSERT_TRUE(q);
  EXPECT_THAT(q->scales, ElementsAre(0x1p-6F, 0x1p-3F));
  EXPECT_EQ(q->axis, 1);
  // A channel that is always 0 takes the largest, so that sums need no finer unit for it.
  const std::array<Range, 3> with_zero{Range{0, 1}, Range{0, 0}, Range{-8, 3}};
  EXPECT_THAT(activation_quantization(format_of("sbfp8-channel"), with_zero, 1)->scales,
              ElementsAre(0x1p-6F, 0x1p-3F, 0x1p-3F));
  EXPECT_EQ(activation("sbfp8-layer", {0, 0}).scales[0], 1);
}

TEST(ActivationQuantization, RefusesRangesThatAreNotFinite) {
  const Range range{0, INFINITY};
  EXPECT_FALSE(activation_quantization(format_of("int8"), {&range, 1}, 1));
}

TEST(WeightQuantization, OfAffineCodesIsSymmetric) {
  const auto q = weights("int8", {{-1.27F, 1}, {0, 0}, {-0.1F, 2.54F}});
  EXPECT_FLOAT_EQ(q.scales[0], 0.01F);
  EXPECT_EQ(q.scales[1], 1);
  EXPECT_FLOAT_EQ(q.scales[2], 0.02F);
  EXPECT_THAT(q.zero_points, ElementsAre(0, 0, 0));
  EXPECT_FLOAT_EQ(weights("int4", {{-0.7F, 0.7F}}).scales[0], 0.1F);
}

}  // namespace
}  // namespace sluice::quant
