// SPDX-License-Identifier: Apache-2.0
// Reading checkpoints: the weights of a trained network under the names its training gave them.
// Nothing in a file is ever executed, see pytorch/unpickle.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/named_tensor.hpp"

namespace sluice::importer {

// What a checkpoint says beside its weights: "epoch", "acc_1", …
struct CheckpointScalar {
  std::string name;
  std::variant<std::int64_t, double, std::string> value;
};

struct Checkpoint {
  std::vector<NamedTensor> tensors;  // in the file's order, names unique
  std::vector<CheckpointScalar> scalars;

  // The tensor of that name, or null.
  [[nodiscard]] const Tensor* find(std::string_view name) const noexcept;
};

// A file of PyTorch (.pth, .pt, .th, .t7: zip archives, and the older form without one; state dicts
// and whole pickled modules) or of safetensors, told apart by its bytes. Errors: Io, Parse (not
// such a file, or damaged), Unsupported (asks for what is not on the list of what checkpoints need,
// or for more bytes than the file can hold); the place is `file: byte 27` where there is one.
//
// Which of the tensors: a dictionary without a tensor of its own is entered through the first of
// its keys state_dict, model_state_dict, model_state, model, net, network, ema, module whose value
// is a dictionary or a module, as often as there is one; numbers and texts beside that key become
// scalars. What is reached is flattened: dictionaries in it add their key and a dot to the names,
// modules their parameters, buffers and submodules. The prefix "module." of
// torch.nn.DataParallel goes if every name has it.
[[nodiscard]] Result<Checkpoint> read_checkpoint(const std::filesystem::path& path);

// The same for a file in memory, which is copied.
[[nodiscard]] Result<Checkpoint> read_checkpoint(std::span<const std::byte> bytes);

}  // namespace sluice::importer
