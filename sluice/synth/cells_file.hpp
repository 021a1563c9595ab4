// SPDX-License-Identifier: Apache-2.0
// What a module became, kept in a file, so that the next run need not synthesize it again.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "sluice/base/result.hpp"
#include "sluice/synth/family.hpp"

namespace sluice::synth {

// Names what was synthesized: 20 hexadecimal digits of the hash of all that it depends on.
[[nodiscard]] std::string key_of(std::span<const std::string> parts);

// Writes FOLDER/KEY.json, and the folder. Format sluice.cells/1.
[[nodiscard]] Status keep_cells(const std::filesystem::path& folder, const std::string& key,
                                const Cells& cells);
// What was kept under the key; nothing if there is no such file. Parse, with the file, if it is
// something else.
[[nodiscard]] Result<std::optional<Cells>> kept_cells(const std::filesystem::path& folder,
                                                      const std::string& key);

}  // namespace sluice::synth
