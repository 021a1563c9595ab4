// SPDX-License-Identifier: Apache-2.0
// One of ONNX's own test cases: a model, inputs and the outputs they must give.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/conformance/onnx_cases/compare.hpp"

#include "sluice/base/result.hpp"

namespace sluice::conformance {

struct DataSet {
  std::vector<std::filesystem::path> inputs;  // in the order of the model's inputs
  std::vector<std::filesystem::path> outputs;
};

struct Case {
  std::string name;
  std::filesystem::path model;
  std::vector<DataSet> data_sets;
  bool counted_inputs = false;  // no input files: element i of n is i/n, as ONNX's runner has it
  Tolerance tolerance;
};

// The cases in a folder, by name. Two layouts are known: a folder a case (model.onnx,
// test_data_set_*/{input,output}_*.pb, data.json with tolerances), and "light" models
// (NAME.onnx with NAME_output_*.pb beside it).
[[nodiscard]] Result<std::vector<Case>> find_cases(const std::filesystem::path& folder);

// The operator a model is about: its only one, "several", or "unreadable".
[[nodiscard]] std::string subject_of(const std::filesystem::path& model);

}  // namespace sluice::conformance
