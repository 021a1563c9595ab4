// SPDX-License-Identifier: Apache-2.0
// run: one forward pass on tensors from .npy files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/inputs.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/numeric/named_tensor.hpp"

namespace sluice::api {

struct RunOptions {
  std::filesystem::path model;
  std::vector<RunInput> inputs;
  numeric::Format format;
  std::vector<std::filesystem::path> calibration;  // .npy, each like the (only) input
  NetworkOptions network;
};

// The network's outputs. Its inputs take the files' shapes, so any batch will do that the model
// allows. A quantized network takes codes and gives codes, or takes float32 and gives float32.
// InvalidArgument naming the input where a file is missing, not asked for, or of another type or
// rank than the network wants.
[[nodiscard]] Result<std::vector<NamedTensor>> run(const RunOptions& options);

// As .npy: one output into the file `path`, several into a folder of that name, output_0.npy, ….
[[nodiscard]] Status write_outputs(const std::vector<NamedTensor>& outputs,
                                   const std::filesystem::path& path);

// Type, shape, range and mean of each output; the five highest scores of a [1, classes] one.
[[nodiscard]] std::string to_text(const std::vector<NamedTensor>& outputs);
// format sluice.run/1
[[nodiscard]] Json to_json(const std::vector<NamedTensor>& outputs);

}  // namespace sluice::api
