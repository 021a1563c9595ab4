// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/matrices.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

namespace sluice::hw::compat {
namespace {

using Matrix = Matrices::Matrix;

// 16 words in, 1×1 windows, 32 words out.
Graph relu_and_convolution() {
  const FeatureMap map{4, 4, 1, 1};
  return test::chain({test::relu(map), test::convolution(map, 2, 1)});
}

TEST(Matrices, HaveARowAnEdgeAndAColumnANode) {
  const Graph graph = relu_and_convolution();
  const Matrices matrices(graph);
  EXPECT_EQ(matrices.column_names(), (std::vector<std::string>{"input", "n0", "n1", "output"}));
  EXPECT_EQ(matrices.connections(), (Matrix{{1, -1, 0, 0}, {0, 1, -1, 0}, {0, 0, 1, -1}}));
  EXPECT_EQ(matrices.workload(), (Matrix{{16, -16, 0, 0}, {0, 16, -16, 0}, {0, 0, 32, -32}}));
  EXPECT_EQ(matrices.streams(), matrices.connections());
}

TEST(Matrices, BalanceRatesForTheSlowest) {
  const Graph graph = relu_and_convolution();
  const Matrices matrices(graph);
  EXPECT_EQ(matrices.rates(), (Matrix{{1, -1, 0, 0}, {0, 1, -0.5, 0}, {0, 0, 1, -1}}));
  EXPECT_EQ(matrices.interval(), (Matrix{{16, 16, 0, 0}, {0, 16, 32, 0}, {0, 0, 32, 32}}));
  EXPECT_EQ(matrices.interval_cycles(), 32);
  EXPECT_EQ(matrices.balanced_rates(),
            (Matrix{{0.5, -0.5, 0, 0}, {0, 0.5, -0.5, 0}, {0, 0, 1, -1}}));
}

}  // namespace
}  // namespace sluice::hw::compat
