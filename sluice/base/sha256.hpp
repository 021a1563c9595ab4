// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4): the hashes of inputs that reports carry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "sluice/base/result.hpp"

namespace sluice {

class Sha256 {
 public:
  void update(std::span<const std::byte> bytes) noexcept;
  // The digest as 64 lower-case hex digits; the object must not be used afterwards.
  [[nodiscard]] std::string finish();

 private:
  void add_block(const std::byte* block) noexcept;

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> pending_ = {};  // the bytes of a block not yet full
  std::uint64_t num_bytes_ = 0;
};

[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace sluice
