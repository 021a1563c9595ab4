// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/code_order.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "sluice/base/rng.hpp"

namespace sluice::exact::fast {
namespace {

std::vector<std::byte> random_bytes(const ImageShape& shape) {
  Rng rng(3);
  std::vector<std::byte> bytes(
      static_cast<std::size_t>(shape.images * shape.channels * shape.positions));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.below(256));
  return bytes;
}

const std::vector<ImageShape> kImageShapes{{1, 1, 1},   {2, 3, 1},     {3, 1, 5},   {2, 5, 7},
                                           {1, 64, 64}, {2, 63, 65},   {1, 65, 63}, {1, 129, 100},
                                           {3, 17, 49}, {1, 3, 1 + 64}};

TEST(CodeOrder, PutsChannelsLast) {
  for (const ImageShape& shape : kImageShapes) {
    const std::vector<std::byte> from = random_bytes(shape);
    std::vector<std::byte> to(from.size());
    channels_to_last(shape, from.data(), to.data());
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(from.size()); ++i) {
      const std::int64_t position = i % shape.positions;
      const std::int64_t channel = i / shape.positions % shape.channels;
      const std::int64_t image = i / shape.positions / shape.channels;
      const std::int64_t at = (image * shape.positions + position) * shape.channels + channel;
      ASSERT_EQ(to.data()[at], from.data()[i]) << shape.channels << " " << shape.positions;
    }
  }
}

TEST(CodeOrder, PutsThemBack) {
  for (const ImageShape& shape : kImageShapes) {
    const std::vector<std::byte> from = random_bytes(shape);
    std::vector<std::byte> last(from.size());
    std::vector<std::byte> first(from.size());
    channels_to_last(shape, from.data(), last.data());
    channels_to_first(shape, last.data(), first.data());
    EXPECT_EQ(first, from) << shape.channels << " " << shape.positions;
  }
}

TEST(CodeOrder, ListsEveryCodeByItsByte) {
  for (const DType dtype : {DType::Int8, DType::UInt8}) {
    const Tensor codes = all_codes(dtype);
    EXPECT_EQ(codes.dtype(), dtype);
    ASSERT_EQ(codes.shape(), Shape{kNumCodes});
    for (std::size_t i = 0; i < codes.bytes().size(); ++i) {
      EXPECT_EQ(std::to_integer<std::size_t>(codes.bytes()[i]), i);
    }
  }
}

// ---- clamp_of

CodeTable clamping(DType dtype, const numeric::CodeRange& range) {
  CodeTable table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const auto code = dtype == DType::Int8
                          ? std::int64_t{static_cast<std::int8_t>(static_cast<std::uint8_t>(byte))}
                          : static_cast<std::int64_t>(byte);
    table.at(byte) = static_cast<std::uint8_t>(std::clamp(code, range.lowest, range.highest));
  }
  return table;
}

TEST(ClampOf, FindsTheBounds) {
  const std::vector<numeric::CodeRange> of_int8{{-128, 127}, {-128, -128}, {127, 127},
                                                {0, 127},    {-3, 40},     {-1, 0}};
  const std::vector<numeric::CodeRange> of_uint8{{0, 255}, {0, 0}, {255, 255}, {127, 128}, {3, 40}};
  for (const DType dtype : {DType::Int8, DType::UInt8}) {
    for (const numeric::CodeRange& range : dtype == DType::Int8 ? of_int8 : of_uint8) {
      const auto found = clamp_of(clamping(dtype, range), dtype);
      ASSERT_TRUE(found) << range.lowest << " " << range.highest;
      EXPECT_EQ(found->lowest, range.lowest);
      EXPECT_EQ(found->highest, range.highest);
    }
  }
}

TEST(ClampOf, RefusesWhatDoesMore) {
  for (const DType dtype : {DType::Int8, DType::UInt8}) {
    const CodeTable clamp = clamping(dtype, {5, 100});
    for (std::size_t byte = 0; byte < clamp.size(); ++byte) {
      CodeTable other = clamp;
      ++other.at(byte);
      EXPECT_FALSE(clamp_of(other, dtype)) << byte;
    }
    CodeTable falling{};
    for (std::size_t byte = 0; byte < falling.size(); ++byte) {
      falling.at(byte) = static_cast<std::uint8_t>(255 - byte);
    }
    EXPECT_FALSE(clamp_of(falling, dtype));
  }
}

TEST(ClampOf, ReadsATableByTheType) {
  EXPECT_TRUE(clamp_of(clamping(DType::UInt8, {0, 200}), DType::UInt8));
  EXPECT_FALSE(clamp_of(clamping(DType::UInt8, {0, 200}), DType::Int8));
}

TEST(CodeOrder, MovesWiderCodesWhole) {
  for (const std::int64_t bytes : {2, 4}) {
    for (ImageShape shape : kImageShapes) {
      const std::vector<std::byte> low = random_bytes(shape);
      std::vector<std::byte> from(low.size() * static_cast<std::size_t>(bytes));
      for (std::size_t i = 0; i < from.size(); ++i) {
        from[i] = low[i / static_cast<std::size_t>(bytes)] ^
                  static_cast<std::byte>(i % static_cast<std::size_t>(bytes));
      }
      std::vector<std::byte> moved(low.size());
      channels_to_last(shape, low.data(), moved.data());
      shape.code_bytes = bytes;
      std::vector<std::byte> to(from.size());
      channels_to_last(shape, from.data(), to.data());
      for (std::size_t i = 0; i < to.size(); ++i) {
        ASSERT_EQ(to[i], moved[i / static_cast<std::size_t>(bytes)] ^
                             static_cast<std::byte>(i % static_cast<std::size_t>(bytes)));
      }
      std::vector<std::byte> back(from.size());
      channels_to_first(shape, to.data(), back.data());
      ASSERT_EQ(back, from);
    }
  }
}

}  // namespace
}  // namespace sluice::exact::fast
