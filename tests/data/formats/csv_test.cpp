// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

Result<Dataset> open(std::string_view text) {
  const TempFolder folder;
  return open_csv(folder.write("list.csv", text));
}

std::string file_name(const Dataset& dataset, std::int64_t index) {
  return std::filesystem::path(dataset.name(index)).filename().string();
}

TEST(Csv, LinesAreFileAndClass) {
  const auto list = open("a.jpg,3\nb.jpg,0,more");
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ(list->label(0), 3);
  EXPECT_EQ(file_name(*list, 1), "b.jpg");
}

TEST(Csv, AHeaderNamesTheColumns) {
  const auto list = open("id,label,image\n9,4,x.png\n");
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 1);
  EXPECT_EQ(list->label(0), 4);
  EXPECT_EQ(file_name(*list, 0), "x.png");
}

TEST(Csv, QuotesWindowsLineEndsAndAByteOrderMarkAreUnderstood) {
  const auto list = open("\xef\xbb\xbf\"a, \"\"b\"\".jpg\",3\r\n\r\nc.jpg,1\r\n");
  ASSERT_TRUE(list) << list.error().text();
  EXPECT_EQ(file_name(*list, 0), "a, \"b\".jpg");
  EXPECT_EQ(list->label(1), 1);
}

TEST(Csv, FilesAreRelativeToTheList) {
  const TempFolder folder;
  const auto list = open_csv(folder.write("list.csv", std::string_view("sub/a.jpg,0")));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->name(0), (folder.path() / "sub/a.jpg").string());
}

struct BadList {
  const char* text;
  const char* place;
  const char* message;
};

TEST(Csv, MistakesAreNamedWithTheirLine) {
  for (const BadList& bad : std::initializer_list<BadList>{
           {"", "line 0", "no images"},
           {"file,class\n", "line 1", "no images"},
           {"a.jpg,dog\nb.jpg,1\n", "line 1", "header"},
           {"a.jpg,0\nb.jpg,dog\n", "line 2", "\"dog\""},
           {"a.jpg,0\nb.jpg,-1\n", "line 2", "\"-1\""},
           {"a.jpg,0\nb.jpg,1.5\n", "line 2", "\"1.5\""},
           {"a.jpg,0\nb.jpg,99999999999999999999\n", "line 2", "no index"},
           {"a.jpg,0\nb.jpg\n", "line 2", "1 fields"},
           {"a.jpg,0\n,1\n", "line 2", "no file"},
           {"a.jpg,0\n\"b.jpg,1\n", "line 2", "quote"},
       }) {
    const auto list = open(bad.text);
    ASSERT_FALSE(list) << bad.text;
    EXPECT_NE(list.error().where.find(bad.place), std::string::npos) << list.error().text();
    EXPECT_NE(list.error().message.find(bad.message), std::string::npos) << list.error().text();
  }
}

}  // namespace
}  // namespace sluice::data
