// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/numeric/hard_values.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/numeric/snap.hpp"
#include "sluice/numeric/snap_simd.hpp"

namespace sluice::numeric {
namespace {

using Values = std::vector<float>;

TEST(SnapKernels, EqualTheDefinitionOnEveryInstructionSetOfThisMachine) {
  const Shape shape{2, 19, 21};
  const Values in = hard_values(static_cast<std::size_t>(num_elements(shape)), 17);
  for (const Grid& grid : every_grid(shape[1])) {
    Values expected(in.size());
    snap(grid, shape, in, expected);
    test::on_every_target([&](const char* target) {
      Values values(in.size());
      snap_simd(grid, shape, in, values);
      ASSERT_EQ(bits_of(values), bits_of(expected)) << target << " grid kind " << grid.index();
    });
  }
}
TEST(SnapKernels, LargestIgnoresNanAndBoundsInfinities) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float most = std::numeric_limits<float>::max();
  const Values values{nan, -3, 2};
  EXPECT_EQ(snap_kernels().largest(0, values.data(), values.size()), 3);
  EXPECT_EQ(snap_kernels().largest(5, values.data(), values.size()), 5);
  const Values endless{1, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(snap_kernels().largest(0, endless.data(), endless.size()), most);
}

}  // namespace
}  // namespace sluice::numeric
