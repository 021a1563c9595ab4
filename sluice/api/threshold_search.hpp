// SPDX-License-Identifier: Apache-2.0
// threshold search: thresholds of weights and rectifiers that make a network's hardware fast where
// it skips zeros, and cost no more accuracy than is allowed. docs/reference/sparsity.md says how.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/api/threshold_policy.hpp"
#include "sluice/api/threshold_trial.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

// One format; without any: float32.
struct ThresholdSearchOptions : ImageNetworkOptions {
  std::string device;             // name or file; empty: the design's
  std::filesystem::path design;   // sluice.design/1, kept; empty: searched for with each candidate
  std::int64_t batch_size = 256;  // feature maps
  double tolerance_points = 1;    // of top-1 that may be lost
  ThresholdPolicy policy = ThresholdPolicy::Joint;
  std::int64_t most_trials = 200;  // beside the one without thresholds
  std::filesystem::path journal;   // SQLite, kept; empty: nowhere
  bool resume = false;             // go on from the journal
  std::filesystem::path output;    // a folder; empty: none
};

struct ThresholdSearchReport {
  std::string model;
  std::string model_sha256;
  std::string data;
  std::string preprocess;
  std::string calibration;  // empty: the format needs none
  std::string engine;
  std::string number_format;
  std::string device;
  std::int64_t batch_size = 0;
  bool has_fixed_design = false;
  ThresholdPolicy policy = ThresholdPolicy::Joint;
  double tolerance_points = 0;
  std::uint32_t seed = 0;
  double dense_fps = 0;            // no zeros skipped
  std::vector<Trial> trials;       // in their order; the first is without thresholds
  std::size_t best = 0;            // the fastest that keeps the tolerance on all images
  std::vector<std::size_t> front;  // of those seen on all images, none bettered; the fastest first
  bool is_complete = true;         // not stopped by Ctrl-C
  std::vector<std::string> notes;

  [[nodiscard]] double speedup(const Trial& trial) const { return trial.fps / dense_fps; }
};

// After Ctrl-C what was found so far, said to be incomplete. Infeasible where the network does not
// fit the device; Interrupted before the first trial; otherwise errors of ImageNetwork, explore(),
// estimate() and ThresholdJournal. The folder is written whole or not at all, and only by a search
// that was not stopped: search.json, front.svg, network.onnx (the float32 network, its batch
// normalisations folded, with the thresholds in it and the zeros annotated) and design.json, with
// which estimate says the speed that is reported; explore finds the same design for it.
[[nodiscard]] Result<ThresholdSearchReport> threshold_search(const ThresholdSearchOptions& options);

// What was reached, the layers of the best, the front.
[[nodiscard]] std::string to_text(const ThresholdSearchReport& report);
// format sluice.sparsity-search/1
[[nodiscard]] Json to_json(const ThresholdSearchReport& report);
// Speed against accuracy: all trials, and the front.
[[nodiscard]] std::string front_svg(const ThresholdSearchReport& report);

}  // namespace sluice::api
