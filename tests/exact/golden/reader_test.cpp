// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/exact/golden/written.hpp"

#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::golden {
namespace {

namespace fs = std::filesystem;

// The folder with one character of a file replaced; the error of verifying it.
Error error_after_change(const TempFolder& temp, const std::string& name, std::size_t at) {
  const fs::path folder = temp.path() / "g";
  EXPECT_TRUE(write_conv(folder));
  std::string content;
  {
    const auto file = MappedFile::open(folder / name);
    content = file->text();
  }
  content[at] = content[at] == '0' ? '1' : '0';
  EXPECT_TRUE(write_file(folder / name, content));
  const auto summary = verify(folder);
  EXPECT_FALSE(summary);
  return summary ? Error{ErrorCode::Internal, ""} : summary.error();
}

TEST(GoldenReader, VerifiesWhatWasWritten) {
  const TempFolder temp;
  const auto written = write_conv(temp.path() / "g");
  const auto read = verify(temp.path() / "g");
  ASSERT_TRUE(written && read) << read.error().text();
  EXPECT_EQ(read->files, written->files);
  EXPECT_EQ(read->bytes, written->bytes);
  EXPECT_EQ(read->arrays, 6);
}

TEST(GoldenReader, EveryFormHoldsTheArray) {
  const TempFolder temp;
  const Collected conv = collect_last(conv_net(), true);
  for (const Form form : {Form::Npy, Form::Mem, Form::Coe, Form::Bin}) {
    ASSERT_TRUE(write_conv(temp.path() / "g", 3, {form}));
    const auto manifest = read_manifest(temp.path() / "g");
    ASSERT_TRUE(manifest) << manifest.error().text();
    for (std::size_t i = 0; i < conv.contents.size(); ++i) {
      const auto content = read_array(temp.path() / "g", *manifest, manifest->layers[0].arrays[i]);
      ASSERT_TRUE(content) << content.error().text();
      EXPECT_EQ(*content, conv.contents[i]) << to_string(form) << i;
    }
  }
}

TEST(GoldenReader, AChangedWordIsNamedWithItsElement) {
  const TempFolder temp;
  // Pixels of two words, lines of five characters: the low byte of the third pixel.
  const Error error = error_after_change(temp, "000_a_conv_output.mem", 2 * 2 * 5 + 3);
  EXPECT_EQ(error.code, ErrorCode::Infeasible);
  EXPECT_NE(error.where.find("000_a_conv_output.mem"), std::string::npos) << error.where;
  EXPECT_NE(error.message.find("at [0, 0, 0, 2]"), std::string::npos) << error.message;
}

TEST(GoldenReader, AChangedByteThatIsNoCodeIsStillSeen) {
  const TempFolder temp;
  const Error error =
      error_after_change(temp, "000_a_conv_output.npy", 100);  // the header's padding
  EXPECT_NE(error.where.find("000_a_conv_output.npy"), std::string::npos) << error.where;
}

TEST(GoldenReader, AMissingFileAndAMissingFolderAreInputErrors) {
  const TempFolder temp;
  ASSERT_TRUE(write_conv(temp.path() / "g"));
  fs::remove(temp.path() / "g/000_a_conv_bias.bin");
  for (const char* name : {"g", "nowhere"}) {
    const auto summary = verify(temp.path() / name);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, ErrorCode::Io);
  }
}

TEST(GoldenReader, ACorruptManifestIsAParseError) {
  const TempFolder temp;
  temp.write("g/golden.json", "{\"format\": \"sluice.golden/1\"");
  const auto summary = verify(temp.path() / "g");
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::Parse);
}

TEST(GoldenReader, AnArrayOfAnotherShapeIsAParseError) {
  const TempFolder temp;
  ASSERT_TRUE(write_conv(temp.path() / "g"));
  auto manifest = read_manifest(temp.path() / "g");
  ASSERT_TRUE(manifest);
  Array& array = manifest->layers[0].arrays[0];
  array.shape = {1, 2, 4, 3};
  const auto content = read_array(temp.path() / "g", *manifest, array);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ErrorCode::Parse);
}

}  // namespace
}  // namespace sluice::exact::golden
