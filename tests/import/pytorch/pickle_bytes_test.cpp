// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/pickle_bytes.hpp"

#include <gtest/gtest.h>
#include <string>

namespace sluice::importer::pytorch {
namespace {

PickleBytes over(const std::string& text) {
  return PickleBytes(std::as_bytes(std::span(text)));
}

TEST(PickleBytes, NumbersAreLittleEndian) {
  const std::string text = "\x01\x02\x03\x04\x05\x06";
  PickleBytes bytes = over(text);
  EXPECT_EQ(*bytes.number<std::uint8_t>(), 1);
  EXPECT_EQ(*bytes.number<std::uint32_t>(), 0x05040302U);
  EXPECT_EQ(bytes.at(), 5U);
  EXPECT_FALSE(bytes.number<std::uint16_t>());
}

TEST(PickleBytes, WhatIsTakenIsAViewOfTheBytes) {
  const std::string text = "abcdef";
  PickleBytes bytes = over(text);
  const auto taken = bytes.take(4);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, "abcd");
  EXPECT_EQ(taken->data(), text.data());
  EXPECT_EQ(*bytes.take(0), "");
}

TEST(PickleBytes, NoMoreThanThereIsIsTaken) {
  const std::string text = "abc";
  PickleBytes bytes = over(text);
  const auto taken = bytes.take(~std::uint64_t{0});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::Parse);
  EXPECT_EQ(*bytes.take(3), "abc");  // nothing was lost
  EXPECT_FALSE(bytes.take(1));
}

TEST(PickleBytes, LinesEndWithoutTheirEnd) {
  const std::string text = "first\n\nthird";
  PickleBytes bytes = over(text);
  EXPECT_EQ(*bytes.line(), "first");
  EXPECT_EQ(*bytes.line(), "");
  EXPECT_FALSE(bytes.line());
  EXPECT_EQ(bytes.at(), 7U);
}

}  // namespace
}  // namespace sluice::importer::pytorch
