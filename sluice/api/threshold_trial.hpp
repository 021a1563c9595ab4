// SPDX-License-Identifier: Apache-2.0
// Thresholds of a network, and what was measured with them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::api {

// By the layer's name; layers that are not named have none.
using LayerThresholds = std::map<std::string, float, std::less<>>;

struct Thresholds {
  LayerThresholds weights;     // weights of a smaller magnitude are zero
  LayerThresholds rectifiers;  // drop what is not above it
  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};
// {"weights": {"conv1": 0.01}, "rectifiers": {"relu1": 0.1}}
[[nodiscard]] Json to_json(const Thresholds& thresholds);
// The same in one line: alike for the same thresholds, and only for them.
[[nodiscard]] std::string key_of(const Thresholds& thresholds);

// Why no more images were looked at.
enum class TrialEnd : unsigned char {
  Complete,   // there are no more
  Tolerance,  // more is lost than may be, almost certainly
  Slower,     // than the best that is known
};
[[nodiscard]] std::string_view to_string(TrialEnd end) noexcept;
// None for other words.
[[nodiscard]] std::optional<TrialEnd> trial_end_from_string(std::string_view word);

// A convolution in a trial.
struct TrialLayer {
  std::string name;
  double zero_products = 0;  // of 1
  double zero_weights = 0;   // of 1
  double cycles = 0;         // for a feature map, in the design
};

struct Trial {
  std::int64_t number = 0;  // in the order of the search, from 0
  Thresholds thresholds;
  TrialEnd end = TrialEnd::Complete;
  std::int64_t images = 0;
  std::int64_t right = 0;         // of the images
  std::int64_t right_before = 0;  // of the same images, without thresholds
  // Points of top-1 lost of all images: the estimate, and the ends of its interval.
  double lost_points = 0, least_lost_points = 0, most_lost_points = 0;
  double zero_products = 0;  // of 1, all layers together
  double fps = 0;            // 0: no mapping was found
  std::vector<TrialLayer> layers;
  std::optional<hw::Design> design;  // none: no mapping was found

  [[nodiscard]] double top1_percent() const;
  // Whether it was run to the end, and loses no more than that.
  [[nodiscard]] bool is_within(double tolerance_points) const;
};

// What one threshold does by itself.
struct Sensitivity {
  double loss = 0;  // mean divergence of the answers from those without it, in nats
  std::vector<double> nonzero_products;  // of 1, of each convolution
};

// A threshold that can be set, with the levels that are tried alone.
struct ThresholdKnobInfo {
  bool is_rectifier = false;
  std::string layer;
  std::vector<float> levels;  // rising, above 0
};

// Which knobs there are, and what a search begins with.
struct ThresholdSpace {
  struct Convolution {
    std::string name;
    double products = 0;                       // of an image
    std::vector<std::size_t> rectifiers = {};  // knobs: those before it
  };
  std::vector<ThresholdKnobInfo> knobs;
  std::vector<Convolution> convolutions;

  // With one level a knob, 0 for none.
  [[nodiscard]] Thresholds thresholds(const std::vector<std::size_t>& levels) const;
};

}  // namespace sluice::api
