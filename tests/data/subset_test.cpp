// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/subset.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include "sluice/base/rng.hpp"

namespace sluice::data {
namespace {

Dataset with_labels(const std::vector<std::int64_t>& labels) {
  std::vector<Dataset::Entry> entries;
  entries.reserve(labels.size());
  for (const std::int64_t label : labels) entries.push_back({"x", label});
  return {"test", std::move(entries), {}, [](auto, const auto&) { return Image(1, 1, 3); }};
}

// 40 of class 0, 10 of class 1, 2 of class 2.
Dataset lopsided() {
  std::vector<std::int64_t> labels(40, 0);
  labels.insert(labels.end(), 10, 1);
  labels.insert(labels.end(), 2, 2);
  return with_labels(labels);
}

std::map<std::int64_t, int> counts(const Dataset& dataset,
                                   const std::vector<std::int64_t>& indices) {
  EXPECT_EQ(std::set<std::int64_t>(indices.begin(), indices.end()).size(), indices.size());
  std::map<std::int64_t, int> result;
  for (const std::int64_t index : indices) ++result[dataset.label(index)];
  return result;
}

using Counts = std::map<std::int64_t, int>;

TEST(Subset, TheFirstImagesAreTheFirst) {
  EXPECT_EQ(first_images(lopsided(), 3), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(first_images(lopsided(), 1000).size(), 52U);
}

TEST(Subset, ClassesAreBalanced) {
  const Dataset dataset = lopsided();
  EXPECT_EQ(counts(dataset, balanced_images(dataset, 6, 0)), (Counts{{0, 2}, {1, 2}, {2, 2}}));
}

TEST(Subset, TheRestGoesToOneMoreAClass) {
  const Dataset dataset = lopsided();
  const Counts five = counts(dataset, balanced_images(dataset, 5, 0));
  for (const auto& [label, count] : five) EXPECT_GE(count, 1) << label;
  for (const auto& [label, count] : five) EXPECT_LE(count, 2) << label;
}

TEST(Subset, SmallClassesAreFilledUpFromOthers) {
  const Dataset dataset = lopsided();
  const Counts thirty = counts(dataset, balanced_images(dataset, 30, 0));
  EXPECT_EQ(thirty, (Counts{{0, 18}, {1, 10}, {2, 2}}));
  EXPECT_EQ(balanced_images(dataset, 1000, 0).size(), 52U);
}

TEST(Subset, ImagesComeInTheOrderOfTorchsPermutation) {
  const Dataset dataset = with_labels(std::vector<std::int64_t>(20, kNoLabel));
  std::vector<std::int64_t> order = torch_permutation(20, 3);
  order.resize(7);
  EXPECT_EQ(balanced_images(dataset, 7, 3), order);
}

TEST(Subset, CalibrationTakesAllInOrderOrABalancedPart) {
  const Dataset dataset = lopsided();
  EXPECT_EQ(calibration_images(dataset, 10, 3), balanced_images(dataset, 10, 3));
  for (const std::int64_t count : {52, 1000}) {
    EXPECT_EQ(calibration_images(dataset, count, 3), first_images(dataset, count));
  }
}

TEST(Subset, AnEmptyDatasetHasNone) {
  EXPECT_TRUE(balanced_images(with_labels({}), 5, 0).empty());
}

}  // namespace
}  // namespace sluice::data
