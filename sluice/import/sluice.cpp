// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/sluice.hpp"

#include <bit>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/ir/text_reader.hpp"

namespace sluice::importer {
namespace {

static_assert(std::endian::native == std::endian::little, "the data is little-endian");

Result<std::uint64_t> read_number(ir::TextReader& reader) {
  SL_TRY(const std::string_view text, reader.number());
  if (const auto number = parse_whole<std::uint64_t>(text)) return *number;
  return reader.error(fmt::format("{} is no number that fits here", sluice::quoted(text)));
}

// `sluice 1`, `data N sha256 "…"`: the form is known and the data is the text's own.
Status read_head(ir::TextReader& reader, std::span<const std::byte> data) {
  SL_TRY_STATUS(reader.expect("sluice"));
  SL_TRY(const std::uint64_t version, read_number(reader));
  if (version != ir::kTextVersion) {
    Error error = reader.error(fmt::format(
        "version {} of the form is not known, {} is; read it with the Sluice that wrote it",
        version, ir::kTextVersion));
    error.code = ErrorCode::Unsupported;
    return error;
  }
  SL_TRY_STATUS(reader.expect("data"));
  SL_TRY(const std::uint64_t size_bytes, read_number(reader));
  SL_TRY_STATUS(reader.expect("sha256"));
  SL_TRY(const std::string hash, reader.string());
  if (data.size() != size_bytes) {
    return reader.error(fmt::format("the data has {} bytes, must have {}; copy both files together",
                                    data.size(), size_bytes));
  }
  if (sha256(data) != hash) {
    return reader.error(
        "the data is not what was written with this text; copy both files together");
  }
  return {};
}

}  // namespace

Result<ir::Graph> read_sluice(std::string_view text, std::span<const std::byte> data,
                              std::shared_ptr<const void> owner) {
  ir::TextReader reader(text);
  SL_TRY_STATUS(read_head(reader, data));
  SL_TRY(ir::Graph graph, ir::parse(reader, {.data = data, .data_owner = std::move(owner)}));
  SL_TRY_STATUS(ir::verify(graph));
  return graph;
}

Result<ir::Graph> read_sluice(const std::filesystem::path& path) {
  SL_TRY(const MappedFile text, MappedFile::open(path));
  SL_TRY(MappedFile opened, MappedFile::open(path.string() + ".data"));
  const auto data = std::make_shared<const MappedFile>(std::move(opened));
  auto graph = read_sluice(text.text(), data->bytes(), data);
  if (!graph) return std::move(graph).error().at(path.string());
  return graph;
}

bool is_sluice(std::string_view text) {
  return ir::TextReader(text).accept("sluice");
}

}  // namespace sluice::importer
