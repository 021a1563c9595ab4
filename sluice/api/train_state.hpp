// SPDX-License-Identifier: Apache-2.0
// The state of a training in a file: tensors, and the loop's figures as metadata.
#pragma once

#include <filesystem>
#include <string>

#include "sluice/base/result.hpp"
#include "sluice/train/loop.hpp"

namespace sluice::api {

// safetensors, whose metadata "sluice" is JSON of format sluice.training-state/1. `identity`: a
// hash of all that decides where the training leads.
[[nodiscard]] Status write_train_state(const train::LoopState& state, const std::string& identity,
                                       const std::filesystem::path& path);

// InvalidArgument for the state of another training; Parse for a file that is no such state.
[[nodiscard]] Result<train::LoopState> read_train_state(const std::filesystem::path& path,
                                                        const std::string& identity);

}  // namespace sluice::api
