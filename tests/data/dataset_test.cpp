// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/dataset.hpp"

#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::data {
namespace {

using namespace std::string_view_literals;

TEST(OpenDataset, AMissingPathIsAnIoError) {
  const auto dataset = open_dataset("/no/such/place");
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::Io);
  EXPECT_EQ(dataset.error().where, "/no/such/place");
}

TEST(OpenDataset, OtherFilesAreRefusedWithWhatWouldDo) {
  const TempFolder folder;
  const auto dataset = open_dataset(folder.write("data.txt", "x"sv));
  ASSERT_FALSE(dataset);
  EXPECT_NE(dataset.error().message.find(".csv"), std::string::npos);
}

TEST(OpenDataset, LabelsCsvMakesAFolderAList) {
  const TempFolder folder;
  folder.write("images/a.png", encode_png(gradient(2, 2)));
  folder.write("labels.csv", "images/a.png,7\n"sv);
  const auto dataset = open_dataset(folder.path());
  ASSERT_TRUE(dataset) << dataset.error().text();
  EXPECT_EQ(dataset->format(), "CSV list");
  EXPECT_EQ(dataset->label(0), 7);
  EXPECT_EQ(*dataset->image(0), gradient(2, 2));
}

TEST(OpenDataset, PartsAreChosenBySplit) {
  const TempFolder folder;
  folder.write("val/cat/1.png", encode_png(gradient(2, 2)));
  folder.write("train/cat/2.png", encode_png(gradient(3, 3)));
  const auto test = open_dataset(folder.path());
  const auto train = open_dataset(folder.path(), {.split = Split::Train});
  ASSERT_TRUE(test && train);
  EXPECT_EQ(test->image(0)->height, 2);
  EXPECT_EQ(train->image(0)->height, 3);
}

TEST(OpenDataset, LabelsAreShiftedByTheOffsetButUnknownOnesStayUnknown) {
  const TempFolder folder;
  folder.write("a/1.png", encode_png(gradient(2, 2)));
  const auto dataset = open_dataset(folder.path(), {.label_offset = 1});
  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->label(0), 1);
  EXPECT_EQ(dataset->class_names()[1], "a");
  const auto unlabelled = open_dataset(folder.path() / "a", {.label_offset = 1});
  ASSERT_TRUE(unlabelled);
  EXPECT_EQ(unlabelled->label(0), kNoLabel);
  EXPECT_FALSE(open_dataset(folder.path(), {.label_offset = -1}));
}

TEST(OpenDataset, ADamagedImageIsNamedWhenItIsRead) {
  const TempFolder folder;
  const auto file = folder.write("a/1.png", "no picture"sv);
  const auto dataset = open_dataset(folder.path());
  ASSERT_TRUE(dataset);
  const auto image = dataset->image(0);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().where, file.string());
}

}  // namespace
}  // namespace sluice::data
