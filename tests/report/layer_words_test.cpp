// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/layer_words.hpp"

#include <gtest/gtest.h>

namespace sluice::report {
namespace {

TEST(LayerWords, AConvolutionSaysItsWindowFiltersGroupsAndStep) {
  hw::Layer layer;
  layer.operation = hw::Convolution{.filters = 16, .groups = 4, .kernel = {3, 3}, .step = {2, 2}};
  EXPECT_EQ(kind_of(layer), "convolution");
  EXPECT_EQ(detail_of(layer), "3×3, 16 filters, 4 groups, step 2");
}

TEST(LayerWords, WhatIsOneIsLeftOut) {
  hw::Layer layer;
  layer.operation = hw::Convolution{.filters = 2, .kernel = {1, 1}, .step = {1, 1}};
  EXPECT_EQ(detail_of(layer), "1×1, 2 filters");
  layer.operation = hw::Elementwise{};
  EXPECT_EQ(kind_of(layer), "ReLU");
  EXPECT_EQ(detail_of(layer), "");
}

TEST(LayerWords, DepthIsSaidInThreeDimensions) {
  EXPECT_EQ(to_text(hw::FeatureMap{4, 5, 1, 6}), "4×5×6");
  EXPECT_EQ(to_text(hw::FeatureMap{4, 5, 3, 6}), "4×5×3×6");
}

TEST(LayerWords, FoldingIsStreamsGroupsAndFine) {
  EXPECT_EQ(to_text(hw::Folding{4, 8, 1, 9}), "4→8×1×9");
}

}  // namespace
}  // namespace sluice::report
