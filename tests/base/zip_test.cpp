// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/zip.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/zip_builder.hpp"

namespace sluice {
namespace {

std::span<const std::byte> zip_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string zip_text(const ZipContent& content) {
  return {reinterpret_cast<const char*>(content.bytes.data()), content.bytes.size()};
}

ZipBuilder two_members() {
  ZipBuilder builder;
  builder.add("stored", "plain", 0);
  builder.add("packed", std::string(1000, 'x'), 8);
  return builder;
}

// The content of the member "packed" as read from an archive of these bytes.
Result<std::string> packed_member(const std::string& text) {
  SL_TRY(const ZipArchive archive, ZipArchive::open(zip_bytes(text)));
  const ZipMember* member = archive.find("packed");
  if (member == nullptr) return Error{ErrorCode::Parse, "no member"};
  SL_TRY(const ZipContent content, archive.read(*member));
  return zip_text(content);
}

TEST(Zip, StoredMembersAreViewsAndDeflatedOnesAreUnpacked) {
  const std::string text = two_members().text();
  const auto archive = ZipArchive::open(zip_bytes(text));
  ASSERT_TRUE(archive) << archive.error().text();
  ASSERT_EQ(archive->members().size(), 2U);
  const auto stored = archive->read(archive->members()[0]);
  ASSERT_TRUE(stored);
  EXPECT_EQ(zip_text(*stored), "plain");
  EXPECT_TRUE(stored->inflated.empty());
  EXPECT_EQ(*packed_member(text), std::string(1000, 'x'));
}

TEST(Zip, RecordsOf64BitsAreFollowed) {
  EXPECT_EQ(*packed_member(two_members().text_64()), std::string(1000, 'x'));
}

TEST(Zip, AMembersSizesMayStandInItsExtraField) {
  ZipBuilder builder = two_members();
  // The second entry says "in the 64-bit record" three times, and the record follows its name.
  const std::size_t entry = builder.directory.rfind("PK\1\2");
  const std::string sizes = builder.directory.substr(entry + 20, 8);
  const std::string offset = builder.directory.substr(entry + 42, 4);
  builder.directory.replace(entry + 20, 8, std::string(8, '\xff'));
  builder.directory.replace(entry + 30, 2, little_endian(28, 2));
  builder.directory.replace(entry + 42, 4, std::string(4, '\xff'));
  const std::string zeros(4, '\0');
  builder.directory += little_endian(1, 2) + little_endian(24, 2) + sizes.substr(4) + zeros +
                       sizes.substr(0, 4) + zeros + offset + zeros;
  EXPECT_EQ(*packed_member(builder.text()), std::string(1000, 'x'));
  builder.directory.replace(builder.directory.size() - 26, 2, little_endian(8, 2));
  EXPECT_FALSE(packed_member(builder.text()));
}

TEST(Zip, AMissing64BitDirectoryIsAnError) {
  std::string text = two_members().text_64();
  text.replace(text.rfind("PK\6\7"), 4, "none");
  EXPECT_FALSE(packed_member(text));
}

TEST(Zip, EveryTruncationIsAnError) {
  for (const std::string& text : {two_members().text(), two_members().text_64()}) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_FALSE(packed_member(text.substr(0, size))) << size;
    }
  }
}

TEST(Zip, AnyChangedByteIsAnErrorOrHarmless) {
  const std::string good = two_members().text_64();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string text = good;
    text[i] = static_cast<char>(~static_cast<unsigned char>(text[i]));
    const auto content = packed_member(text);
    if (content) {
      EXPECT_EQ(*content, std::string(1000, 'x')) << i;
    }
  }
}

TEST(Zip, AClaimOfMoreThanDeflateCanMakeIsRefusedAtOnce) {
  ZipBuilder builder = two_members();
  const std::size_t entry = builder.directory.rfind("PK\1\2");
  builder.directory.replace(entry + 24, 4, little_endian(0xfffffffeU, 4));
  const auto content = packed_member(builder.text());
  ASSERT_FALSE(content);
  EXPECT_NE(content.error().message.find("claims more bytes"), std::string::npos);
}

TEST(Zip, PasswordsAndOtherMethodsAreUnsupported) {
  ZipBuilder encrypted;
  encrypted.add("packed", "x", 0, 1);
  EXPECT_EQ(packed_member(encrypted.text()).error().code, ErrorCode::Unsupported);
  ZipBuilder other;
  other.add("packed", "x", 12);
  EXPECT_EQ(packed_member(other.text()).error().code, ErrorCode::Unsupported);
}

TEST(Zip, AnArchiveIsKnownByItsFirstBytes) {
  EXPECT_TRUE(starts_as_zip(zip_bytes(two_members().text())));
  EXPECT_FALSE(starts_as_zip(zip_bytes(std::string(100, 'P'))));
  EXPECT_FALSE(starts_as_zip(zip_bytes("PK\3\4")));
}

}  // namespace
}  // namespace sluice
