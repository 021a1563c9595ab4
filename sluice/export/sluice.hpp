// SPDX-License-Identifier: Apache-2.0
// Writing graphs in Sluice's own form: the text form of ir/text.hpp and a file of data beside it.
#pragma once

#include <filesystem>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::exporter {

// Writes the verified graph to `path`: after the head `sluice 1` and `data N sha256 "…"` its print,
// with constants of more than 16 elements in `path` + ".data", where each begins at a multiple of
// 64 bytes. The data is replaced first; both files are replaced whole. importer::read_sluice gives
// the same graph, to the last bit. Errors: Io.
[[nodiscard]] Status write_sluice(const ir::Graph& graph, const std::filesystem::path& path);

}  // namespace sluice::exporter
