// SPDX-License-Identifier: Apache-2.0
// train: a network trained or fine-tuned on labelled images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/augment.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/train/loop.hpp"
#include "sluice/train/recipe.hpp"

namespace sluice::api {

struct TrainOptions {
  // A float32 network, whose weights are where training begins: a file, or a name of the zoo's.
  std::filesystem::path model;
  // Of the zoo's: weights to take (empty: random ones, by the recipe's seed) and what it is of.
  std::filesystem::path checkpoint;
  std::optional<std::int64_t> classes;
  std::optional<std::int64_t> input_size;  // pixels along each side
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path data;
  std::filesystem::path validation;          // empty: none
  std::string preprocess;                    // a name of data::presets()
  std::optional<std::int64_t> label_offset;  // added to each class; default: the preset's
  std::filesystem::path teacher;             // a network of as many classes; empty: labels teach
  data::Augmentation augmentation;
  std::int64_t epochs = 90;
  std::int64_t batch = 128;
  // The schedule's steps follow from the epochs.
  train::Recipe recipe;
  double warm_up_epochs = 0;
  std::vector<double> step_epochs;  // where Decay::Step steps
  std::filesystem::path output;     // a folder
  bool resume = false;              // go on from the state in it
  double save_every_s = 300;
  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  bool quiet = false;
};

struct TrainReport {
  std::string model;
  std::string model_sha256;  // of the file, or the checkpoint; empty: a network of the zoo, random
  std::string checkpoint;    // empty: none
  std::string data;
  std::string validation;  // empty: none
  std::string preprocess;
  std::string augmentation;
  std::string teacher;  // empty: none
  std::string device;   // "cpu", "cuda"
  std::int64_t images = 0;
  std::int64_t batch = 0;
  std::int64_t parameters = 0;  // that were trained
  train::Recipe recipe;         // with the steps that follow from the epochs
  std::vector<train::EpochRow> rows;
  std::optional<std::int64_t> best_epoch;  // of the most images right in validation, the first
};

// Trains, and writes into the folder `output`: state.safetensors (all that --resume goes on from)
// and log.csv after each epoch, best.onnx whenever validation was never better; at the end
// network.onnx, loss.svg, accuracy.svg and train.json. Trained for integers, the networks are those
// on codes, whose accuracy in integers is that of the last validation to the image, and
// network_float.onnx has the float32 weights behind them. A folder that has other files in it than
// these, or these without `resume`, is an InvalidArgument error, as is the state of a training with
// other options. Interrupted after Ctrl-C, the state saved; Infeasible where the loss became no
// number.
[[nodiscard]] Result<TrainReport> train(const TrainOptions& options);

// A row an epoch.
[[nodiscard]] std::string to_text(const TrainReport& report);
// format sluice.training/1
[[nodiscard]] Json to_json(const TrainReport& report);
// The rows as comma-separated values with a title line.
[[nodiscard]] std::string to_csv(const std::vector<train::EpochRow>& rows);
// Loss, and accuracy, over the epochs.
[[nodiscard]] std::string loss_svg(const std::vector<train::EpochRow>& rows);
[[nodiscard]] std::string accuracy_svg(const std::vector<train::EpochRow>& rows);

}  // namespace sluice::api
