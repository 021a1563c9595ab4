// SPDX-License-Identifier: Apache-2.0
// golden: what every layer of an integer network reads, sums and makes, in files that a testbench
// reads. docs/reference/golden.md describes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/inputs.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/golden/folder.hpp"

namespace sluice::api {

struct GoldenOptions {
  std::filesystem::path model;
  std::vector<RunInput> inputs;  // empty: drawn with `seed`
  std::uint32_t seed = 1;
  std::filesystem::path output;
  std::vector<std::string> layers;  // names of nodes; empty: all with a quantized output
  // Empty: every form.
  std::vector<exact::golden::Form> forms;
  std::int64_t fold = 1;    // codes a memory word
  bool thresholds = false;  // write these too
  NetworkOptions network;
  bool quiet = true;
};

// "npy,mem": each form once. InvalidArgument for an unknown one.
[[nodiscard]] Result<std::vector<exact::golden::Form>> parse_golden_forms(std::string_view text);

// Writes the folder and says what is in it. InvalidArgument where the network is not quantized, a
// layer is not there or has no quantized output, or `output` holds other things than golden data.
[[nodiscard]] Result<exact::golden::Summary> golden(const GoldenOptions& options);

// "25 layers, 100 arrays, 400 files, 12.3 MB" behind `what`.
[[nodiscard]] std::string to_text(const exact::golden::Summary& written, std::string_view what);
// format sluice.golden_summary/1
[[nodiscard]] Json to_json(const exact::golden::Summary& written);

}  // namespace sluice::api
