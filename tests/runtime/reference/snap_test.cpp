// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {
namespace {

Result<Tensor> snapped(const numeric::Grid& grid, const Tensor& x) {
  const std::vector<const Tensor*> inputs{&x};
  std::vector<Tensor> outputs{Tensor(x.dtype(), x.shape())};
  SL_TRY_STATUS(run(ir::Snap{grid}, KernelArgs{inputs, outputs}));
  return outputs.front();
}

TEST(SnapKernel, PutsEachChannelOnItsGrid) {
  const Tensor x = Tensor::from<float>({1, 2, 2}, {0.7F, 0.2F, 0.7F, 0.2F});
  const auto y = snapped(numeric::AffineGrid{8, {1, 2}, {0, 0}, 1}, x);
  ASSERT_TRUE(y) << y.error().text();
  EXPECT_EQ(*y, Tensor::from<float>({1, 2, 2}, {1, 0, 0.5F, 0}));
}
TEST(SnapKernel, RefusesAGridThatDoesNotFit) {
  const auto y = snapped(numeric::AffineGrid{8, {1, 2, 3}, {0, 0, 0}, 1}, Tensor({}, {1, 2}));
  ASSERT_FALSE(y);
  EXPECT_EQ(y.error().code, ErrorCode::InvalidArgument);
}
TEST(SnapKernel, RefusesOtherTypes) {
  const auto y = snapped(numeric::FixedGrid{}, Tensor(DType::Int8, {1, 2}));
  ASSERT_FALSE(y);
  EXPECT_EQ(y.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::runtime::reference
