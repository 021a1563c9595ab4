// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/permute.hpp"

#include <gtest/gtest.h>
#include <numeric>

namespace sluice::importer::tflite {
namespace {

TEST(TflitePermute, MovesElementsWithTheirDimensions) {
  const Tensor x = Tensor::from<std::int32_t>({2, 3}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(permuted(x, {1, 0}), Tensor::from<std::int32_t>({3, 2}, {0, 3, 1, 4, 2, 5}));
}

TEST(TflitePermute, PutsConvolutionWeightsChannelsFirst) {
  std::vector<std::int64_t> counted(12);
  std::iota(counted.begin(), counted.end(), 0);
  const Tensor x = Tensor::from<std::int64_t>({2, 2, 1, 3}, counted);
  EXPECT_EQ(permuted(x, {0, 3, 1, 2}),
            Tensor::from<std::int64_t>({2, 3, 2, 1}, {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
}

TEST(TflitePermute, ScalarsAndEmptyTensorsStay) {
  EXPECT_EQ(permuted(Tensor::scalar(2.0F), {}), Tensor::scalar(2.0F));
  EXPECT_EQ(permuted(Tensor(DType::Int8, {0, 3}), {1, 0}).shape(), (Shape{3, 0}));
}

TEST(TflitePermute, CompositionDoesOneAfterTheOther) {
  const Tensor x = Tensor::from<std::int32_t>({1, 2, 3}, {0, 1, 2, 3, 4, 5});
  const Permutation first = {2, 0, 1};
  const Permutation second = {1, 0, 2};
  EXPECT_EQ(permuted(permuted(x, first), second), permuted(x, compose(first, second)));
}

TEST(TflitePermute, ThereAndBackIsTheIdentity) {
  EXPECT_TRUE(is_identity(compose({0, 3, 1, 2}, {0, 2, 3, 1})));
  EXPECT_FALSE(is_identity({0, 2, 1}));
}

TEST(TflitePermute, PermutationNamesEachDimensionOnce) {
  EXPECT_TRUE(is_permutation(Permutation{1, 0}, 2));
  EXPECT_FALSE(is_permutation(Permutation{1, 1}, 2));
  EXPECT_FALSE(is_permutation(Permutation{0, 2}, 2));
  EXPECT_FALSE(is_permutation(Permutation{0, -1}, 2));
  EXPECT_FALSE(is_permutation(Permutation{0}, 2));
}

}  // namespace
}  // namespace sluice::importer::tflite
