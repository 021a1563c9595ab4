// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::runtime::reference {
namespace {

using ::testing::ElementsAre;

Tensor numbered_int16(Shape shape) {
  std::vector<std::int16_t> values(static_cast<std::size_t>(num_elements(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int16_t>(i);
  return Tensor::from(std::move(shape), values);
}

TEST(CopyMapped, PicksAndRepeatsPositions) {
  Tensor y(DType::Int16, {2, 3});
  copy_mapped(numbered_int16({3, 2}), std::vector<AxisMap>{{2, 0}, {1, 1, 0}}, nullptr, y);
  EXPECT_THAT(y.data<std::int16_t>(), ElementsAre(5, 5, 4, 1, 1, 0));
}

TEST(CopyMapped, UnmappedInnerDimensionsMoveAsTheyAre) {
  Tensor y(DType::Int16, {2, 1, 2});
  copy_mapped(numbered_int16({2, 3, 2}), std::vector<AxisMap>{{}, {2}, {}}, nullptr, y);
  EXPECT_THAT(y.data<std::int16_t>(), ElementsAre(4, 5, 10, 11));
}

TEST(CopyMapped, FillsWholeRowsAndSingleElements) {
  const Tensor fill = Tensor::scalar<std::int16_t>(-7);
  Tensor y(DType::Int16, {2, 3});
  copy_mapped(numbered_int16({1, 2}), std::vector<AxisMap>{{kFill, 0}, {0, kFill, 1}}, &fill, y);
  EXPECT_THAT(y.data<std::int16_t>(), ElementsAre(-7, -7, -7, 0, -7, 1));
}

TEST(CopyMapped, ScalarsAndEmptyTensors) {
  Tensor scalar(DType::Int16, {});
  copy_mapped(Tensor::scalar<std::int16_t>(3), {}, nullptr, scalar);
  EXPECT_THAT(scalar.data<std::int16_t>(), ElementsAre(3));
  Tensor empty(DType::Int16, {0, 2});
  copy_mapped(numbered_int16({4, 2}), std::vector<AxisMap>{{}, {}}, nullptr, empty);
  EXPECT_EQ(empty.num_elements(), 0);
}

TEST(Transposed, PermutesDimensions) {
  const Tensor y = transposed(numbered_int16({2, 1, 3}), std::vector<std::int64_t>{2, 0, 1});
  EXPECT_EQ(y.shape(), (Shape{3, 2, 1}));
  EXPECT_THAT(y.data<std::int16_t>(), ElementsAre(0, 3, 1, 4, 2, 5));
}

TEST(Transposed, ScalarsAndEmptyTensorsStayWhatTheyAre) {
  EXPECT_THAT(transposed(Tensor::scalar<std::int16_t>(9), {}).data<std::int16_t>(), ElementsAre(9));
  EXPECT_EQ(transposed(numbered_int16({0, 2}), std::vector<std::int64_t>{1, 0}).shape(),
            (Shape{2, 0}));
}

TEST(CopyInto, WritesRowsFromAPositionOn) {
  Tensor y(DType::Int16, {2, 4});
  copy_into(numbered_int16({2, 2}), 1, 1, y);
  EXPECT_THAT(y.data<std::int16_t>(), ElementsAre(0, 0, 1, 0, 0, 2, 3, 0));
}

}  // namespace
}  // namespace sluice::runtime::reference
