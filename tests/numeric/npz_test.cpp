// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/npz.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "tests/support/zip_builder.hpp"

#include "sluice/base/file.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::numeric {
namespace {

void add_array(ZipBuilder& archive, const std::string& name, const Tensor& tensor, unsigned method,
               unsigned flags = 0) {
  const auto bytes = *npy_bytes(tensor);
  archive.add(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, method, flags);
}

Result<std::vector<NamedArray>> read(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() /
      ("sluice_npz_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  EXPECT_TRUE(write_file(path, std::string_view(text)));
  auto arrays = read_npz(path);
  std::filesystem::remove(path);
  return arrays;
}

const Tensor kBytes = Tensor::from<std::uint8_t>({3}, {1, 2, 3});
const Tensor kFloats = Tensor(DType::Float32, {100, 100});

TEST(Npz, StoredAndDeflatedMembersComeInOrder) {
  ZipBuilder archive;
  add_array(archive, "b.npy", kBytes, 0);
  add_array(archive, "a.npy", kFloats, 8);
  const auto arrays = read(archive.text("a comment"));
  ASSERT_TRUE(arrays) << arrays.error().text();
  ASSERT_EQ(arrays->size(), 2U);
  EXPECT_EQ((*arrays)[0].name, "b");
  EXPECT_EQ((*arrays)[0].tensor, kBytes);
  EXPECT_EQ((*arrays)[1].name, "a");
  EXPECT_EQ((*arrays)[1].tensor, kFloats);
}

TEST(Npz, AnEmptyArchiveHoldsNothing) {
  EXPECT_TRUE(read(ZipBuilder().text())->empty());
}

TEST(Npz, OtherMethodsAndEncryptionAreUnsupported) {
  ZipBuilder other;
  add_array(other, "a.npy", kBytes, 12);
  EXPECT_EQ(read(other.text()).error().code, ErrorCode::Unsupported);
  ZipBuilder encrypted;
  add_array(encrypted, "a.npy", kBytes, 0, 1);
  EXPECT_EQ(read(encrypted.text()).error().code, ErrorCode::Unsupported);
}

TEST(Npz, AWrongChecksumIsAnError) {
  ZipBuilder archive;
  add_array(archive, "a.npy", kBytes, 0);
  std::string text = archive.text();
  text[archive.members.size() - 1] = 'x';  // the last element
  const auto arrays = read(text);
  ASSERT_FALSE(arrays);
  EXPECT_NE(arrays.error().message.find("checksum"), std::string::npos);
}

TEST(Npz, EveryTruncationIsAnError) {
  ZipBuilder archive;
  add_array(archive, "a.npy", kBytes, 8);
  const std::string text = archive.text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(read(text.substr(0, size))) << size;
  }
}

TEST(Npz, OffsetsOutsideTheFileAreErrors) {
  ZipBuilder archive;
  add_array(archive, "a.npy", kBytes, 0);
  std::string text = archive.text();
  const std::size_t offset_field = archive.members.size() + 42;
  for (const std::uint64_t offset : {1ULL, 1000000ULL, 0xffffffffULL, 0xfffffff0ULL}) {
    text.replace(offset_field, 4, little_endian(offset, 4));
    EXPECT_FALSE(read(text)) << offset;
  }
}

TEST(Npz, ManyMembersClaimingGigabytesAreRefused) {
  ZipBuilder archive;
  for (int i = 0; i < 3; ++i) add_array(archive, "a.npy", kFloats, 8);
  std::string text = archive.text();
  const std::size_t entry_bytes = archive.directory.size() / 3;
  for (std::size_t i = 0; i < 3; ++i) {
    text.replace(archive.members.size() + i * entry_bytes + 24, 4, little_endian(0xc0000000U, 4));
  }
  const auto arrays = read(text);
  ASSERT_FALSE(arrays);
  EXPECT_NE(arrays.error().message.find("claims more bytes"), std::string::npos);
}

}  // namespace
}  // namespace sluice::numeric
