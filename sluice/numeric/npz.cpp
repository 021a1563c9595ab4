// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/npz.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"
#include "sluice/base/zip.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::numeric {

Result<std::vector<NamedArray>> read_npz(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto archive = ZipArchive::open(file.bytes());
  if (!archive) return std::move(archive).error().at(path.string());
  std::vector<NamedArray> arrays;
  std::uint64_t total = 0;
  for (const ZipMember& member : archive->members()) {
    const std::uint64_t size = std::max(member.packed_bytes, member.unpacked_bytes);
    if (size > kMaxArchiveBytes - total) {
      return Error{ErrorCode::Unsupported, "npz arrays take more than 4 GiB; split the archive",
                   path.string()};
    }
    total += size;
    const auto place = [&] {
      return fmt::format("{}: {}", path.string(), sluice::quoted(member.name));
    };
    const auto content = archive->read(member);
    if (!content) return Error(content.error()).at(place());
    auto tensor = parse_npy(content->bytes);
    if (!tensor) return std::move(tensor).error().at(place());
    std::string name = member.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    arrays.push_back({std::move(name), *std::move(tensor)});
  }
  return arrays;
}

}  // namespace sluice::numeric
