// SPDX-License-Identifier: Apache-2.0
// sensitivity: what pruning one layer alone costs in accuracy, for each layer and several
// sparsities.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::api {

struct SensitivityOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path data;
  std::string preprocess;  // a name of data::presets()
  std::vector<double> sparsities = {0.3, 0.5, 0.7, 0.9};
  std::int64_t limit = 1000;  // look at the first images only
  std::int64_t batch = 16;    // 1 where the model allows no other
  std::optional<std::int64_t> label_offset;
  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  NetworkOptions network;
  bool quiet = false;
};

struct SensitivityLayer {
  std::string name;
  std::string op;
  std::int64_t weights = 0;
  std::vector<std::optional<std::int64_t>> top1;  // by sparsity; nothing: not known any more
};

struct SensitivityReport {
  std::string model;
  std::string model_sha256;
  std::string data;
  std::string preprocess;
  std::vector<double> sparsities;
  std::int64_t images = 0;  // that each row's numbers are of
  std::int64_t top1 = 0;    // right with nothing pruned
  std::vector<SensitivityLayer> layers;
  bool is_complete = true;  // false: stopped by Ctrl-C
  std::vector<std::string> notes;
};

// Each layer's smallest magnitudes become zero in the network as its file has it, and the network
// classifies the images in float32. After Ctrl-C what is known is returned, or Interrupted where
// that is nothing.
[[nodiscard]] Result<SensitivityReport> sensitivity(const SensitivityOptions& options);

// Accuracy by layer and sparsity.
[[nodiscard]] std::string to_text(const SensitivityReport& report);
// format sluice.sensitivity/1
[[nodiscard]] Json to_json(const SensitivityReport& report);

}  // namespace sluice::api
