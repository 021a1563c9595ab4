// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/image_batches.hpp"

#include <gtest/gtest.h>

#include "sluice/api/builtin.hpp"
#include "sluice/data/presets.hpp"

namespace sluice::api {
namespace {

TEST(FirstOf, SeesTheFirstImagesWhereTheyAre) {
  const Tensor images = Tensor::from<float>({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const Tensor first = first_of(images, 2);
  EXPECT_EQ(first.shape(), Shape({2, 2}));
  EXPECT_EQ(first.bytes().data(), images.bytes().data());
  EXPECT_EQ(first.data<float>()[3], 4);
}

TEST(OfFirst, PassesOverWhatFillsTheBatch) {
  const Tensor three = Tensor::from<float>({3, 1}, std::vector<float>{1, 2, 3});
  std::vector<std::pair<std::int64_t, std::int64_t>> seen;  // first image, images
  const runtime::Observer all{
      .on_value = [&](ir::ValueId, std::int64_t first, const Tensor& piece) {
        seen.emplace_back(first, piece.shape()[0]);
      }};
  const runtime::Observer four = of_first(all, 4);
  four.on_value(ir::ValueId{0}, 0, three);
  four.on_value(ir::ValueId{0}, 3, three);
  four.on_value(ir::ValueId{0}, 6, three);
  EXPECT_EQ(seen, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 3}, {3, 1}}));
}

TEST(Filled, RepeatsImagesUntilTheBatchIsFull) {
  const Tensor images = Tensor::from<float>({2, 2}, {{1, 2, 3, 4}});
  const Tensor full = filled(images, {5, 2});
  const std::vector<float> expected{1, 2, 3, 4, 1, 2, 3, 4, 1, 2};
  EXPECT_TRUE(std::ranges::equal(full.data<float>(), expected));
  EXPECT_EQ(filled(images, {2, 2}).bytes().data(), images.bytes().data());
}

TEST(ImageBatches, GiveEveryImageAndThenNothing) {
  const auto data = data::open_dataset(builtin_digits()->test, {});
  ASSERT_TRUE(data) << data.error().text();
  const auto preset = data::find_preset("mnist");
  const Shape shape{4, 1, 8, 8};
  const auto preprocess = data::for_input(preset->preprocess, shape);
  ASSERT_TRUE(preprocess) << preprocess.error().text();
  ImageBatches batches(*data, *preprocess, {.batch_size = 4, .limit = 10}, shape, "test", true);
  for (int i = 0; i < 3; ++i) {  // the last one holds two images, twice
    const auto batch = batches.next();
    ASSERT_TRUE(batch) << batch.error().text();
    ASSERT_EQ(batch->size(), 1U);
    EXPECT_EQ((*batch)[0].shape(), shape);
  }
  const auto end = batches.next();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->empty());
  EXPECT_TRUE(batches.skipped().empty());
}

}  // namespace
}  // namespace sluice::api
