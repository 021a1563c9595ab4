// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/storage.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace sluice::importer::pytorch {
namespace {

// 0, 1, 2, … as float32.
OwnedBytes counting(std::size_t count) {
  const auto values = std::make_shared<std::vector<float>>(count);
  for (std::size_t i = 0; i < count; ++i) (*values)[i] = static_cast<float>(i);
  return {values, std::as_bytes(std::span(*values))};
}

TensorRef view_of(std::int64_t elements, Shape sizes, std::vector<std::int64_t> strides,
                  std::int64_t offset = 0) {
  return {
      {DType::Float32, "0", elements, 0, elements}, offset, std::move(sizes), std::move(strides)};
}

TEST(Storage, ElementsInOrderAreSharedNotCopied) {
  const OwnedBytes storage = counting(10);
  const auto tensor = tensor_of(view_of(10, {2, 3}, {3, 1}, 4), storage);
  ASSERT_TRUE(tensor) << tensor.error().text();
  EXPECT_EQ(*tensor, Tensor::from<float>({2, 3}, {4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(tensor->bytes().data(), storage.bytes.data() + 16);
}

TEST(Storage, StridesAreFollowed) {
  EXPECT_EQ(*tensor_of(view_of(6, {3, 2}, {1, 3}), counting(6)),
            Tensor::from<float>({3, 2}, {0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(*tensor_of(view_of(6, {3}, {2}, 1), counting(6)), Tensor::from<float>({3}, {1, 3, 5}));
  EXPECT_EQ(*tensor_of(view_of(6, {2, 2}, {0, 1}), counting(6)),
            Tensor::from<float>({2, 2}, {0, 1, 0, 1}));
}

TEST(Storage, StridesOfDimensionsOfOneDoNotMatter) {
  const OwnedBytes storage = counting(6);
  const auto tensor = tensor_of(view_of(6, {1, 6}, {1, 1}), storage);
  EXPECT_EQ(tensor->bytes().data(), storage.bytes.data());
}

TEST(Storage, ScalarsAndEmptyTensorsAreTensors) {
  EXPECT_EQ(*tensor_of(view_of(3, {}, {}, 2), counting(3)), Tensor::scalar<float>(2));
  EXPECT_EQ(tensor_of(view_of(0, {0, 4}, {4, 1}), counting(0))->shape(), (Shape{0, 4}));
}

TEST(Storage, BytesThatAreNotAlignedAreCopied) {
  const OwnedBytes storage = counting(4);
  const OwnedBytes shifted{storage.owner, storage.bytes.subspan(1)};
  const auto tensor = tensor_of(view_of(3, {3}, {1}), shifted);
  ASSERT_TRUE(tensor);
  EXPECT_NE(tensor->bytes().data(), shifted.bytes.data());
  EXPECT_EQ(std::memcmp(tensor->bytes().data(), shifted.bytes.data(), 12), 0);
}

TEST(Storage, AViewOfAStorageIsItsOwnBound) {
  TensorRef ref = view_of(10, {2}, {1});
  ref.storage.view_offset = 8;
  ref.storage.view_elements = 2;
  EXPECT_EQ(*tensor_of(ref, counting(10)), Tensor::from<float>({2}, {8, 9}));
  ref.sizes = {3};
  EXPECT_FALSE(tensor_of(ref, counting(10)));
}

TEST(Storage, BoolsAreMadeZeroOrOne) {
  const auto bytes =
      std::make_shared<std::vector<unsigned char>>(std::vector<unsigned char>{0, 1, 2, 255});
  const TensorRef ref{{DType::Bool, "0", 4, 0, 4}, 0, {4}, {1}};
  const auto tensor = tensor_of(ref, {bytes, std::as_bytes(std::span(*bytes))});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->bytes()[2], std::byte{1});
  EXPECT_EQ(tensor->bytes()[3], std::byte{1});
  EXPECT_EQ((*bytes)[3], 255);
}

TEST(Storage, ReachingBeyondTheStorageIsAnError) {
  const OwnedBytes storage = counting(6);
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  for (const TensorRef& ref :
       {view_of(6, {7}, {1}), view_of(6, {2, 3}, {4, 1}), view_of(6, {1}, {1}, 6),
        view_of(6, {2}, {kHuge}), view_of(6, {3, 3}, {kHuge, kHuge}), view_of(6, {1}, {1}, kHuge),
        view_of(6, {1}, {1}, -1), view_of(6, {2}, {-1}, 1), view_of(7, {1}, {1}),
        view_of(kHuge, {1}, {1}), view_of(6, {2}, {}), view_of(6, {-1}, {1}),
        view_of(6, {kHuge}, {0}), view_of(6, Shape(40, 1), std::vector<std::int64_t>(40, 1))}) {
    const auto tensor = tensor_of(ref, storage);
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().code, ErrorCode::Parse);
  }
}

}  // namespace
}  // namespace sluice::importer::pytorch
