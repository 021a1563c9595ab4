// SPDX-License-Identifier: Apache-2.0
// ZIP archives in memory, for reading: the part of PKWARE's APPNOTE 6.3 that NumPy's and PyTorch's
// files use. Members stored or deflated, with the 64-bit records of large archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice {

struct ZipMember {
  std::string name;
  unsigned flags = 0;
  unsigned method = 0;  // 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t offset = 0;  // of its local header
};

// A member's bytes: a view of the archive's own where they are stored, else of `inflated`.
struct ZipContent {
  std::vector<std::byte> inflated;
  std::span<const std::byte> bytes;
};

// Whether bytes begin as an archive with a member does.
[[nodiscard]] bool starts_as_zip(std::span<const std::byte> file);

// Views the file's bytes, which must outlive it.
class ZipArchive {
 public:
  // Reads the directory. Parse where there is none or it is damaged.
  static Result<ZipArchive> open(std::span<const std::byte> file);

  // In the directory's order.
  [[nodiscard]] const std::vector<ZipMember>& members() const noexcept { return members_; }
  // The first member of that name, or null.
  [[nodiscard]] const ZipMember* find(std::string_view name) const noexcept;

  // The content of a member of this archive, its checksum verified. Parse if it is damaged;
  // Unsupported for encryption and for other ways of packing.
  [[nodiscard]] Result<ZipContent> read(const ZipMember& member) const;

 private:
  explicit ZipArchive(std::span<const std::byte> file) : file_(file) {}
  std::span<const std::byte> file_;
  std::vector<ZipMember> members_;
};

}  // namespace sluice
