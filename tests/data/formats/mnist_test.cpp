// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

using namespace std::string_literals;

std::string idx(std::initializer_list<std::uint32_t> dims, const std::string& data) {
  std::string out = "\0\0\x08"s + static_cast<char>(dims.size());
  for (const std::uint32_t size : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((size >> shift) & 0xffU);
  }
  return out + data;
}

void write_gzip(const std::filesystem::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
            static_cast<int>(content.size()));
  gzclose(file);
}

const std::string kImages = idx({2, 2, 3}, "abcdefghijkl");
const std::string kLabels = idx({2}, "\x05\x09");

void expect_two_images(const Result<Dataset>& dataset) {
  ASSERT_TRUE(dataset) << dataset.error().text();
  ASSERT_EQ(dataset->size(), 2);
  EXPECT_EQ(dataset->label(1), 9);
  const Image image = *dataset->image(1);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 3);
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.pixels, (std::vector<std::uint8_t>{'g', 'h', 'i', 'j', 'k', 'l'}));
}

TEST(Mnist, PlainFilesAreRead) {
  const TempFolder folder;
  folder.write("t10k-labels-idx1-ubyte", kLabels);
  expect_two_images(open_mnist_file(folder.write("t10k-images-idx3-ubyte", kImages)));
}

TEST(Mnist, GzippedFilesAreRead) {
  const TempFolder folder;
  write_gzip(folder.path() / "t10k-images-idx3-ubyte.gz", kImages);
  write_gzip(folder.path() / "t10k-labels-idx1-ubyte.gz", kLabels);
  expect_two_images(open_mnist_folder(folder.path(), Split::Test));
}

TEST(Mnist, OneMayBeGzippedAndNamesMayHaveDots) {
  const TempFolder folder;
  write_gzip(folder.path() / "train-labels.idx1-ubyte.gz", kLabels);
  folder.write("train-images.idx3-ubyte", kImages);
  expect_two_images(open_mnist_folder(folder.path(), Split::Train));
}

TEST(Mnist, AMissingPartIsNamed) {
  const TempFolder folder;
  const auto images = folder.write("t10k-images-idx3-ubyte", kImages);
  EXPECT_NE(open_mnist_file(images).error().message.find("t10k-labels-idx1-ubyte"),
            std::string::npos);
  EXPECT_FALSE(open_mnist_folder(folder.path(), Split::Train));
}

TEST(Mnist, HeadersThatDisagreeWithTheDataAreErrors) {
  const TempFolder folder;
  folder.write("t10k-labels-idx1-ubyte", kLabels);
  for (const std::string& images :
       {""s, "\0\0\x08"s, kImages.substr(0, 15), kImages + "x", idx({2, 2, 2}, "abcdefghijkl"),
        idx({2, 0, 3}, ""), idx({0, 2, 3}, ""), idx({2, 6}, "abcdefghijkl"),
        idx({0xffffffff, 0xffffffff, 0xffffffff}, "a"), idx({3, 2, 2}, "abcdefghijkl")}) {
    EXPECT_FALSE(open_mnist_file(folder.write("t10k-images-idx3-ubyte", images)));
  }
}

TEST(Mnist, ADamagedArchiveIsNamed) {
  const TempFolder folder;
  folder.write("t10k-labels-idx1-ubyte", kLabels);
  const auto images = folder.write("t10k-images-idx3-ubyte.gz", "\x1f\x8b\x08 nonsense"s);
  EXPECT_EQ(open_mnist_file(images).error().where, images.string());
}

}  // namespace
}  // namespace sluice::data
