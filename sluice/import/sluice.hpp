// SPDX-License-Identifier: Apache-2.0
// Reading networks in Sluice's own form, which export/sluice.hpp writes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::importer {

// The graph of a .sluice file and the data beside it, verified, with the types that the file says;
// ir::infer_types says whether they follow from the inputs'. Constants look at the data, which
// stays mapped. Errors: Io; Parse with `file: line N` as the place where the text is none, or the
// data is of another size or content than it says; Unsupported for a newer form; Verify.
[[nodiscard]] Result<ir::Graph> read_sluice(const std::filesystem::path& path);

// The same for a text and data in memory, which `owner` keeps. The data begins at a multiple of 8.
[[nodiscard]] Result<ir::Graph> read_sluice(std::string_view text, std::span<const std::byte> data,
                                            std::shared_ptr<const void> owner);

// Whether a file that begins so is meant to be one.
[[nodiscard]] bool is_sluice(std::string_view text);

}  // namespace sluice::importer
