// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/bytes.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr std::array<std::byte, 9> kBytes = {std::byte{0xff}, std::byte{1}, std::byte{2},
                                             std::byte{3},    std::byte{4}, std::byte{5},
                                             std::byte{6},    std::byte{7}, std::byte{0x88}};

TEST(Bytes, LoadHonoursTheStatedOrderAtAnyAlignment) {
  EXPECT_EQ(load_little<std::uint32_t>(&kBytes[1]), 0x04030201U);
  EXPECT_EQ(load_big<std::uint32_t>(&kBytes[1]), 0x01020304U);
  EXPECT_EQ(load_big<std::uint16_t>(&kBytes[1]), 0x0102U);
  EXPECT_EQ(load_little<std::uint64_t>(&kBytes[1]), 0x8807060504030201U);
}

TEST(Bytes, ReversingTwiceChangesNothing) {
  EXPECT_EQ(reverse_bytes(std::uint8_t{0x81}), 0x81U);
  EXPECT_EQ(reverse_bytes(std::uint16_t{0x8102}), 0x0281U);
  EXPECT_EQ(reverse_bytes(reverse_bytes(0x8102030405060708U)), 0x8102030405060708U);
}

}  // namespace
}  // namespace sluice
