// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/synth.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

SynthReport small_synthesis() {
  const synth::Usage usage{.lut = 1234, .ff = 20, .dsp = 4, .bram = 9};
  const hw::Resources model{.lut = 617, .ff = 40, .dsp = 2.5, .bram18 = 0};
  SynthLayer layer{.name = "conv1",
                   .kind = "convolution",
                   .instances = {{"l00_conv1_sums", "sl_dot", {{"LUT6", 1234}}, usage}},
                   .usage = usage,
                   .model = model};
  return {.name = "net",
          .family = "ice40",
          .block_ram_bits = 4096,
          .yosys = "Yosys 9.9",
          .provenance = "counted by hand",
          .layers = {layer},
          .usage = usage,
          .model = model,
          .distinct = 5,
          .recalled = 2,
          .seconds = 1.5};
}

TEST(SynthText, MeasuredAndModelledStandSideBySide) {
  EXPECT_THAT(to_text(small_synthesis()),
              HasSubstr("conv1  convolution  1,234    617  20     40    4      3     9      0\n"));
}

TEST(SynthText, TheWholeHasItsRatios) {
  const std::string text = to_text(small_synthesis());
  EXPECT_THAT(text, HasSubstr("synthesized/model"));
  EXPECT_THAT(text, HasSubstr(" 2.00 "));
  EXPECT_THAT(text, HasSubstr(" 0.50 "));
}

TEST(SynthText, BlocksAreComparedByTheirBits) {
  SynthReport report = small_synthesis();
  report.model.bram18 = 4;  // nine blocks of 4 Kbit are two of 18
  EXPECT_THAT(to_text(report), HasSubstr(" 0.50\n"));
}

TEST(SynthText, ItSaysWhoCountedWhat) {
  const std::string text = to_text(small_synthesis());
  EXPECT_THAT(text, HasSubstr("Yosys 9.9: 5 distinct modules for ice40 (2 of them recalled)"));
  EXPECT_THAT(text, HasSubstr("BRAM is blocks of 4 Kbit, the model's are of 18\n"));
  EXPECT_THAT(text, HasSubstr("counted by hand\n"));
}

TEST(SynthText, JsonHasTheCellsOfEachInstance) {
  const Json json = to_json(small_synthesis());
  EXPECT_EQ(json.at("format"), "sluice.synth/1");
  EXPECT_EQ(json.at("usage").at("lut"), 1234);
  EXPECT_EQ(json.at("model").at("dsp"), 2.5);
  const Json& instance = json.at("layers")[0].at("instances")[0];
  EXPECT_EQ(instance.at("module"), "sl_dot");
  EXPECT_EQ(instance.at("cells").at("LUT6"), 1234);
}

TEST(SynthText, JsonDoesNotSayHowLongItTook) {
  SynthReport slow = small_synthesis();
  slow.seconds = 99;
  slow.recalled = 0;
  EXPECT_EQ(to_json(slow), to_json(small_synthesis()));
}

}  // namespace
}  // namespace sluice::api
