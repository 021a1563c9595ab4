// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/npz.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

#include "sluice/base/file.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::numeric {
namespace {

std::string little(std::uint64_t value, int num_bytes) {
  std::string out;
  for (int i = 0; i < num_bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xffU);
  return out;
}

std::string deflated(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Writes ZIP archives as numpy.savez does, or damaged in the ways a test asks for.
struct Archive {
  std::string members;
  std::string directory;
  unsigned count = 0;

  void add(const std::string& name, const Tensor& tensor, unsigned method, unsigned flags = 0) {
    const auto bytes = *npy_bytes(tensor);
    const std::string content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::string packed = method == 8 ? deflated(content) : content;
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string common = little(20, 2) + little(flags, 2) + little(method, 2) + little(0, 4) +
                               little(crc, 4) + little(packed.size(), 4) +
                               little(content.size(), 4) + little(name.size(), 2);
    directory += "PK\1\2" + little(20, 2) + common + std::string(12, '\0') +
                 little(members.size(), 4) + name;
    members += "PK\3\4" + common + little(4, 2) + name + "xtra" + packed;
    ++count;
  }

  std::string text(const std::string& comment = "") const {
    return members + directory + "PK\5\6" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(directory.size(), 4) + little(members.size(), 4) + little(comment.size(), 2) +
           comment;
  }
};

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
  Archive archive;
  archive.add("b.npy", kBytes, 0);
  archive.add("a.npy", kFloats, 8);
  const auto arrays = read(archive.text("a comment"));
  ASSERT_TRUE(arrays) << arrays.error().text();
  ASSERT_EQ(arrays->size(), 2U);
  EXPECT_EQ((*arrays)[0].name, "b");
  EXPECT_EQ((*arrays)[0].tensor, kBytes);
  EXPECT_EQ((*arrays)[1].name, "a");
  EXPECT_EQ((*arrays)[1].tensor, kFloats);
}

TEST(Npz, AnEmptyArchiveHoldsNothing) {
  EXPECT_TRUE(read(Archive().text())->empty());
}

TEST(Npz, OtherMethodsAndEncryptionAreUnsupported) {
  Archive other;
  other.add("a.npy", kBytes, 12);
  EXPECT_EQ(read(other.text()).error().code, ErrorCode::Unsupported);
  Archive encrypted;
  encrypted.add("a.npy", kBytes, 0, 1);
  EXPECT_EQ(read(encrypted.text()).error().code, ErrorCode::Unsupported);
}

TEST(Npz, AWrongChecksumIsAnError) {
  Archive archive;
  archive.add("a.npy", kBytes, 0);
  std::string text = archive.text();
  text[archive.members.size() - 1] = 'x';  // the last element
  const auto arrays = read(text);
  ASSERT_FALSE(arrays);
  EXPECT_NE(arrays.error().message.find("checksum"), std::string::npos);
}

TEST(Npz, EveryTruncationIsAnError) {
  Archive archive;
  archive.add("a.npy", kBytes, 8);
  const std::string text = archive.text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(read(text.substr(0, size))) << size;
  }
}

TEST(Npz, OffsetsOutsideTheFileAreErrors) {
  Archive archive;
  archive.add("a.npy", kBytes, 0);
  std::string text = archive.text();
  const std::size_t offset_field = archive.members.size() + 42;
  for (const std::uint64_t offset : {1ULL, 1000000ULL, 0xffffffffULL, 0xfffffff0ULL}) {
    text.replace(offset_field, 4, little(offset, 4));
    EXPECT_FALSE(read(text)) << offset;
  }
}

TEST(Npz, ManyMembersClaimingGigabytesAreRefused) {
  Archive archive;
  for (int i = 0; i < 3; ++i) archive.add("a.npy", kFloats, 8);
  std::string text = archive.text();
  const std::size_t entry_bytes = archive.directory.size() / 3;
  for (std::size_t i = 0; i < 3; ++i) {
    text.replace(archive.members.size() + i * entry_bytes + 24, 4, little(0xc0000000U, 4));
  }
  const auto arrays = read(text);
  ASSERT_FALSE(arrays);
  EXPECT_EQ(arrays.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::numeric
