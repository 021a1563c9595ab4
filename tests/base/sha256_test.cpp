// SPDX-License-Identifier: Apache-2.0
// The digests are those of FIPS 180-4's example messages.
#include "sluice/base/sha256.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string_view>

#include "sluice/base/file.hpp"

namespace sluice {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(Sha256, OfNothing) {
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, OfOneBlock) {
  EXPECT_EQ(sha256(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfTwoBlocks) {
  EXPECT_EQ(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, OfAMillionLettersInUnevenPieces) {
  const std::string text(1000000, 'a');
  Sha256 hash;
  std::string_view rest = text;
  for (std::size_t size = 1; !rest.empty(); size = size * 3 % 1009 + 1) {
    hash.update(bytes_of(rest.substr(0, size)));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  EXPECT_EQ(hash.finish(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, EveryLengthAroundABlockIsPaddedInItsOwnWay) {
  // 55, 56 and 64 bytes are where the padding spills over (computed by coreutils' sha256sum).
  EXPECT_EQ(sha256(bytes_of(std::string(55, 'x'))),
            "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
  EXPECT_EQ(sha256(bytes_of(std::string(56, 'x'))),
            "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
  EXPECT_EQ(sha256(bytes_of(std::string(64, 'x'))),
            "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const auto path = std::filesystem::temp_directory_path() / "sluice_sha256_test";
  ASSERT_TRUE(write_file(path, std::string_view("abc")));
  const auto digest = sha256_file(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, sha256(bytes_of("abc")));
  EXPECT_FALSE(sha256_file(path));
}

}  // namespace
}  // namespace sluice
