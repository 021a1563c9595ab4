// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/archive.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"

namespace sluice::importer::pytorch {
namespace {

using pickled::dictionary;
using pickled::text;

OwnedBytes owned(const std::string& text) {
  const auto copy = std::make_shared<const std::string>(text);
  return {copy, std::as_bytes(std::span(*copy))};
}

// Two tensors in one storage of four numbers; `view` is legacy's sixth part of a storage.
std::string two_tensors(const std::string& view) {
  return dictionary(
      {{"a", pickled::tensor(
                 {.key = "k", .storage_elements = 4, .sizes = {2}, .strides = {1}, .view = view})},
       {"b", pickled::tensor({.key = "k",
                              .storage_elements = 4,
                              .sizes = {2},
                              .strides = {1},
                              .offset = 2,
                              .view = view})}});
}

const std::vector<StorageText> kStorages{{"k", float_bytes({1, 2, 3, 4})}};

void expect_two_tensors(const Result<Checkpoint>& checkpoint) {
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  ASSERT_EQ(checkpoint->tensors.size(), 2U);
  EXPECT_EQ(*checkpoint->find("a"), Tensor::from<float>({2}, {1, 2}));
  EXPECT_EQ(*checkpoint->find("b"), Tensor::from<float>({2}, {3, 4}));
}

TEST(Archive, RecordsStoredAndDeflatedAreRead) {
  expect_two_tensors(read_archive(owned(torch_archive(two_tensors(""), kStorages))));
  expect_two_tensors(read_archive(owned(torch_archive(two_tensors(""), kStorages, 8))));
}

TEST(Archive, OneWithoutAByteOrderIsLittleEndian) {
  expect_two_tensors(read_archive(owned(torch_archive(two_tensors(""), kStorages, 0, ""))));
}

TEST(Archive, BigEndianFilesAreUnsupported) {
  const auto archive = read_archive(owned(torch_archive(two_tensors(""), kStorages, 0, "big")));
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code, ErrorCode::Unsupported);
  const auto legacy = read_legacy(owned(torch_legacy(two_tensors("N"), kStorages, false)));
  ASSERT_FALSE(legacy);
  EXPECT_EQ(legacy.error().code, ErrorCode::Unsupported);
}

TEST(Archive, AMissingOrShortRecordIsAnError) {
  EXPECT_NE(read_archive(owned(torch_archive(two_tensors(""), {}))).error().text().find("data/k"),
            std::string::npos);
  const auto checkpoint =
      read_archive(owned(torch_archive(two_tensors(""), {{"k", float_bytes({1, 2})}})));
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().message.find("should have 4 elements and has 2"), std::string::npos);
}

TEST(Archive, OtherArchivesAreErrors) {
  ZipBuilder other;
  other.add("a.npy", "x");
  EXPECT_EQ(read_archive(owned(other.text())).error().code, ErrorCode::Parse);
  ZipBuilder program;
  program.add("net/data.pkl", "N.");
  program.add("net/constants.pkl", "N.");
  EXPECT_NE(read_archive(owned(program.text())).error().message.find("TorchScript"),
            std::string::npos);
}

TEST(Archive, ARecordThatInflatesTooFarIsRefused) {
  const std::string bomb(std::size_t{80} << 20, '\0');
  const auto checkpoint = read_archive(owned(torch_archive(two_tensors(""), {{"k", bomb}}, 8)));
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().message.find("inflate"), std::string::npos);
}

TEST(Archive, RecordsThatLieOverEachOtherAreRefused) {
  std::string state;
  for (const char* key : {"0", "1"}) {
    state +=
        text(key) +
        pickled::tensor({.key = key, .storage_elements = 1000, .sizes = {1000}, .strides = {1}});
  }
  ZipBuilder zip;
  zip.add("net/data.pkl", pickled::whole("}(" + state + "u"));
  zip.add("net/data/0", std::string(4000, 'x'));
  const std::size_t entry = zip.directory.rfind("PK\1\2");
  std::string twin = zip.directory.substr(entry);
  twin.back() = '1';  // the same bytes under another name
  zip.directory += twin;
  ++zip.count;
  const auto checkpoint = read_archive(owned(zip.text()));
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().text().find("\"data/1\": its records lie over each other"),
            std::string::npos)
      << checkpoint.error().text();
}

TEST(Archive, APicklesFaultIsPlacedInIt) {
  const std::string evil = pickled::global("os", "system") + "(" + text("id") + "tR";
  EXPECT_TRUE(read_archive(owned(torch_archive(evil, {})))
                  .error()
                  .text()
                  .starts_with("data.pkl: byte 2: pickle opcode GLOBAL: asks for \"os.system\""));
}

TEST(Archive, LegacyFilesHaveTheirStoragesBehindThem) {
  expect_two_tensors(read_legacy(owned(torch_legacy(two_tensors("N"), kStorages))));
}

TEST(Archive, LegacyStoragesMayBeViews) {
  const std::string view = pickled::tuple({text("v"), pickled::integer(2), pickled::integer(2)});
  const auto checkpoint = read_legacy(owned(torch_legacy(
      dictionary(
          {{"b",
            pickled::tensor(
                {.key = "k", .storage_elements = 4, .sizes = {2}, .strides = {1}, .view = view})}}),
      kStorages)));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(*checkpoint->find("b"), Tensor::from<float>({2}, {3, 4}));
}

TEST(Archive, EveryTruncationIsAnError) {
  const std::string legacy = torch_legacy(two_tensors("N"), kStorages);
  for (std::size_t size = 0; size < legacy.size(); ++size) {
    EXPECT_FALSE(read_legacy(owned(legacy.substr(0, size)))) << size;
  }
  const std::string archive = torch_archive(two_tensors(""), kStorages);
  for (std::size_t size = 0; size < archive.size(); ++size) {
    EXPECT_FALSE(read_archive(owned(archive.substr(0, size)))) << size;
  }
}

TEST(Archive, AStoragesTwoSizesMustAgree) {
  std::string text = torch_legacy(two_tensors("N"), kStorages);
  text[text.size() - 24] = 3;
  EXPECT_NE(read_legacy(owned(text)).error().message.find("two sizes"), std::string::npos);
}

TEST(Archive, AStorageThatNothingRefersToIsAnError) {
  EXPECT_NE(read_legacy(owned(torch_legacy(two_tensors("N"), {{"other", "1234"}})))
                .error()
                .message.find("no tensor is in"),
            std::string::npos);
  EXPECT_NE(read_legacy(owned(torch_legacy(two_tensors("N"), {}))).error().text().find("\"k\""),
            std::string::npos);
}

TEST(Archive, OtherPicklesAreErrors) {
  EXPECT_TRUE(starts_as_pickle(std::as_bytes(std::span("\x80\2N."))));
  EXPECT_FALSE(starts_as_pickle({}));
  EXPECT_NE(read_legacy(owned(pickled::whole("N"))).error().message.find("none that torch.save"),
            std::string::npos);
  std::string version = torch_legacy(two_tensors("N"), kStorages);
  version[version.find("M\xe9") + 1] = 1;
  EXPECT_EQ(read_legacy(owned(version)).error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::importer::pytorch
