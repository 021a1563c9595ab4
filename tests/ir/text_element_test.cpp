// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/text_element.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace sluice::ir {
namespace {

// Every element comes back from its text, bit for bit.
void expect_round_trip(const Tensor& tensor) {
  Tensor back(tensor.dtype(), tensor.shape());
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.num_elements()); ++i) {
    const std::string text = element_text(tensor, i);
    EXPECT_TRUE(set_element(back, i, text)) << text;
  }
  EXPECT_EQ(back, tensor) << to_string(tensor.dtype());
}

TEST(TextElement, EveryByteOfEveryNarrowTypeComesBack) {
  for (int d = 0; d <= static_cast<int>(DType::Bool); ++d) {
    const auto dtype = static_cast<DType>(d);
    if (storage_bytes(dtype) != 1) continue;
    Tensor tensor(dtype, {256});
    for (std::size_t i = 0; i < 256; ++i) tensor.mutable_bytes()[i] = std::byte(i);
    expect_round_trip(tensor);
  }
}

TEST(TextElement, EveryCodeOfThe16BitTypesComesBack) {
  for (const DType dtype : {DType::Float16, DType::BFloat16, DType::Int16, DType::UInt16}) {
    Tensor tensor(dtype, {1 << 16});
    const auto bytes = tensor.mutable_bytes();
    for (std::size_t i = 0; i < std::size_t{1} << 16; ++i) {
      bytes[2 * i] = std::byte(i & 0xFF);
      bytes[2 * i + 1] = std::byte(i >> 8);
    }
    expect_round_trip(tensor);
  }
}

TEST(TextElement, WideTypesComeBack) {
  expect_round_trip(Tensor::from<float>(
      {6}, {0.1F, -0.0F, 1e-45F, 3.4028235e38F, std::numeric_limits<float>::quiet_NaN(),
            -std::numeric_limits<float>::infinity()}));
  expect_round_trip(Tensor::from<double>({3}, {0.1, 5e-324, 1.7976931348623157e308}));
  expect_round_trip(Tensor::from<std::int64_t>({3}, {INT64_MIN, -1, INT64_MAX}));
  expect_round_trip(Tensor::from<std::uint64_t>({2}, {0, UINT64_MAX}));
}

TEST(TextElement, NansWithAPayloadAreWrittenInBits) {
  Tensor tensor(DType::Float32, {1});
  ASSERT_TRUE(set_element(tensor, 0, "0x7fc12345"));
  EXPECT_EQ(element_text(tensor, 0), "0x7fc12345");
  expect_round_trip(tensor);
}

TEST(TextElement, NumbersAreWrittenShort) {
  EXPECT_EQ(element_text(Tensor::scalar(0.1F), 0), "0.1");
  EXPECT_EQ(element_text(Tensor::scalar(1.0F), 0), "1");
  EXPECT_EQ(element_text(Tensor::scalar<std::int8_t>(-5), 0), "-5");
  EXPECT_EQ(element_text(Tensor::scalar(true), 0), "true");
}

TEST(TextElement, TextOfAnotherTypeIsRefused) {
  Tensor bytes(DType::Int8, {1});
  for (const char* text : {"", "x", "1.5", "128", "-129", "0x100", "true", "1 "}) {
    EXPECT_FALSE(set_element(bytes, 0, text)) << text;
  }
  Tensor floats(DType::Float32, {1});
  for (const char* text : {"1e999", "1f", "0x123456789", "false"}) {
    EXPECT_FALSE(set_element(floats, 0, text)) << text;
  }
  Tensor bools(DType::Bool, {1});
  EXPECT_FALSE(set_element(bools, 0, "1"));
}

TEST(HasValidElements, NarrowTypesDoNotNeedAllBytes) {
  const auto is_valid = [](DType dtype, std::uint8_t held) {
    Tensor tensor(dtype, {2});
    tensor.mutable_bytes()[1] = static_cast<std::byte>(held);
    return has_valid_elements(tensor);
  };
  EXPECT_TRUE(is_valid(DType::Bool, 1));
  EXPECT_FALSE(is_valid(DType::Bool, 2));
  EXPECT_TRUE(is_valid(DType::Int4, 0xf8));
  EXPECT_FALSE(is_valid(DType::Int4, 0xf7));
  EXPECT_FALSE(is_valid(DType::UInt2, 4));
  EXPECT_TRUE(is_valid(DType::Float4E2M1, 15));
  EXPECT_FALSE(is_valid(DType::Float4E2M1, 16));
  EXPECT_TRUE(is_valid(DType::UInt8, 255));
}

}  // namespace
}  // namespace sluice::ir
