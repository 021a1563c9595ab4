// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/sparsity.hpp"

#include <gtest/gtest.h>

namespace sluice::hw {
namespace {

// Windows of a word beside another; one channel has no zeros, the other nothing else.
Layer halves(Folding by = {}, bool skips = true) {
  Layer layer{.map = {1, 3, 1, 2}};
  layer.operation = Convolution{.filters = 4,
                                .kernel = {1, 2},
                                .sparsity = std::make_shared<Sparsity>(Sparsity{
                                    .values = {1, 0, 0, 0, 0, 1}, .skips_zero_windows = skips})};
  layer.folding = by;
  return layer;
}

const Convolution& conv(const Layer& layer) {
  return *layer.as<Convolution>();
}

Layer pointwise(std::vector<double> zeros, std::int64_t clusters, std::int64_t coarse_in) {
  Layer layer{.map = {2, 2, 1, static_cast<std::int64_t>(zeros.size())}};
  layer.operation =
      Convolution{.filters = 8,
                  .sparsity = std::make_shared<Sparsity>(Sparsity{
                      .values = std::move(zeros), .is_pointwise = true, .clusters = clusters})};
  layer.folding.coarse_in = coarse_in;
  return layer;
}

TEST(WindowsPerCycle, AreThoseOfTheSlowestStream) {
  // Half of the windows take two cycles, the others none; with two streams one has all the work.
  EXPECT_EQ(windows_per_cycle(halves(), conv(halves())), 1 / (0.5 * 2));
  EXPECT_EQ(windows_per_cycle(halves({2}), conv(halves())), 1.0 / 2);
  EXPECT_EQ(windows_per_cycle(halves({1, 1, 1, 2}), conv(halves())), 1 / (0.5 * 1));
}

TEST(WindowsPerCycle, OfZerosTakeACycleWhereTheyAreNotSkipped) {
  const Layer layer = halves({}, false);
  EXPECT_EQ(windows_per_cycle(layer, conv(layer)), 1 / (0.5 * 2 + 0.5 * 1));
}

TEST(WindowsPerCycle, ArePartedEvenlyAmongStreams) {
  // Four words a window, of which 0, 2, 1, 3 are zero in the four channels: 4, 2, 3, 1 cycles. The
  // slowest is with the fastest: (4 + 1)/2 and (3 + 2)/2.
  Layer layer{.map = {1, 8, 1, 4}, .folding = {.coarse_in = 2}};
  std::vector<double> values(20);
  values[0] = values[5 + 2] = values[10 + 1] = values[15 + 3] = 1;
  layer.operation = Convolution{.kernel = {1, 4},
                                .sparsity = std::make_shared<Sparsity>(Sparsity{.values = values})};
  EXPECT_EQ(windows_per_cycle(layer, conv(layer)), 1 / 2.5);
}

TEST(NonzeroWordsPerCycle, AreThoseOfTheStreamThatSkipsLeast) {
  EXPECT_EQ(nonzero_words_per_cycle(halves(), conv(halves())), 1 / (1 - 0.5));
  EXPECT_EQ(nonzero_words_per_cycle(halves({2}), conv(halves())), 1);
  const Layer layer = halves({}, false);
  EXPECT_EQ(nonzero_words_per_cycle(layer, conv(layer)), 1);
}

TEST(SparseLatency, IsThatOfTheWorkThatIsLeft) {
  // 2 positions · 2 channels · 4 filters, by a cycle on the average.
  EXPECT_EQ(latency_cycles(halves()), 16 * 1);
  EXPECT_EQ(latency_cycles(halves({}, false)), 16 * 1.5);
  // A channel has all the work.
  EXPECT_EQ(latency_cycles(halves({2})), 8 * 2);
  EXPECT_EQ(latency_cycles(halves({2, 1, 1, 2})), 8 * 1);
  // Both words at once.
  EXPECT_EQ(latency_cycles(halves({1, 1, 1, 2})), 16 * 0.5);
}

TEST(SparseLatency, IsNoLessThanThatOfTheWordsThatComeAndGo) {
  Layer layer = halves({1, 4});
  auto none = std::make_shared<Sparsity>(*conv(layer).sparsity);
  none->values = {0, 0, 1, 0, 0, 1};
  layer.as<Convolution>()->sparsity = none;
  // Three columns of two channels, where fpgaConvNet's has the square of one row.
  EXPECT_EQ(latency_cycles(layer), 3 * 2);
  EXPECT_EQ(latency_cycles(layer, Rules::FpgaConvNet), 1 * 2);
  layer.folding.coarse_out = 1;
  EXPECT_EQ(latency_cycles(layer), 2 * 4);  // the words that go
  EXPECT_EQ(latency_cycles(layer, Rules::FpgaConvNet), 1 * 4);
}

TEST(SparseRates, AreFiniteWhereAllIsZero) {
  Layer layer = halves();
  layer.as<Convolution>()->sparsity =
      std::make_shared<Sparsity>(Sparsity{.values = {0, 0, 1, 0, 0, 1}});
  const LayerTiming timing = timing_of(layer);
  EXPECT_TRUE(timing.rate_in > 0 && timing.rate_in <= 1) << timing.rate_in;
  EXPECT_TRUE(timing.rate_out > 0 && timing.rate_out <= 1) << timing.rate_out;
}

TEST(SparseOperations, AreThoseWithoutZeros) {
  // 2 positions · 2 channels · 4 filters · 2 words, of which one channel's are zero.
  EXPECT_EQ(operations_of(halves()), 2 * 32);
  EXPECT_EQ(operations_of(halves(), Rules::Sluice, true), 2 * 16);
  // fpgaConvNet's has the mean of all shares.
  EXPECT_EQ(operations_of(halves(), Rules::FpgaConvNet, true), 64.0 * 2 / 6);
}

TEST(SparseOperations, AreThoseWithoutPointwiseZeros) {
  // 4 positions · 4 channels · 8 filters, a quarter of zeros.
  const Layer layer = pointwise({0.5, 0.25, 0.25, 0}, 1, 1);
  EXPECT_EQ(operations_of(layer, Rules::Sluice, true), 2 * 128 * 0.75);
  EXPECT_EQ(operations_of(layer, Rules::FpgaConvNet, true), 2 * 128 * 0.25);
}

TEST(SparseOperations, HaveAllBiases) {
  Layer layer = halves();
  layer.as<Convolution>()->has_bias = true;
  EXPECT_EQ(operations_of(layer, Rules::Sluice, true), 2 * 16 + 2 * 4);
}

TEST(PointwiseLatency, SkipsTheMeanOfAClustersZeros) {
  // 4 positions · 4/2 channels · 8 filters; streams of 0.4 and 0.1 zeros.
  EXPECT_EQ(latency_cycles(pointwise({0.4, 0.1, 0.4, 0.1}, 1, 2)), 64 * 0.75);
}

TEST(PointwiseLatency, IsThatOfTheClusterOfFewestZeros) {
  // 4 · 8/4 · 8; the streams of the second cluster have 0.1: ⌈64·0.9⌉.
  EXPECT_EQ(latency_cycles(pointwise({0.4, 0.4, 0.1, 0.1, 0.4, 0.4, 0.1, 0.1}, 2, 4)), 58);
}

TEST(PointwiseLatency, OfMoreClustersThanStreamsIsThatOfAStreamEach) {
  EXPECT_EQ(latency_cycles(pointwise({0.4, 0.1, 0.4, 0.1}, 4, 2)), 64);
}

TEST(PointwiseLatency, LeavesWorkForOneOfAClustersStreams) {
  EXPECT_EQ(latency_cycles(pointwise({0.9, 0.9, 0.9, 0.9}, 1, 2)), 64 * 0.5);
  EXPECT_EQ(latency_cycles(pointwise({0.9, 0.9, 0.9, 0.9}, 2, 2)), 64);
}

}  // namespace
}  // namespace sluice::hw
