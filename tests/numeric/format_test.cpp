// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/format.hpp"

#include <gtest/gtest.h>

namespace sluice::numeric {
namespace {

Format parsed(std::string_view name) {
  auto format = parse_format(name);
  EXPECT_TRUE(format) << name << ": " << (format ? "" : format.error().text());
  return format ? *format : Float32Format{};
}

std::string refusal(std::string_view name) {
  const auto format = parse_format(name);
  return format ? "accepted as " + to_string(*format) : format.error().text();
}

TEST(ParseFormat, KnowsThePublishedNames) {
  EXPECT_EQ(parsed("float32"), Format{Float32Format{}});
  EXPECT_EQ(parsed("fixed16"), (Format{AffineFormat{16, Sharing::Network}}));
  EXPECT_EQ(parsed("BFP8-Layer"), (Format{AffineFormat{8, Sharing::Layer}}));
  EXPECT_EQ(parsed("bfp5-channel"), (Format{AffineFormat{5, Sharing::Channel}}));
}
TEST(ParseFormat, CountsTheSignAmongTheIntegerBits) {
  EXPECT_EQ(parsed("q8.8"), (Format{FixedFormat{.bits = 16, .fraction_bits = 8}}));
  EXPECT_EQ(parsed("uq0.8"),
            (Format{FixedFormat{.bits = 8, .fraction_bits = 8, .is_signed = false}}));
}
TEST(ParseFormat, LeavesTheFractionToCalibration) {
  EXPECT_EQ(parsed("q16"), (Format{FixedFormat{.bits = 16}}));
  EXPECT_EQ(
      parsed("q8-rnd-wrap"),
      (Format{FixedFormat{.bits = 8, .rounding = Rounding::HalfUp, .overflow = Overflow::Wrap}}));
  EXPECT_EQ(parsed("q8-sat_sym"),
            (Format{FixedFormat{.bits = 8, .overflow = Overflow::SaturateSymmetric}}));
}
TEST(ParseFormat, ReadsApFixedWithItsDefaults) {
  EXPECT_EQ(parsed("ap_fixed<16,6>"), (Format{FixedFormat{.bits = 16,
                                                          .fraction_bits = 10,
                                                          .rounding = Rounding::Floor,
                                                          .overflow = Overflow::Wrap}}));
  EXPECT_EQ(parsed("ap_fixed<16, 6, AP_RND_CONV, AP_SAT>"),
            (Format{FixedFormat{.bits = 16, .fraction_bits = 10}}));
  EXPECT_EQ(parsed("ap_ufixed<8,-2,AP_RND>"), (Format{FixedFormat{.bits = 8,
                                                                  .fraction_bits = 10,
                                                                  .is_signed = false,
                                                                  .rounding = Rounding::HalfUp,
                                                                  .overflow = Overflow::Wrap}}));
}
TEST(ParseFormat, KnowsEveryModeOfApFixed) {
  for (const char* q :
       {"TRN", "TRN_ZERO", "RND", "RND_ZERO", "RND_INF", "RND_MIN_INF", "RND_CONV"}) {
    for (const char* o : {"WRAP", "SAT", "SAT_SYM", "SAT_ZERO", "WRAP_SM"}) {
      const std::string name = std::string("ap_fixed<16,-3,AP_") + q + ",AP_" + o + ">";
      EXPECT_EQ(to_string(parsed(name)), name);
    }
  }
}
TEST(ParseFormat, KnowsSharedExponents) {
  EXPECT_EQ(parsed("sbfp8-layer"), (Format{BlockFormat{8, BlockShape::Tensor, 0}}));
  EXPECT_EQ(parsed("sbfp6-channel"), (Format{BlockFormat{6, BlockShape::Channel, 0}}));
  EXPECT_EQ(parsed("sbfp4-16"), (Format{BlockFormat{4, BlockShape::Run, 16}}));
  EXPECT_EQ(parsed("mxint8"), parsed("sbfp8-32"));
}
TEST(ParseFormat, ReadsBackWhatIsPrinted) {
  for (const char* name : {"float32", "fixed16", "bfp8-layer", "bfp8-channel", "q16", "uq16",
                           "q8-trn-wrap", "q8.8", "uq0.8", "ap_fixed<16,20,AP_RND_CONV,AP_SAT>",
                           "sbfp8-layer", "sbfp8-channel", "sbfp8-16", "mxint8"}) {
    EXPECT_EQ(to_string(parsed(name)), name);
  }
}
TEST(ParseFormat, SuggestsTheNearestName) {
  EXPECT_NE(refusal("bpf8-layer").find("did you mean \"bfp8-layer\""), std::string::npos);
  EXPECT_NE(refusal("fixde16").find("did you mean \"fixed16\""), std::string::npos);
}
TEST(ParseFormat, RefusesWidthsThatCannotBeEmulated) {
  EXPECT_NE(refusal("fixed32").find("2 to 24 bits"), std::string::npos);
  EXPECT_NE(refusal("ap_fixed<32,16>").find("2 to 24 bits"), std::string::npos);
  EXPECT_NE(refusal("fixed1").find("2 to 24 bits"), std::string::npos);
  EXPECT_NE(refusal("sbfp99-16").find("2 to 24 bits"), std::string::npos);
  EXPECT_NE(refusal("ap_fixed<16,-900>").find("fraction bits"), std::string::npos);
}
TEST(ParseFormat, RefusesWhatIsNoFormat) {
  for (const char* name :
       {"", "q", "q8.", "q8.8.8", "q8-", "q8-trn-wrap-sat", "q8-wrap-trn", "fixed", "fixed8x",
        "bfp8", "sbfp8", "sbfp8-", "ap_fixed<16>", "ap_fixed<16,6", "ap_fixed<16,6>x",
        "ap_fixed<16,6,AP_TRN,AP_WRAP,2>", "q99999999999999999999", "q-8.16\n"}) {
    EXPECT_NE(refusal(name).find("no number format"), std::string::npos) << name << refusal(name);
  }
}
TEST(ParseFormat, RefusesBlocksOfOneAndHugeBlocks) {
  EXPECT_NE(refusal("sbfp8-1").find("2 to 1024"), std::string::npos);
  EXPECT_NE(refusal("sbfp8-4096").find("2 to 1024"), std::string::npos);
}
TEST(ParseFormat, RefusesSignMagnitudeOfUnsigned) {
  EXPECT_NE(refusal("uq8-wrap_sm").find("signed"), std::string::npos);
}

TEST(ParseFormats, SplitsAtCommasOutsideBrackets) {
  const auto formats = parse_formats("float32,ap_fixed<16,6,AP_TRN>,bfp8-layer");
  ASSERT_TRUE(formats) << formats.error().text();
  ASSERT_EQ(formats->size(), 3U);
  EXPECT_EQ(to_string((*formats)[1]), "ap_fixed<16,6,AP_TRN,AP_WRAP>");
}
TEST(ParseFormats, NamesTheOneItRefuses) {
  EXPECT_FALSE(parse_formats("float32,,fixed8"));
  EXPECT_FALSE(parse_formats("float32,ap_fixed<16,6"));
  EXPECT_FALSE(parse_formats("float32,nonsense"));
}

TEST(NeedsCalibration, WhereAGridFollowsARange) {
  EXPECT_TRUE(needs_calibration(parsed("fixed8")));
  EXPECT_TRUE(needs_calibration(parsed("q8")));
  EXPECT_FALSE(needs_calibration(parsed("q4.4")));
  EXPECT_FALSE(needs_calibration(parsed("mxint8")));
  EXPECT_FALSE(needs_calibration(parsed("float32")));
}

TEST(FormatDocs, GiveExamplesThatParseAndPrintAsThemselves) {
  for (const FormatDoc& doc : format_docs()) {
    if (doc.example.starts_with("ap_fixed")) continue;  // prints as the shorter q6.10
    EXPECT_EQ(to_string(parsed(doc.example)), doc.example);
  }
}

}  // namespace
}  // namespace sluice::numeric
