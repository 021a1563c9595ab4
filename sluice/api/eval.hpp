// SPDX-License-Identifier: Apache-2.0
// eval: the accuracy table. Runs a classifier over labelled images once a number format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/layer_errors.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/quant/integer_format.hpp"

namespace sluice::api {

struct EvalOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path data;
  std::string preprocess;  // a name of data::presets()
  // Empty: those of the published tables. Quantized networks have their own, and take none.
  std::vector<numeric::Format> formats;
  // Rows in integers, behind the others: the network quantized so, and run bit by bit.
  std::vector<quant::IntegerFormat> exact_formats;
  // For each of these rows, how far layers are from float32 on the first so many images.
  std::int64_t sqnr_images = 0;
  std::int64_t batch = 16;                   // 1 where the model allows no other
  std::optional<std::int64_t> limit;         // look at the first images only
  std::optional<std::int64_t> label_offset;  // added to each class; default: the preset's

  std::filesystem::path calibration;  // empty: the first images of `data`, said in a note
  // At most so many of them, as many of each class as of any other, drawn with `seed`.
  std::int64_t calibration_images = 1000;
  std::uint32_t seed = 1;
  NetworkOptions network;

  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  bool quiet = false;
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
