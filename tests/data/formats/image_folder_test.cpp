// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

using namespace std::string_view_literals;

TEST(ImageFolder, ClassesAndFilesAreInTheOrderOfTheirNames) {
  const TempFolder folder;
  folder.write("dog/2.PNG", "x"sv);
  folder.write("dog/10.jpg", "x"sv);
  folder.write("cat/deeper/1.jpeg", "x"sv);
  folder.write("cat/b.png", "x"sv);
  folder.write("Zebra/1.png", "x"sv);
  const auto dataset = open_image_folder(folder.path());
  ASSERT_TRUE(dataset);
  std::vector<std::string> names;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < dataset->size(); ++i) {
    names.push_back(std::filesystem::relative(dataset->name(i), folder.path()).string());
    labels.push_back(dataset->label(i));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Zebra/1.png", "cat/b.png", "cat/deeper/1.jpeg",
                                             "dog/10.jpg", "dog/2.PNG"}));
  EXPECT_EQ(labels, (std::vector<std::int64_t>{0, 1, 1, 2, 2}));
  EXPECT_EQ(dataset->class_names()[2], "dog");
}

TEST(ImageFolder, OtherFilesAndHiddenOnesDoNotCount) {
  const TempFolder folder;
  folder.write("a/1.png", "x"sv);
  folder.write("a/readme.txt", "x"sv);
  folder.write("a/.hidden.png", "x"sv);
  folder.write(".git/1.png", "x"sv);
  const auto dataset = open_image_folder(folder.path());
  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->size(), 1);
}

TEST(ImageFolder, UnknownImageFormatsAreListedAndFailWhenRead) {
  const TempFolder folder;
  folder.write("a/1.bmp", "BM"sv);
  const auto dataset = open_image_folder(folder.path());
  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->image(0).error().code, ErrorCode::Unsupported);
}

TEST(ImageFolder, WithoutClassesImagesAreUnlabelled) {
  const TempFolder folder;
  folder.write("1.png", "x"sv);
  const auto dataset = open_image_folder(folder.path());
  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->label(0), kNoLabel);
  EXPECT_TRUE(dataset->class_names().empty());
}

TEST(ImageFolder, AFolderWithoutImagesIsAnError) {
  const TempFolder folder;
  folder.write("a/readme.txt", "x"sv);
  const auto dataset = open_image_folder(folder.path());
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().where, folder.path().string());
}

TEST(ImageFolder, LinksInACircleEnd) {
  const TempFolder folder;
  folder.write("a/1.png", "x"sv);
  std::filesystem::create_directory_symlink("..", folder.path() / "a" / "up");
  EXPECT_FALSE(open_image_folder(folder.path()));
}

}  // namespace
}  // namespace sluice::data
