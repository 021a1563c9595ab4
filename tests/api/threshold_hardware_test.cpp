// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_hardware.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/api/digits_search.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/explore.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/interrupt.hpp"

namespace sluice::api {
namespace {

ThresholdHardwareOptions digits_hardware() {
  return {.model = builtin_digits()->model, .device = "zedboard"};
}

// So large a part of each window of a convolution is zero, in every channel alike.
ir::HardwareAttributes zeros_in_down(std::size_t zeros) {
  std::vector<double> shares(std::size_t{32} * 10, 0.0);
  for (std::size_t c = 0; c < 32; ++c) shares[c * 10 + zeros] = 1;
  return {{"/down/conv/Conv", {{"channel_sparsity_hist", shares}}}};
}

TEST(ThresholdHardware, DenseItIsAsFastAsExploreSays) {
  const auto hardware = ThresholdHardware::open(digits_hardware());
  ASSERT_TRUE(hardware) << hardware.error().text();
  const auto dense = hardware->map_dense();
  ASSERT_TRUE(dense && *dense);
  ExploreOptions options;
  options.model = builtin_digits()->model;
  options.device = "zedboard";
  options.batch_size = 256;
  const auto explored = explore(options);
  ASSERT_TRUE(explored);
  EXPECT_EQ((*dense)->fps, explored->estimate.figures.fps);
  EXPECT_EQ((*dense)->design.partitions, explored->design.partitions);
  EXPECT_TRUE((*dense)->lacking.empty());
}

TEST(ThresholdHardware, ZerosMakeItFaster) {
  const auto hardware = ThresholdHardware::open(digits_hardware());
  ASSERT_TRUE(hardware);
  const auto dense = hardware->map_dense();
  const auto sparse = hardware->map({}, zeros_in_down(6));
  ASSERT_TRUE(dense && *dense && sparse && *sparse);
  EXPECT_GT((*sparse)->fps, (*dense)->fps);
  EXPECT_GT((*sparse)->cycles.at("/down/conv/Conv"), 0);
}

TEST(ThresholdHardware, AKeptDesignIsSpedUpByItsSlowestLayer) {
  const TempFolder temp;
  const auto searched = ThresholdHardware::open(digits_hardware());
  ASSERT_TRUE(searched);
  const auto mapped = searched->map({}, zeros_in_down(3));
  ASSERT_TRUE(mapped && *mapped);
  ThresholdHardwareOptions options = digits_hardware();
  options.device.clear();
  options.design = temp.path() / "design.json";
  ASSERT_TRUE(write_file(options.design, dump_json(hw::to_json((*mapped)->design))));
  const auto kept = ThresholdHardware::open(options);
  ASSERT_TRUE(kept) << kept.error().text();
  EXPECT_TRUE(kept->is_fixed());
  EXPECT_EQ(kept->device(), "zedboard") << "the design's";
  const auto same = kept->map({}, zeros_in_down(3));
  const auto more = kept->map({}, zeros_in_down(9));
  ASSERT_TRUE(same && *same && more && *more);
  EXPECT_EQ((*same)->fps, (*mapped)->fps);
  const auto dense = kept->map_dense();
  ASSERT_TRUE(dense && *dense);
  EXPECT_EQ((*dense)->fps, (**searched->map_dense()).fps) << "the best that skips none";
  EXPECT_EQ((*more)->design.partitions, (*mapped)->design.partitions);
  EXPECT_LT((*more)->cycles.at("/down/conv/Conv"), (*same)->cycles.at("/down/conv/Conv"));
}

TEST(ThresholdHardware, IdentityTellsDevicesDesignsAndBatchesApart) {
  const auto one = ThresholdHardware::open(digits_hardware());
  ThresholdHardwareOptions other = digits_hardware();
  other.batch_size = 1;
  const auto two = ThresholdHardware::open(other);
  other = digits_hardware();
  other.device = "zcu104";
  const auto three = ThresholdHardware::open(other);
  ASSERT_TRUE(one && two && three);
  EXPECT_NE(one->identity(), two->identity());
  EXPECT_NE(one->identity(), three->identity());
  EXPECT_EQ(one->identity(), ThresholdHardware::open(digits_hardware())->identity());
}

TEST(ThresholdHardware, AFileThatIsNoDesignIsRefused) {
  const TempFolder temp;
  ThresholdHardwareOptions options = digits_hardware();
  options.design = temp.path() / "design.json";
  EXPECT_FALSE(ThresholdHardware::open(options));
  ASSERT_TRUE(write_file(options.design, std::string_view("{}")));
  const auto hardware = ThresholdHardware::open(options);
  ASSERT_FALSE(hardware);
  EXPECT_EQ(hardware.error().code, ErrorCode::Parse);
}

TEST(ThresholdHardware, ADeviceOrADesignIsNeeded) {
  ThresholdHardwareOptions options = digits_hardware();
  options.device.clear();
  const auto hardware = ThresholdHardware::open(options);
  ASSERT_FALSE(hardware);
  EXPECT_EQ(hardware.error().code, ErrorCode::InvalidArgument);
}

TEST(ThresholdHardware, WhatDoesNotFitHasNoMapping) {
  ThresholdHardwareOptions options = digits_hardware();
  options.device = "unit";
  const auto hardware = ThresholdHardware::open(options);
  ASSERT_TRUE(hardware);
  const auto mapped = hardware->map_dense();
  ASSERT_TRUE(mapped);
  EXPECT_FALSE(*mapped);
}

TEST(ThresholdHardware, AnInterruptGivesNoAnswer) {
  const auto hardware = ThresholdHardware::open(digits_hardware());
  ASSERT_TRUE(hardware);
  request_interrupt();
  const auto mapped = hardware->map_dense();
  clear_interrupt();
  ASSERT_FALSE(mapped);
  EXPECT_EQ(mapped.error().code, ErrorCode::Interrupted);
}

}  // namespace
}  // namespace sluice::api
