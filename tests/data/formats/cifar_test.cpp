// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

// One record: label bytes, then red, green and blue planes of one value each.
std::string record(const std::string& labels, char red, char green, char blue) {
  return labels + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

std::string record10(char label) {
  return record(std::string(1, label), 1, 2, 3);
}

TEST(Cifar, PlanesBecomePixels) {
  const TempFolder folder;
  const auto dataset = open_cifar_file(folder.write("x.bin", record10(4) + record10(9)));
  ASSERT_TRUE(dataset) << dataset.error().text();
  ASSERT_EQ(dataset->size(), 2);
  EXPECT_EQ(dataset->label(1), 9);
  EXPECT_EQ(dataset->class_names()[9], "truck");
  const Image image = *dataset->image(1);
  EXPECT_EQ(image.height, 32);
  EXPECT_EQ(std::vector<std::uint8_t>(image.pixels.end() - 3, image.pixels.end()),
            (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST(Cifar, AHundredClassesHaveTwoLabelsOfWhichTheFineCounts) {
  const TempFolder folder;
  const auto dataset = open_cifar_file(folder.write("x.bin", record("\x05\x63", 1, 2, 3)));
  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->format(), "CIFAR-100 binary");
  EXPECT_EQ(dataset->label(0), 99);
}

TEST(Cifar, TrainingBatchesFollowEachOther) {
  const TempFolder folder;
  folder.write("data_batch_2.bin", record("\x02", 20, 0, 0));
  folder.write("data_batch_1.bin", record("\x01", 10, 0, 0));
  folder.write("test_batch.bin", record10(3));
  folder.write("batches.meta.txt", std::string_view("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"));
  const auto train = open_cifar_folder(folder.path(), Split::Train);
  ASSERT_TRUE(train) << train.error().text();
  ASSERT_EQ(train->size(), 2);
  EXPECT_EQ(train->label(0), 1);
  EXPECT_EQ(train->image(1)->pixels[0], 20);
  EXPECT_EQ(train->class_names()[2], "c");
  const auto test = open_cifar_folder(folder.path(), Split::Test);
  ASSERT_TRUE(test);
  EXPECT_EQ(test->label(0), 3);
}

TEST(Cifar, AFolderOfOtherFilesListsThem) {
  const TempFolder folder;
  folder.write("some.bin", record10(0));
  const auto dataset = open_cifar_folder(folder.path(), Split::Test);
  ASSERT_FALSE(dataset);
  EXPECT_NE(dataset.error().message.find("some.bin"), std::string::npos);
}

TEST(Cifar, PartialRecordsAreAnError) {
  const TempFolder folder;
  EXPECT_FALSE(open_cifar_file(folder.write("a.bin", record10(1) + record10(2) + "x")));
  EXPECT_FALSE(open_cifar_file(folder.write("b.bin", std::string_view(""))));
}

TEST(Cifar, ALabelOutOfRangeIsNamed) {
  const TempFolder folder;
  const auto dataset = open_cifar_file(folder.write("a.bin", record10(1) + record10(10)));
  ASSERT_FALSE(dataset);
  EXPECT_NE(dataset.error().where.find("a.bin#1"), std::string::npos);
}

}  // namespace
}  // namespace sluice::data
