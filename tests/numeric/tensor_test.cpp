// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/tensor.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>

namespace sluice {
namespace {

Tensor numbers() {
  return Tensor::from<float>({2, 2}, {1, 2, 3, 4});
}

TEST(Tensor, ANewOneIsZero) {
  const Tensor tensor(DType::Int16, {2, 3});
  EXPECT_EQ(tensor.bytes().size(), 12U);
  for (const std::int16_t value : tensor.data<std::int16_t>()) EXPECT_EQ(value, 0);
}

TEST(Tensor, TheDefaultIsAScalarZero) {
  const Tensor tensor;
  EXPECT_EQ(tensor.rank(), 0U);
  EXPECT_EQ(tensor.num_elements(), 1);
  EXPECT_EQ(tensor, Tensor::scalar(0.0F));
}

TEST(Tensor, AnEmptyOneHasAShapeAndNoBytes) {
  Tensor tensor(DType::Float32, {0, 3});
  EXPECT_EQ(tensor.num_elements(), 0);
  EXPECT_TRUE(tensor.bytes().empty());
  EXPECT_TRUE(tensor.mutable_data<float>().empty());
}

TEST(Tensor, ACopySharesTheBytes) {
  const Tensor a = numbers();
  const std::vector<Tensor> copies(2, a);
  EXPECT_EQ(a.bytes().data(), copies[0].bytes().data());
  EXPECT_EQ(a.bytes().data(), copies[1].bytes().data());
}

TEST(Tensor, WritingToACopyLeavesTheOriginal) {
  const Tensor a = numbers();
  Tensor b = a;
  b.mutable_data<float>()[0] = 9;
  EXPECT_EQ(a, numbers());
  EXPECT_EQ(b.data<float>()[0], 9);
  EXPECT_EQ(b.data<float>()[3], 4);
}

TEST(Tensor, WritingToTheOnlyOwnerCopiesNothing) {
  Tensor a = numbers();
  const auto* before = a.bytes().data();
  a.mutable_data<float>()[0] = 9;
  EXPECT_EQ(a.bytes().data(), before);
}

TEST(Tensor, AdoptedBytesAreSeenAndNeverWritten) {
  alignas(float) std::array<float, 2> memory{1, 2};
  Tensor tensor = Tensor::adopt(DType::Float32, {2}, nullptr, std::as_bytes(std::span(memory)));
  EXPECT_EQ(tensor.bytes().data(), reinterpret_cast<const std::byte*>(memory.data()));
  tensor.mutable_data<float>()[0] = 9;
  EXPECT_EQ(memory[0], 1);
  EXPECT_EQ(tensor.data<float>()[0], 9);
}

TEST(Tensor, TheOwnerOfAdoptedBytesLivesAsLongAsATensorThatSeesThem) {
  auto owner = std::make_shared<std::array<float, 2>>();
  const std::weak_ptr<std::array<float, 2>> watch = owner;
  {
    const Tensor tensor =
        Tensor::adopt(DType::Float32, {2}, owner, std::as_bytes(std::span(*owner)));
    owner.reset();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Tensor, ReshapingKeepsTheBytes) {
  const Tensor a = numbers();
  const Tensor b = a.reshaped({4});
  EXPECT_EQ(b.shape(), (Shape{4}));
  EXPECT_EQ(a.bytes().data(), b.bytes().data());
}

TEST(Tensor, EqualityIsOfTypeShapeAndBytes) {
  EXPECT_EQ(numbers(), numbers());
  EXPECT_NE(numbers(), numbers().reshaped({4}));
  EXPECT_NE(Tensor::scalar(0.0F), Tensor::scalar(-0.0F));
  EXPECT_NE(Tensor::scalar(std::int32_t{0}), Tensor::scalar(0.0F));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(Tensor::scalar(nan), Tensor::scalar(nan));
}

TEST(Tensor, MemoryIsAlignedForVectorRegisters) {
  for (const std::int64_t size : {1, 3, 1000}) {
    const Tensor tensor(DType::UInt8, {size});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 64, 0U);
  }
}

}  // namespace
}  // namespace sluice
