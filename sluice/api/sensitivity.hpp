// SPDX-License-Identifier: Apache-2.0
// sensitivity: what pruning one layer alone costs in accuracy, for each layer and several
// sparsities.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

// Takes no formats: the network is run in float32.
struct SensitivityOptions : ImageNetworkOptions {
  SensitivityOptions() { limit = 1000; }

  std::vector<double> sparsities = {0.3, 0.5, 0.7, 0.9};
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
