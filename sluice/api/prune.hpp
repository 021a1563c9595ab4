// SPDX-License-Identifier: Apache-2.0
// prune: a network with zeros for weights, or fewer channels, or thresholds in its ReLUs, in a
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/sparse/channels.hpp"
#include "sluice/sparse/prune.hpp"
#include "sluice/sparse/threshold_relu.hpp"

namespace sluice::api {

// The ways of pruning weights, each with its settings.
struct PruneBelow {
  sparse::PerLayer<float> thresholds;
};
struct PruneToSparsity {
  sparse::PerLayer<double> sparsities;
  sparse::SparsityScope scope = sparse::SparsityScope::Network;
};
struct PruneToPattern {
  sparse::PerLayer<sparse::Pattern> patterns;
  sparse::Unfit unfit = sparse::Unfit::Refuse;
};
using PruneWay = std::variant<std::monostate, PruneBelow, PruneToSparsity, PruneToPattern,
                              sparse::ChannelOptions>;

struct PruneOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  PruneWay way;                                            // monostate: weights stay
  sparse::PerLayer<std::optional<float>> relu_thresholds;  // empty: ReLUs stay
  std::filesystem::path output;                            // .onnx or .sluice
};

struct PruneSummary {
  std::string model;
  std::string model_sha256;
  std::string output;
  PruneWay way;
  std::optional<sparse::PruneReport> weights;
  std::optional<sparse::ChannelReport> channels;
  std::vector<sparse::ThresholdedLayer> relus;
  std::vector<std::string> notes;
};

// Works on the network as its file has it, nothing folded, and writes options.output whole or not
// at all. InvalidArgument where nothing is asked for; errors of sparse/.
[[nodiscard]] Result<PruneSummary> prune(const PruneOptions& options);

[[nodiscard]] std::string to_text(const PruneSummary& summary);
// format sluice.prune/1
[[nodiscard]] Json to_json(const PruneSummary& summary);

}  // namespace sluice::api
