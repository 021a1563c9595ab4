// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/exact/golden/written.hpp"

#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::exact::golden {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  const auto file = MappedFile::open(path);
  EXPECT_TRUE(file) << file.error().text();
  return file ? std::string(file->text()) : "";
}

TEST(GoldenWriter, NamesFilesByLayerAndRole) {
  const TempFolder temp;
  const auto summary = write_conv(temp.path() / "g");
  ASSERT_TRUE(summary) << summary.error().text();
  EXPECT_EQ(summary->layers, 1);
  EXPECT_EQ(summary->arrays, 6);
  EXPECT_EQ(summary->files, 24);
  for (const char* name : {"000_a_conv_input.npy", "000_a_conv_weights.mem",
                           "000_a_conv_accumulators.coe", "000_a_conv_output.bin"}) {
    EXPECT_TRUE(fs::exists(temp.path() / "g" / name)) << name;
  }
}

TEST(GoldenWriter, MemWordsArePixelsWithChannelsInnermost) {
  const TempFolder temp;
  ASSERT_TRUE(write_conv(temp.path() / "g"));
  const auto x = numeric::read_npy(temp.path() / "g/000_a_conv_input.npy");
  ASSERT_TRUE(x);
  ASSERT_EQ(x->shape(), (Shape{1, 2, 3, 4}));
  const auto codes = numeric::to_integers(*x);
  std::string expected;
  for (std::size_t pixel = 0; pixel < 12; ++pixel) {
    expected += fmt::format("{:02x}{:02x}\n", static_cast<std::uint8_t>(codes[12 + pixel]),
                            static_cast<std::uint8_t>(codes[pixel]));
  }
  EXPECT_EQ(text_of(temp.path() / "g/000_a_conv_input.mem"), expected);
}

TEST(GoldenWriter, WritesOnlyTheFormsAskedFor) {
  const TempFolder temp;
  ASSERT_TRUE(write_conv(temp.path() / "g", 1, {Form::Mem}));
  EXPECT_TRUE(fs::exists(temp.path() / "g/000_a_conv_input.mem"));
  EXPECT_FALSE(fs::exists(temp.path() / "g/000_a_conv_input.npy"));
}

TEST(GoldenWriter, GoldenDataMayBeReplaced) {
  const TempFolder temp;
  ASSERT_TRUE(write_conv(temp.path() / "g", 2));
  ASSERT_TRUE(write_conv(temp.path() / "g", 1, {Form::Mem}));
  EXPECT_FALSE(fs::exists(temp.path() / "g/000_a_conv_input.npy"));
}

TEST(GoldenWriter, NothingElseIsReplaced) {
  const TempFolder temp;
  temp.write("other/notes.txt", "mine");
  temp.write("file", "mine");
  ASSERT_TRUE(write_conv(temp.path() / "mixed"));
  temp.write("mixed/notes.txt", "mine");
  for (const char* name : {"other", "file", "mixed"}) {
    const auto summary = write_conv(temp.path() / name);
    ASSERT_FALSE(summary) << name;
    EXPECT_EQ(summary.error().code, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(text_of(temp.path() / "mixed/notes.txt"), "mine");
  EXPECT_EQ(text_of(temp.path() / "other/notes.txt"), "mine");
}

TEST(GoldenWriter, AnUnfinishedFolderIsNotLeftBehind) {
  const TempFolder temp;
  {
    auto writer = Writer::open(temp.path() / "g", {}, {Form::Mem});
    Collected conv = collect_last(conv_net());
    ASSERT_TRUE(writer && writer->add(std::move(conv.layer), conv.contents));
  }
  EXPECT_TRUE(fs::is_empty(temp.path()));
}

TEST(SafeName, KeepsWhatFileSystemsTake) {
  EXPECT_EQ(safe_name("a/b;c:d e-1.2_x"), "a_b_c_d_e-1.2_x");
  EXPECT_EQ(safe_name(std::string(99, 'a')).size(), 60U);
}

}  // namespace
}  // namespace sluice::exact::golden
