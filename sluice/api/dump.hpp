// SPDX-License-Identifier: Apache-2.0
// A dump: what some runtime or some hardware made of the values of a network, as arrays with names.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/exact/compare/segment.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::api {

struct Dump {
  std::map<std::string, Tensor> arrays;  // by the name of their value
  std::optional<Tensor> input;           // of a network with one input: input.npy
};

// From a folder of golden data, a folder of .npy files and at most one .npz, or an .npz. An array
// is named by its key or its file's name; where a tensors.json lies beside it, which lists tensors
// of an "id" and a "name", the key t<id> stands for that name. Io, Parse or InvalidArgument with
// the place.
[[nodiscard]] Result<Dump> read_dump(const std::filesystem::path& path);

// The arrays that are quantized values of the graph, as the graph lays them out: arrays of images
// may lie channels last. Names may be written as golden data's file names write them. Parse, naming
// the array, where shape or type does not fit.
[[nodiscard]] Result<exact::compare::Values> values_of(const Dump& dump, const ir::Graph& graph);

}  // namespace sluice::api
