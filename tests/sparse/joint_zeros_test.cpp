// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/joint_zeros.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/random_conv.hpp"

#include "sluice/base/threads.hpp"
#include "sluice/sparse/window_zeros.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::sparse {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;

ConvWindows joint_windows(const test::ConvShape& shape) {
  const ir::Graph graph = test::one_conv(shape, 0);
  return *conv_windows(graph, graph.nodes[0]);
}

// A row of five numbers a channel, single elements as windows.
test::ConvShape rows_of_five(std::int64_t channels) {
  return {"", {1, channels, 1, 5}, {1, channels, 1, 1}, {}};
}

JointMoments moments_of_rows(const std::vector<float>& values, std::int64_t length) {
  const auto channels = static_cast<std::int64_t>(values.size() / 5);
  JointZeros zeros(joint_windows(rows_of_five(channels)), length);
  zeros.add(Tensor::from<float>({1, channels, 1, 5}, values));
  return zeros.moments();
}

TEST(JointZeros, ChannelsThatAreZeroTogetherCorrelate) {
  const JointMoments moments = moments_of_rows({0, 1, 0, 1, 1,  //
                                                0, 2, 0, 3, 1,  //
                                                1, 0, 1, 0, 0,  //
                                                1, 1, 1, 1, 1},
                                               1);
  EXPECT_EQ(moments.samples, 5U);
  EXPECT_THAT(moments.mean, ElementsAre(DoubleNear(0.4, 1e-12), DoubleNear(0.4, 1e-12),
                                        DoubleNear(0.6, 1e-12), 0));
  EXPECT_NEAR(moments.variance[0], 0.24, 1e-12);
  EXPECT_NEAR(moments.covariance[0], 0.3, 1e-12);  // over N − 1
  EXPECT_NEAR(moments.correlation[1], 1, 1e-12);
  EXPECT_NEAR(moments.correlation[2], -1, 1e-12);
  EXPECT_EQ(moments.correlation[3], 0);  // does not vary
  EXPECT_EQ(moments.correlation[15], 0);
}

TEST(JointZeros, AveragesMoveFromWindowToWindow) {
  const JointMoments moments = moments_of_rows({0, 0, 1, 0, 1}, 2);
  // 1, 1/2, 1/2, 1/2.
  EXPECT_EQ(moments.samples, 4U);
  EXPECT_NEAR(moments.mean[0], 0.625, 1e-12);
  EXPECT_NEAR(moments.variance[0], 0.046875, 1e-12);
}

TEST(JointZeros, AnImageShorterThanAnAverageHasNone) {
  const JointMoments moments = moments_of_rows({0, 0, 1, 0, 1}, 6);
  EXPECT_EQ(moments.samples, 0U);
  EXPECT_THAT(moments.mean, Each(0));
}

TEST(JointZeros, SingleWindowsHaveTheMomentsOfTheHistogram) {
  for (const auto& shape : test::conv_shapes()) {
    const ConvWindows conv = joint_windows(shape);
    const Tensor images = test::with_zeros(test::random_tensor(shape.x, 7), 55, 8);
    JointZeros joint(conv, 1);
    joint.add(images);
    ZeroCounter counter(conv);
    counter.add(images);
    const ZeroMoments expected = moments_of(counter.histogram());
    const JointMoments moments = joint.moments();
    for (std::size_t c = 0; c < expected.mean.size(); ++c) {
      EXPECT_NEAR(moments.mean[c], expected.mean[c], 1e-9) << shape.name;
      EXPECT_NEAR(moments.variance[c], expected.variance[c], 1e-9) << shape.name;
    }
  }
}

TEST(JointZeros, TheCovarianceIsSymmetricAndBounded) {
  const test::ConvShape shape = test::conv_shapes()[0];
  JointZeros joint(joint_windows(shape), 3);
  joint.add(test::with_zeros(test::random_tensor(shape.x, 7), 55, 8));
  const JointMoments moments = joint.moments();
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(moments.correlation[c * 3 + c], 1, 1e-12);
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_EQ(moments.covariance[c * 3 + d], moments.covariance[d * 3 + c]);
      EXPECT_LE(std::abs(moments.correlation[c * 3 + d]), 1 + 1e-12);
    }
  }
}

TEST(JointZeros, NeitherOrderNorThreadsMatter) {
  const test::ConvShape shape{"", {1, 20, 17, 17}, {2, 20, 3, 3}, {}};
  const Tensor a = test::with_zeros(test::random_tensor(shape.x, 1), 40, 2);
  const Tensor b = test::with_zeros(test::random_tensor(shape.x, 3), 60, 4);
  const int before = num_threads();
  std::vector<JointMoments> results;
  for (const int threads : {1, 5}) {
    set_num_threads(threads);
    JointZeros joint(joint_windows(shape), 4);
    joint.add(threads == 1 ? a : b);
    joint.add(threads == 1 ? b : a);
    results.push_back(joint.moments());
  }
  set_num_threads(before);
  EXPECT_EQ(results[0].covariance, results[1].covariance);
}

}  // namespace
}  // namespace sluice::sparse
