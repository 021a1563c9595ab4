// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/tensors.hpp"

#include <gtest/gtest.h>

namespace sluice::train {
namespace {

TEST(TrainTensors, ComeBackAsTheyWent) {
  for (const Tensor& tensor :
       {Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, -6}), Tensor::from<std::int64_t>({2}, {7, -8}),
        Tensor::from<double>({}, {0.1}), Tensor(DType::Float32, {0, 4}),
        Tensor::from<std::int8_t>({3}, {-128, 0, 127}), Tensor::from<std::uint8_t>({1}, {255})}) {
    const auto there = to_torch(tensor);
    ASSERT_TRUE(there) << there.error().text();
    EXPECT_EQ(from_torch(*there), tensor);
  }
}

TEST(TrainTensors, AreCopiesThatShareNothing) {
  Tensor tensor = Tensor::from<float>({2}, {1, 2});
  at::Tensor there = *to_torch(tensor);
  there.add_(1);
  EXPECT_EQ(tensor, Tensor::from<float>({2}, {1, 2}));
  EXPECT_EQ(from_torch(there), Tensor::from<float>({2}, {2, 3}));
}

TEST(TrainTensors, StridedOnesAreWrittenInOrder) {
  const at::Tensor there = *to_torch(Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(from_torch(there.t()), Tensor::from<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
}

TEST(TrainTensors, TypesThatTorchHasNotAreRefused) {
  EXPECT_EQ(to_torch(Tensor(DType::UInt16, {2})).error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::train
