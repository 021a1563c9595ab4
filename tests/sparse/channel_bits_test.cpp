// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_bits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/random_conv.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;

ConvWindows windows_of(const test::ConvShape& shape) {
  const ir::Graph graph = test::one_conv(shape, 0);
  return *conv_windows(graph, graph.nodes[0]);
}

// The string's bits as text, the first ones leftmost.
std::string text_of(std::span<const std::uint64_t> bits, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (bits[i / 64] >> (i % 64) & 1U) != 0 ? '1' : '0';
  return text;
}

std::string written(const ChannelBits& layout, std::uint64_t nonzero, std::size_t count) {
  const std::vector<std::uint64_t> packed{nonzero, 0};
  std::vector<std::uint64_t> string(layout.size(), ~std::uint64_t{0});
  layout.write(packed.data(), string.data());
  return text_of(string, count);
}

TEST(ChannelBits, RowsAreWrittenOutWithTheirPadding) {
  const ChannelBits layout(windows_of({"", {1, 1, 2, 3}, {1, 1, 2, 2}, {.pads = {1, 1, 0, 0}}}));
  // 2 rows of 3 become 3 rows of 4.
  EXPECT_EQ(written(layout, 0b011'101, 16), "0000010101100000");
  EXPECT_THAT(layout.taps(), ElementsAre(0, 1, 4, 5));
  EXPECT_EQ(text_of(layout.starts(), 12), "111011100000");
}

TEST(ChannelBits, WindowsBeginStridesApartAndTapsLieDilationsApart) {
  const ChannelBits layout(
      windows_of({"", {1, 1, 1, 9}, {1, 1, 1, 2}, {.strides = {1, 3}, .dilations = {1, 2}}}));
  EXPECT_THAT(layout.taps(), ElementsAre(0, 2));
  EXPECT_EQ(text_of(layout.starts(), 9), "100100100");
}

TEST(ChannelBits, NegativePaddingCutsOff) {
  const ChannelBits layout(windows_of({"", {1, 1, 3, 4}, {1, 1, 1, 1}, {.pads = {-1, -1, 0, -1}}}));
  EXPECT_FALSE(layout.is_plain());
  // Rows 1 and 2, columns 1 and 2.
  EXPECT_EQ(written(layout, 0b0110'0010'1111, 8), "10110000");
}

TEST(ChannelBits, WithoutPaddingTheStringIsTheImage) {
  const ChannelBits layout(windows_of({"", {1, 1, 3, 21}, {1, 1, 3, 3}, {}}));
  EXPECT_TRUE(layout.is_plain());
  const std::uint64_t image = 0x5A5A'1234'8765'4321U & ((std::uint64_t{1} << 63U) - 1);
  EXPECT_EQ(written(layout, image, 63), text_of(std::vector<std::uint64_t>{image}, 63));
}

TEST(ChannelString, ReadsAChannelOfAnImageAndCountsWhatIsNotZero) {
  for (const std::int64_t pad : {std::int64_t{0}, std::int64_t{1}}) {
    const ConvWindows conv = windows_of({"", {2, 2, 1, 3}, {1, 2, 1, 1}, {.pads = {0, pad, 0, 0}}});
    const ChannelBits layout(conv);
    ChannelString string(conv, layout);
    const Tensor images =
        Tensor::from<float>({2, 2, 1, 3}, std::vector<float>{1, 1, 1, 0, 0, 0, 2, 0, 0, 0, 3, 4});
    EXPECT_EQ(string.read(images, 1, 1), 2U);
    EXPECT_EQ(text_of(std::span(string.bits(), 1), 4), pad == 0 ? "0110" : "0011");
    EXPECT_EQ(string.read(images, 0, 1), 0U);
    EXPECT_EQ(text_of(std::span(string.bits(), 1), 4), "0000");
    EXPECT_EQ(string.read(images, 1, 0), 1U);
  }
}

}  // namespace
}  // namespace sluice::sparse
