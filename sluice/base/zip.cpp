// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/zip.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <zlib.h>

#include "sluice/base/bytes.hpp"
#include "sluice/base/inflate.hpp"

namespace sluice {
namespace {

using ZipBytes = std::span<const std::byte>;

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::uint16_t kExtra64 = 1;
// The real value is in a 64-bit record.
constexpr std::uint32_t kIn64 = 0xffffffff;
constexpr std::uint16_t kCountIn64 = 0xffff;

Error damaged_zip(std::string_view what) {
  return {ErrorCode::Parse, fmt::format("ZIP archive is damaged: {}", what)};
}

// Where the end-of-central-directory record begins: the last signature that a comment of at most
// 65535 bytes leaves possible.
std::optional<std::size_t> find_end(ZipBytes file) {
  const std::size_t farthest = std::min<std::size_t>(file.size(), kEndSize + 0xffff);
  for (std::size_t back = kEndSize; back <= farthest; ++back) {
    const std::size_t at = file.size() - back;
    if (load_little<std::uint32_t>(file.data() + at) == kEndSignature) return at;
  }
  return std::nullopt;
}

struct Directory {
  std::uint64_t count = 0;
  std::uint64_t start = 0;
};

Result<Directory> find_directory(ZipBytes file) {
  const auto end = find_end(file);
  if (!end) return Error{ErrorCode::Parse, "is not a ZIP archive (it has no directory)"};
  const std::byte* p = file.data() + *end;
  const Directory directory{load_little<std::uint16_t>(p + 10), load_little<std::uint32_t>(p + 16)};
  if (directory.count != kCountIn64 && directory.start != kIn64) return directory;
  // The record of 64 bits is found through a locator right before this one.
  if (*end < kLocator64Size) return damaged_zip("its 64-bit directory is missing");
  const std::byte* locator = p - kLocator64Size;
  if (load_little<std::uint32_t>(locator) != kLocator64Signature) {
    return damaged_zip("its 64-bit directory is missing");
  }
  const auto at = load_little<std::uint64_t>(locator + 8);
  if (file.size() < kEnd64Size || at > file.size() - kEnd64Size ||
      load_little<std::uint32_t>(file.data() + at) != kEnd64Signature) {
    return damaged_zip("its 64-bit directory is not where it should be");
  }
  return Directory{load_little<std::uint64_t>(file.data() + at + 32),
                   load_little<std::uint64_t>(file.data() + at + 48)};
}

// The fields of a member that say they are in its 64-bit record, from there: those that need it
// stand in a fixed order, the others are left out.
Status read_extra64(ZipBytes extra, ZipMember& member) {
  constexpr std::size_t kHead = 4;
  while (extra.size() >= kHead) {
    const auto id = load_little<std::uint16_t>(extra.data());
    const std::size_t size = load_little<std::uint16_t>(extra.data() + 2);
    if (extra.size() - kHead < size) break;
    ZipBytes body = extra.subspan(kHead, size);
    extra = extra.subspan(kHead + size);
    if (id != kExtra64) continue;
    for (std::uint64_t* field : {&member.unpacked_bytes, &member.packed_bytes, &member.offset}) {
      if (*field != kIn64) continue;
      if (body.size() < sizeof *field) return damaged_zip("a 64-bit record is cut short");
      *field = load_little<std::uint64_t>(body.data());
      body = body.subspan(sizeof *field);
    }
    return {};
  }
  return {};
}

// One entry of the directory, and how many bytes it takes.
struct Entry {
  ZipMember member;
  std::size_t size = 0;
};

Result<Entry> read_entry(ZipBytes rest) {
  if (rest.size() < kCentralSize || load_little<std::uint32_t>(rest.data()) != kCentralSignature) {
    return damaged_zip("its directory is cut short");
  }
  const std::byte* p = rest.data();
  const std::size_t name_bytes = load_little<std::uint16_t>(p + 28);
  const std::size_t extra_bytes = load_little<std::uint16_t>(p + 30);
  const std::size_t size =
      kCentralSize + name_bytes + extra_bytes + load_little<std::uint16_t>(p + 32);
  if (rest.size() < size) return damaged_zip("its directory is cut short");
  ZipMember member{.name = std::string(reinterpret_cast<const char*>(p + kCentralSize), name_bytes),
                   .flags = load_little<std::uint16_t>(p + 8),
                   .method = load_little<std::uint16_t>(p + 10),
                   .crc = load_little<std::uint32_t>(p + 16),
                   .packed_bytes = load_little<std::uint32_t>(p + 20),
                   .unpacked_bytes = load_little<std::uint32_t>(p + 24),
                   .offset = load_little<std::uint32_t>(p + 42)};
  SL_TRY_STATUS(read_extra64(rest.subspan(kCentralSize + name_bytes, extra_bytes), member));
  return Entry{std::move(member), size};
}

// The bytes of a member as they lie in the archive.
Result<ZipBytes> packed(ZipBytes file, const ZipMember& member) {
  if (file.size() < kLocalSize || member.offset > file.size() - kLocalSize) {
    return damaged_zip("a member lies outside the file");
  }
  const ZipBytes local = file.subspan(member.offset);
  if (load_little<std::uint32_t>(local.data()) != kLocalSignature) {
    return damaged_zip("a member does not start where the directory says");
  }
  const std::size_t head = kLocalSize + load_little<std::uint16_t>(local.data() + 26) +
                           load_little<std::uint16_t>(local.data() + 28);
  if (local.size() < head || local.size() - head < member.packed_bytes) {
    return damaged_zip("a member is cut short");
  }
  return local.subspan(head, member.packed_bytes);
}

}  // namespace

bool starts_as_zip(ZipBytes file) {
  return file.size() >= kLocalSize && load_little<std::uint32_t>(file.data()) == kLocalSignature;
}

Result<ZipArchive> ZipArchive::open(ZipBytes file) {
  SL_TRY(const Directory directory, find_directory(file));
  if (directory.start > file.size()) return damaged_zip("its directory lies outside the file");
  ZipArchive archive(file);
  ZipBytes rest = file.subspan(directory.start);
  // What is claimed may be more than the file has room for.
  archive.members_.reserve(std::min<std::uint64_t>(directory.count, rest.size() / kCentralSize));
  while (archive.members_.size() < directory.count) {
    SL_TRY(Entry entry, read_entry(rest));
    archive.members_.push_back(std::move(entry.member));
    rest = rest.subspan(entry.size);
  }
  return archive;
}

const ZipMember* ZipArchive::find(std::string_view name) const noexcept {
  const auto member = std::ranges::find(members_, name, &ZipMember::name);
  return member == members_.end() ? nullptr : &*member;
}

Result<ZipContent> ZipArchive::read(const ZipMember& member) const {
  SL_TRY(const ZipBytes bytes, packed(file_, member));
  constexpr unsigned kEncrypted = 1;
  constexpr unsigned kDeflated = 8;
  const bool encrypted = (member.flags & kEncrypted) != 0;
  if (encrypted || (member.method != 0 && member.method != kDeflated)) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("ZIP method {}{}; pack by deflate or not at all, without a password",
                             member.method, encrypted ? ", encrypted" : "")};
  }
  ZipContent content{{}, bytes};
  // Deflate makes at most 1032 bytes of one.
  constexpr std::uint64_t kMostExpansion = 1032;
  if (member.unpacked_bytes / kMostExpansion > bytes.size()) {
    return damaged_zip("a member claims more bytes than it can hold");
  }
  if (member.method == kDeflated) {
    SL_TRY(content.inflated,
           sluice::inflate(bytes, Compression::RawDeflate, member.unpacked_bytes));
    content.bytes = content.inflated;
  }
  const auto crc =
      crc32_z(0, reinterpret_cast<const Bytef*>(content.bytes.data()), content.bytes.size());
  if (crc != member.crc) return damaged_zip("the checksum does not match");
  return content;
}

}  // namespace sluice
