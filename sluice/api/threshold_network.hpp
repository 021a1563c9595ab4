// SPDX-License-Identifier: Apache-2.0
// ThresholdNetwork: a network whose weights and rectifiers are given thresholds again and again,
// run on the same images in the same order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/api/threshold_trial.hpp"
#include "sluice/base/result.hpp"
#include "sluice/sparse/threshold_levels.hpp"
#include "sluice/sparse/zero_statistics.hpp"

namespace sluice::api {

// Weights below a layer's threshold become zero and its rectifiers get theirs, in the prepared
// float32 network. Errors as those of sparse/.
[[nodiscard]] Status set_thresholds(ir::Graph& graph, const Thresholds& thresholds);

// The network with some thresholds, and how it answered the images so far.
struct ThresholdRun {
  RunnableNetwork network;
  sparse::ZeroStatistics zeros;
  std::int64_t position = 0;         // images gone through, those that cannot be read included
  std::vector<std::int64_t> images;  // answered ones, as the data set numbers them
  std::vector<bool> right;           // of each of them
  std::vector<std::vector<float>> scores;  // of each, if they are kept
};

class ThresholdNetwork {
 public:
  // In the format of the only row; `options` must outlive it. Images are drawn with its seed, and
  // activation ranges are taken once, of the network without thresholds; in integers of each
  // anew. InvalidArgument for several rows and for a quantized network; Unsupported without a
  // convolution whose zeros can be counted.
  static Result<std::unique_ptr<ThresholdNetwork>> open(const ImageNetworkOptions& options);

  [[nodiscard]] ImageNetwork& images() { return *network_; }
  // Weights of convolutions and the rectifiers before any, each with about eight levels.
  [[nodiscard]] const ThresholdSpace& space() const { return space_; }
  [[nodiscard]] const std::string& format() const { return network_->rows()[0].name; }
  // Whether the scores are shares of 1 already.
  [[nodiscard]] bool gives_probabilities() const;

  Result<ThresholdRun> begin(const Thresholds& thresholds);
  // What is noted of images, beside whether they are answered right.
  struct Notes {
    bool zeros = true;
    bool scores = false;
  };
  // Goes on to before position `end`, which is a multiple of the batch or num_images(). Interrupted
  // after Ctrl-C.
  [[nodiscard]] Status go_on(ThresholdRun& run, std::int64_t end, const Notes& notes) const;

 private:
  ThresholdNetwork() = default;
  Status find_knobs();
  void find_convolutions();
  Status find_weights();
  Status find_rectifiers();
  Result<RunnableNetwork> make(const Thresholds& thresholds);
  Result<std::vector<sparse::PositiveCounts>> activations(const std::vector<ir::ValueId>& values);

  std::unique_ptr<ImageNetwork> network_;
  std::vector<std::int64_t> order_;    // of the images
  std::optional<ir::Graph> emulated_;  // without thresholds; none in integers
  ThresholdSpace space_;
};

}  // namespace sluice::api
