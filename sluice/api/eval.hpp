// SPDX-License-Identifier: Apache-2.0
// eval: the accuracy table. Runs a classifier over labelled images once a number format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/api/layer_errors.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

// Without formats: those of the published tables.
struct EvalOptions : ImageNetworkOptions {
  // For each row in integers, how far layers are from float32 on the first so many images.
  std::int64_t sqnr_images = 0;

  std::filesystem::path journal;  // progress is kept here while the run lasts
  bool resume = false;            // go on from the journal
};

struct EvalRow {
  std::string format;
  std::int64_t images = 0;
  std::int64_t top1 = 0;           // images whose class has the highest score
  std::int64_t top5 = 0;           // … one of the five highest
  std::int64_t skipped = 0;        // unreadable images passed over
  double seconds = 0;              // of the pass over the data, decoding included, calibration not
  std::vector<LayerError> layers;  // of a row in integers, where sqnr_images asks for them
  // Of the layers that a weight threshold prunes; 0 without one.
  std::int64_t weights = 0;
  std::int64_t zero_weights = 0;

  [[nodiscard]] double top1_percent() const;
  [[nodiscard]] double top5_percent() const;
  [[nodiscard]] double images_per_second() const;
  [[nodiscard]] double zero_weights_percent() const;
};

struct EvalReport {
  std::string model;
  std::string model_sha256;
  std::string data;
  std::string preprocess;
  std::string calibration;  // empty: no format needed any
  std::int64_t calibration_images = 0;
  std::string engine;
  std::string arithmetic;  // "emulated", or how a quantized network rounds
  std::optional<float> weight_threshold, relu_threshold;  // as NetworkOptions
  std::uint32_t seed = 0;
  std::int64_t batch = 0;
  std::vector<EvalRow> rows;
  std::vector<std::string> notes;
};

// The network has one input and its first output is scores [batch, classes]; a quantized one runs
// in its integers. Interrupted after Ctrl-C, with the journal left behind for `resume`.
[[nodiscard]] Result<EvalReport> eval(const EvalOptions& options);

// Rows with the drop against the first one; counts and percentages.
[[nodiscard]] std::string to_text(const EvalReport& report);
// format sluice.eval/1
[[nodiscard]] Json to_json(const EvalReport& report);

}  // namespace sluice::api
