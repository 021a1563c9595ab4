// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/image.hpp"

#include <filesystem>
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

#include "sluice/base/file.hpp"
#include "sluice/data/codec.hpp"

namespace sluice::data {
namespace {

TEST(Image, OtherFormatsAreUnsupported) {
  const std::string gif = "GIF89a....";
  const auto image = decode_image(std::as_bytes(std::span(gif)));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::Unsupported);
}

TEST(Image, AnEmptyFileIsAnError) {
  EXPECT_EQ(decode_image({}).error().message, "image file is empty");
}

TEST(Image, AFileErrorNamesTheFile) {
  const auto path = std::filesystem::temp_directory_path() / "sluice_image_test.png";
  ASSERT_TRUE(write_file(path, encode_png(gradient(3, 4))));
  EXPECT_EQ(*read_image(path), gradient(3, 4));
  ASSERT_TRUE(write_file(path, std::string_view("\x89PNG\r\n\x1a\n")));
  EXPECT_EQ(read_image(path).error().where, path.string());
  std::filesystem::remove(path);
  EXPECT_EQ(read_image(path).error().code, ErrorCode::Io);
}

TEST(ImageSize, LimitsAreChecked) {
  constexpr std::int64_t kAny = std::int64_t{1} << 40;
  EXPECT_TRUE(check_image_size(1, kMaxImagePixels, kAny));
  EXPECT_EQ(check_image_size(2, kMaxImagePixels, kAny).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(check_image_size(10, 10, 99).error().code, ErrorCode::Parse);
  EXPECT_TRUE(check_image_size(10, 10, 100));
  EXPECT_FALSE(check_image_size(0, 10, kAny));
  EXPECT_FALSE(check_image_size(std::int64_t{1} << 32, std::int64_t{1} << 32, kAny));
}

}  // namespace
}  // namespace sluice::data
