// SPDX-License-Identifier: Apache-2.0
// The little of ZIP (PKWARE's APPNOTE 6.3) that .npz archives use: the central directory, and
// members stored or deflated.
#include "sluice/numeric/npz.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <zlib.h>

#include "sluice/base/bytes.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/inflate.hpp"
#include "sluice/base/text.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::numeric {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::uint32_t kInZip64 = 0xffffffff;  // the real value is in a ZIP64 record

struct Member {
  std::string name;
  unsigned flags = 0;
  unsigned method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed_bytes = 0;
  std::uint32_t unpacked_bytes = 0;
  std::uint32_t offset = 0;
};

Error damaged(std::string_view what) {
  return {ErrorCode::Parse, fmt::format("npz archive is damaged: {}", what)};
}

// Where the end-of-central-directory record is: the last signature that a comment of at most
// 65535 bytes leaves possible.
Result<Bytes> find_end(Bytes file) {
  const std::size_t farthest = std::min<std::size_t>(file.size(), kEndSize + 0xffff);
  for (std::size_t back = kEndSize; back <= farthest; ++back) {
    const Bytes tail = file.last(back);
    if (load_little<std::uint32_t>(tail.data()) == kEndSignature) return tail;
  }
  return Error{ErrorCode::Parse, "is not an npz archive (it has no ZIP directory)"};
}

Member parse_member(Bytes entry, std::size_t name_bytes) {
  const std::byte* p = entry.data();
  return {.name = std::string(reinterpret_cast<const char*>(p + kCentralSize), name_bytes),
          .flags = load_little<std::uint16_t>(p + 8),
          .method = load_little<std::uint16_t>(p + 10),
          .crc = load_little<std::uint32_t>(p + 16),
          .packed_bytes = load_little<std::uint32_t>(p + 20),
          .unpacked_bytes = load_little<std::uint32_t>(p + 24),
          .offset = load_little<std::uint32_t>(p + 42)};
}

Result<std::vector<Member>> read_directory(Bytes file) {
  SL_TRY(const Bytes end, find_end(file));
  const std::size_t count = load_little<std::uint16_t>(end.data() + 10);
  const std::uint32_t start = load_little<std::uint32_t>(end.data() + 16);
  if (start == kInZip64) {
    return Error{ErrorCode::Unsupported, "npz archive of 4 GiB or more; split it"};
  }
  if (start > file.size()) return damaged("its directory lies outside the file");
  Bytes rest = file.subspan(start);
  std::vector<Member> members;
  while (members.size() < count) {
    if (rest.size() < kCentralSize ||
        load_little<std::uint32_t>(rest.data()) != kCentralSignature) {
      return damaged("its directory is cut short");
    }
    const std::size_t name_bytes = load_little<std::uint16_t>(rest.data() + 28);
    const std::size_t size = kCentralSize + name_bytes +
                             load_little<std::uint16_t>(rest.data() + 30) +
                             load_little<std::uint16_t>(rest.data() + 32);
    if (rest.size() < size) return damaged("its directory is cut short");
    members.push_back(parse_member(rest, name_bytes));
    rest = rest.subspan(size);
  }
  return members;
}

// The bytes of a member as they lie in the archive.
Result<Bytes> packed_bytes(Bytes file, const Member& member) {
  if (member.packed_bytes == kInZip64 || member.unpacked_bytes == kInZip64 ||
      member.offset == kInZip64) {
    return Error{ErrorCode::Unsupported, "npz member of 4 GiB or more; save it on its own"};
  }
  if (file.size() < kLocalSize || member.offset > file.size() - kLocalSize) {
    return damaged("a member lies outside the file");
  }
  const Bytes local = file.subspan(member.offset);
  if (load_little<std::uint32_t>(local.data()) != kLocalSignature) {
    return damaged("a member does not start where the directory says");
  }
  const std::size_t head = kLocalSize + load_little<std::uint16_t>(local.data() + 26) +
                           load_little<std::uint16_t>(local.data() + 28);
  if (local.size() < head || local.size() - head < member.packed_bytes) {
    return damaged("a member is cut short");
  }
  return local.subspan(head, member.packed_bytes);
}

Status check_crc(Bytes content, std::uint32_t expected) {
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  return crc == expected ? Status{} : damaged("the checksum does not match");
}

Result<Tensor> read_member(Bytes file, const Member& member) {
  SL_TRY(const Bytes packed, packed_bytes(file, member));
  constexpr unsigned kEncrypted = 1;
  if ((member.flags & kEncrypted) != 0 || (member.method != 0 && member.method != 8)) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("ZIP method {}{}; save with numpy.savez or savez_compressed",
                             member.method, (member.flags & kEncrypted) != 0 ? ", encrypted" : "")};
  }
  if (member.method == 0) {
    SL_TRY_STATUS(check_crc(packed, member.crc));
    return parse_npy(packed);
  }
  SL_TRY(const auto content, inflate(packed, Compression::RawDeflate, member.unpacked_bytes));
  SL_TRY_STATUS(check_crc(content, member.crc));
  return parse_npy(content);
}

}  // namespace

Result<std::vector<NamedArray>> read_npz(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto members = read_directory(file.bytes());
  if (!members) return std::move(members).error().at(path.string());
  std::vector<NamedArray> arrays;
  std::uint64_t total = 0;
  for (const Member& member : *members) {
    total += std::max(member.packed_bytes, member.unpacked_bytes);
    if (total > kMaxArchiveBytes) {
      return Error{ErrorCode::Unsupported, "npz arrays take more than 4 GiB; split the archive",
                   path.string()};
    }
    auto tensor = read_member(file.bytes(), member);
    if (!tensor) {
      return std::move(tensor).error().at(
          fmt::format("{}: {}", path.string(), sluice::quoted(member.name)));
    }
    std::string name = member.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    arrays.push_back({std::move(name), *std::move(tensor)});
  }
  return arrays;
}

}  // namespace sluice::numeric
