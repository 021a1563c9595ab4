// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kBegin = "input %x: float32[1x4x4x4]\n%a = Relu(%x) \"a\"\n";
const std::string kEnd = "%z = MaxPool(%y) {window={kernel=[2, 2]}} \"z\"\noutput %z";

TEST(BuildLayout, ConcatenatesChannels) {
  const Graph graph = built(
      "input %x: float32[1x4x4x4]\ninput %w: float32[1x2x4x4]\n"
      "%a = Relu(%x)\n%b = Relu(%w)\n"
      "%y = Concat(%a, %b) {axis=-3} \"y\"\n" +
      kEnd);
  const Layer& layer = graph[*graph.find("y")].layer;
  EXPECT_EQ(layer.as<Concat>()->channels, (std::vector<std::int64_t>{4, 2}));
  EXPECT_EQ(layer.inputs.size(), 2U);
}

TEST(BuildLayout, RefusesToConcatenateRowsInTheMiddle) {
  EXPECT_EQ(refusal(kBegin + "%y = Concat(%a, %a) {axis=2}\n" + kEnd),
            "it puts tensors behind one another along another dimension than channels");
}

TEST(BuildLayout, DropsWhatKeepsTheWordsOrder) {
  const Graph graph = built(kBegin + R"(const %flat: int64[2] = [1, 64]
    const %axes: int64[1] = [0]
    %u = Unsqueeze(%a, %axes)
    %s = Squeeze(%u, %axes)
    %t = Transpose(%s) {permutation=[0, 2, 3, 1]}
    %f = Reshape(%t, %flat)
    %z = Relu(%f) "z"
    output %z)");
  EXPECT_EQ(edges(graph), "a -> z");
}

TEST(BuildLayout, PartsChannelsUnevenly) {
  const Graph graph = built(kBegin + R"(const %sizes: int64[2] = [1, 3]
    %p, %q = Split(%a, %sizes) {axis=1} "parts"
    %b = Relu(%p)
    %c = Relu(%q)
    output %b
    output %c)");
  EXPECT_EQ(graph[*graph.find("parts")].layer.as<Chop>()->channels,
            (std::vector<std::int64_t>{1, 3}));
}

TEST(BuildLayout, PadsRowsAndChannelsWithZeros) {
  const Graph graph = built(
      kBegin + "const %p: int64[8] = [0, 1, 2, 0, 0, 3, 0, 4]\n%y = Pad(%a, %p) \"y\"\n" + kEnd);
  const Layer& layer = graph[*graph.find("y")].layer;
  EXPECT_EQ(layer.as<Padded>()->channels_before, 1);
  EXPECT_EQ(layer.as<Padded>()->channels_after, 3);
  EXPECT_EQ(map_out(layer), (FeatureMap{6, 8, 1, 8}));
}

TEST(BuildLayout, RefusesOtherPads) {
  const std::string pads = "const %p: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]\n";
  EXPECT_EQ(refusal(kBegin + pads + "%y = Pad(%a, %p) {mode=Reflect}\n" + kEnd),
            "it puts something else than zeros around its input, or cuts it");
}

TEST(BuildLayout, TakesEverySecondRowByAPooling) {
  const Graph graph = built(kBegin + R"(const %zero: int64[1] = [0]
    const %end: int64[1] = [4]
    const %two: int64[1] = [2]
    %y = Slice(%a, %zero, %end, %two, %two) "y"
    %z = Relu(%y)
    output %z)");
  EXPECT_EQ(graph[*graph.find("y")].layer.as<Pooling>()->step, (Extent{2, 1, 1}));
}

TEST(BuildLayout, RefusesToCutRowsOff) {
  EXPECT_EQ(refusal(kBegin + R"(const %one: int64[1] = [1]
    const %end: int64[1] = [4]
    const %two: int64[1] = [2]
    %y = Slice(%a, %one, %end, %two)
    )" + kEnd),
            "it cuts off rows, columns or some of the channels");
}

TEST(BuildLayout, RefusesToMoveWords) {
  EXPECT_EQ(refusal(kBegin + "%y = DepthToSpace(%a) {block_size=2}\n" + kEnd),
            "it puts words into another order than they come in");
}

}  // namespace
}  // namespace sluice::hw
