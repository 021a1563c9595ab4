// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/steps.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

std::vector<Form> forms(const std::string& lines, Rules rules = Rules::Sluice) {
  std::vector<Form> result;
  for (const Step& step : steps_of(network_of(lines), rules)) result.push_back(step.form);
  return result;
}

TEST(Steps, TakeXTimesSigmoidForSilu) {
  const std::string silu = kInput + "%s = Sigmoid(%x)\n%y = Mul(%s, %x)\noutput %y";
  EXPECT_EQ(forms(silu), std::vector{Form::Silu});
  // fpgaConvNet's parser looks at the second operand only.
  EXPECT_EQ(forms(silu, Rules::FpgaConvNet).size(), 2U);
}

TEST(Steps, TakeASigmoidThatIsReadElsewhereForItself) {
  EXPECT_EQ(forms(kInput + "%s = Sigmoid(%x)\n%y = Mul(%x, %s)\noutput %y\noutput %s").size(), 2U);
}

const std::string kNumbers = R"(const %three: float32[1] = [3]
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
)";

TEST(Steps, TakeAHardSwishInPieces) {
  const std::string clip = kInput + kNumbers + "%a = Add(%x, %three)\n%c = Clip(%a, %zero, %six)\n";
  EXPECT_EQ(forms(clip + "%m = Mul(%x, %c)\n%y = Div(%m, %six)\noutput %y"),
            std::vector{Form::HardSwish});
  EXPECT_EQ(forms(clip + "%m = Div(%c, %six)\n%y = Mul(%x, %m)\noutput %y"),
            std::vector{Form::HardSwish});
}

TEST(Steps, TakeXTimesHardSigmoidForHardSwishIfItIsThat) {
  const std::string front = kInput + "%s = HardSigmoid(%x) {alpha=";
  const std::string back = "}\n%y = Mul(%x, %s)\noutput %y";
  EXPECT_EQ(forms(front + "0.16666667" + back), std::vector{Form::HardSwish});
  EXPECT_EQ(forms(front + "0.25" + back).size(), 2U);
}

TEST(Steps, TakeAProductAndWhatIsAddedTogether) {
  EXPECT_EQ(forms("input %x: float32[1x2]\n" + filled("w", {2, 3}) + filled("b", {3}) + R"(
    %p = MatMul(%x, %w)
    %y = Add(%p, %b)
    output %y)"),
            std::vector{Form::Product});
}

TEST(Steps, TakeSlicesThatAreAllPartsTogether) {
  EXPECT_EQ(forms(kInput + R"(const %zero: int64[1] = [0]
    const %one: int64[1] = [1]
    const %two: int64[1] = [2]
    %a = Slice(%x, %zero, %one, %one)
    %b = Slice(%x, %one, %two, %one)
    output %a
    output %b)"),
            std::vector{Form::Chop});
}

TEST(Steps, TakeAConvolutionAndItsNormalizationTogetherByFpgaConvNetsRules) {
  const std::string lines = kInput + filled("w", {2, 2, 1, 1}) + filled("s", {2}) + R"(
    %c = Conv(%x, %w)
    %y = BatchNormalization(%c, %s, %s, %s, %s)
    output %y)";
  EXPECT_EQ(forms(lines, Rules::FpgaConvNet), std::vector{Form::Normalized});
  EXPECT_EQ(forms(lines).size(), 2U);
}

TEST(Steps, LeaveOutWhatComputesConstants) {
  EXPECT_EQ(forms(kInput + filled("c", {1}) + "%n = Neg(%c)\n%y = Add(%x, %n)\noutput %y").size(),
            1U);
}

TEST(Steps, BypassWhatFpgaConvNetsParserTakesOut) {
  const auto steps = steps_of(network_of(kInput + R"(%i = Identity(%x)
    %p = MaxPool(%i) {window={kernel=[1, 1]}}
    %y = Relu(%p)
    output %y)"),
                              Rules::FpgaConvNet);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].inputs[0], ir::ValueId{0});
}

}  // namespace
}  // namespace sluice::hw
