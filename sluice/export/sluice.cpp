// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/sluice.hpp"

#include <array>
#include <bit>
#include <fmt/format.h>
#include <span>
#include <string>

#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/ir/text.hpp"

namespace sluice::exporter {
namespace {

static_assert(std::endian::native == std::endian::little, "the data is little-endian");

// Larger contents are no longer read by people.
constexpr std::int64_t kMaxPrintedElements = 16;

// Writes the pieces with zeros between them; the hash of the file.
Result<std::string> write_data(const ir::DataSection& data, const std::filesystem::path& path) {
  static constexpr std::array<std::byte, ir::DataSection::kAlignmentBytes> kZeros{};
  SL_TRY(FileWriter writer, FileWriter::create(path));
  Sha256 hash;
  const auto append = [&](std::span<const std::byte> bytes) {
    hash.update(bytes);
    return writer.append(bytes);
  };
  std::uint64_t size_bytes = 0;
  for (const auto& [offset_bytes, content] : data.pieces()) {
    SL_TRY_STATUS(append(std::span(kZeros).first(offset_bytes - size_bytes)));
    SL_TRY_STATUS(append(content.bytes()));
    size_bytes = offset_bytes + content.bytes().size();
  }
  SL_TRY_STATUS(writer.commit());
  return hash.finish();
}

}  // namespace

Status write_sluice(const ir::Graph& graph, const std::filesystem::path& path) {
  ir::DataSection data;
  const std::string text = ir::print(graph, {.max_elements = kMaxPrintedElements, .data = &data});
  SL_TRY(const std::string hash, write_data(data, path.string() + ".data"));
  return write_file(path, fmt::format("sluice {}\ndata {} sha256 \"{}\"\n\n{}", ir::kTextVersion,
                                      data.size_bytes(), hash, text));
}

}  // namespace sluice::exporter
