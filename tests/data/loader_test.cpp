// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/loader.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <set>
#include <utility>

#include "sluice/data/augment.hpp"

namespace sluice::data {
namespace {

const Preprocess kPlain{.height = 1, .width = 2, .channels = 1, .divisor = 1};

// Image i is {i, 2i} with label 10 + i; those in `bad` cannot be read. Some take longer.
Dataset numbers(std::int64_t count, std::set<std::int64_t> bad = {}) {
  std::vector<Dataset::Entry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) entries.push_back({"image" + std::to_string(i), 10 + i});
  auto reader = [bad = std::move(bad)](std::int64_t index,
                                       const Dataset::Entry& entry) -> Result<Image> {
    if (index % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (bad.contains(index)) return Error{ErrorCode::Parse, "is damaged", entry.name};
    Image image(1, 2, 1);
    image.pixels = {static_cast<std::uint8_t>(index), static_cast<std::uint8_t>(2 * index)};
    return image;
  };
  return {"numbers", std::move(entries), {}, std::move(reader)};
}

std::vector<Batch> all_batches(Loader& loader) {
  std::vector<Batch> batches;
  for (;;) {
    auto batch = loader.next();
    EXPECT_TRUE(batch) << batch.error().text();
    if (!batch || !*batch) return batches;
    batches.push_back(**std::move(batch));
  }
}

std::vector<std::int64_t> all_indices(const std::vector<Batch>& batches) {
  std::vector<std::int64_t> indices;
  for (const Batch& b : batches) indices.insert(indices.end(), b.indices.begin(), b.indices.end());
  return indices;
}

TEST(Loader, BatchesComeInOrderAndTheLastIsShorter) {
  const Dataset dataset = numbers(10);
  Loader loader(dataset, kPlain, {.batch_size = 4, .threads = 3});
  const std::vector<Batch> batches = all_batches(loader);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[1].images.shape(), (Shape{4, 1, 1, 2}));
  EXPECT_EQ(batches[2].images, Tensor::from<float>({2, 1, 1, 2}, {8, 16, 9, 18}));
  EXPECT_EQ(batches[2].labels, (std::vector<std::int64_t>{18, 19}));
  EXPECT_EQ(batches[1].end, 8);
  EXPECT_EQ(batches[2].end, 10);
}

TEST(Loader, TheBatchesDoNotDependOnTheThreads) {
  const Dataset dataset = numbers(50, {7, 8});
  std::vector<Tensor> first;
  for (const int threads : {1, 2, 7}) {
    Loader loader(dataset, kPlain,
                  {.batch_size = 8, .on_bad_image = OnBadImage::Skip, .threads = threads});
    std::vector<Tensor> images;
    for (const Batch& batch : all_batches(loader)) images.push_back(batch.images);
    if (first.empty()) first = images;
    EXPECT_EQ(images, first);
  }
}

TEST(Loader, AResumedRunGivesTheSameBatches) {
  const Dataset dataset = numbers(20);
  Loader whole(dataset, kPlain, {.batch_size = 6});
  const std::vector<Batch> batches = all_batches(whole);
  Loader resumed(dataset, kPlain, {.batch_size = 6, .start = batches[1].end});
  EXPECT_EQ(resumed.num_positions(), 8);
  const std::vector<Batch> rest = all_batches(resumed);
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].images, batches[2].images);
  EXPECT_EQ(rest[1].images, batches[3].images);
}

TEST(Loader, OnlyTheListedImagesUpToTheLimit) {
  const Dataset dataset = numbers(20);
  Loader loader(dataset, kPlain, {.batch_size = 2, .indices = {9, 3, 5, 1}, .limit = 3});
  EXPECT_EQ(all_indices(all_batches(loader)), (std::vector<std::int64_t>{9, 3, 5}));
}

TEST(Loader, ABadImageStopsTheRunWithItsNameAndTheWayOn) {
  const Dataset dataset = numbers(20, {5, 6});
  Loader loader(dataset, kPlain, {.batch_size = 4, .threads = 4});
  EXPECT_TRUE(loader.next());
  const auto batch = loader.next();
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().where, "image5");
  EXPECT_NE(batch.error().message.find("--on-bad-image skip"), std::string::npos);
  const auto after = loader.next();
  ASSERT_TRUE(after);
  EXPECT_FALSE(*after);
}

TEST(Loader, SkippedImagesAreListedAndLeaveNoGap) {
  const Dataset dataset = numbers(8, {0, 2, 4, 5, 6, 7});
  Loader loader(dataset, kPlain, {.batch_size = 4, .on_bad_image = OnBadImage::Skip});
  const std::vector<Batch> batches = all_batches(loader);
  ASSERT_EQ(batches.size(), 1U);  // the second batch has no good image
  EXPECT_EQ(batches[0].images, Tensor::from<float>({2, 1, 1, 2}, {1, 2, 3, 6}));
  EXPECT_EQ(batches[0].labels, (std::vector<std::int64_t>{11, 13}));
  ASSERT_EQ(loader.skipped().size(), 6U);
  EXPECT_EQ(loader.skipped()[1].index, 2);
  EXPECT_EQ(loader.skipped()[1].reason.where, "image2");
}

TEST(Loader, AWrongSizeIsNeverSkipped) {
  const Dataset dataset = numbers(4);
  Loader loader(dataset, {.height = 3, .width = 3, .channels = 1},
                {.batch_size = 4, .on_bad_image = OnBadImage::Skip});
  const auto batch = loader.next();
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(batch.error().where, "image0");
}

// The first value is the image's own, the second its position.
Result<Image> with_position(Image image, std::int64_t position) {
  image.pixels[1] = static_cast<std::uint8_t>(position);
  return image;
}

TEST(Loader, TheTransformSeesPositionsInTheListAlsoWhenResumed) {
  const Dataset dataset = numbers(20);
  Loader loader(dataset, kPlain,
                {.batch_size = 2, .indices = {9, 3, 5, 1}, .start = 2, .transform = with_position});
  const std::vector<Batch> batches = all_batches(loader);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].images, Tensor::from<float>({2, 1, 1, 2}, {5, 2, 1, 3}));
}

TEST(Loader, TransformedBatchesDoNotDependOnTheThreads) {
  const Dataset dataset = numbers(60);
  const Augmentation augmentation{.crop_padding = 1, .flip_probability = 0.5, .brightness = 0.5};
  const auto images_with = [&](int threads, std::uint64_t seed) {
    Loader loader(dataset, kPlain,
                  {.batch_size = 8,
                   .threads = threads,
                   .transform = [&](Image image, std::int64_t position) -> Result<Image> {
                     return augment(std::move(image), augmentation, seed, position);
                   }});
    std::vector<Tensor> images;
    for (const Batch& batch : all_batches(loader)) images.push_back(batch.images);
    return images;
  };
  EXPECT_EQ(images_with(1, 3), images_with(4, 3));
  EXPECT_NE(images_with(1, 3), images_with(1, 4));
}

TEST(Loader, ATransformMayGiveTheSizeThatNoFitAsksFor) {
  const Dataset dataset = numbers(4);
  const Preprocess larger{.height = 3, .width = 4, .channels = 1, .divisor = 1};
  const auto scaled = [](const Image& image, std::int64_t) -> Result<Image> {
    return resize(image, 3, 4, Filter::Nearest);
  };
  Loader loader(dataset, larger, {.batch_size = 4, .transform = scaled});
  const std::vector<Batch> batches = all_batches(loader);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].images.shape(), (Shape{4, 1, 3, 4}));
}

TEST(Loader, AnErrorOfTheTransformNamesTheImage) {
  const Dataset dataset = numbers(4);
  const auto refuse = [](Image image, std::int64_t position) -> Result<Image> {
    if (position == 2) return invalid_argument("is not to be had");
    return image;
  };
  Loader loader(dataset, kPlain, {.batch_size = 4, .transform = refuse});
  const auto batch = loader.next();
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().text(), "image2: is not to be had");
}

TEST(Loader, NotMoreIsReadAheadThanAllowed) {
  std::atomic<int> read = 0;
  std::vector<Dataset::Entry> entries(100, {"x", 0});
  const Dataset dataset("counting", std::move(entries), {},
                        [&](std::int64_t, const Dataset::Entry&) -> Result<Image> {
                          ++read;
                          return Image(1, 2, 1);
                        });
  {
    Loader loader(dataset, kPlain, {.batch_size = 5, .threads = 3, .batches_ahead = 2});
    EXPECT_TRUE(loader.next());
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  EXPECT_LE(read, 15);
}

TEST(Loader, LeavingEarlyStopsTheThreads) {
  const Dataset dataset = numbers(200);
  Loader loader(dataset, kPlain, {.batch_size = 2, .threads = 4});
  EXPECT_TRUE(loader.next());
}

TEST(Loader, NothingToDoEndsAtOnce) {
  const Dataset dataset = numbers(4);
  Loader loader(dataset, kPlain, {.start = 9});
  const auto batch = loader.next();
  ASSERT_TRUE(batch);
  EXPECT_FALSE(*batch);
}

}  // namespace
}  // namespace sluice::data
