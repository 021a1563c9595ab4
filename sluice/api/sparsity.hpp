// SPDX-License-Identifier: Apache-2.0
// sparsity: the zeros that the convolutions of a network meet on real images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/sparse/joint_zeros.hpp"
#include "sluice/sparse/window_zeros.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::api {

// Without formats: float32. Zeros are counted on the first `limit` images.
struct SparsityOptions : ImageNetworkOptions {
  std::filesystem::path output;  // a folder for arrays of each layer; empty: none
  // Means over so many windows: arrays of how channels vary together go into `output`.
  std::optional<std::int64_t> averaged_windows;
  // Also the histograms of so many streams, into which channels are dealt in turn.
  std::optional<std::int64_t> streams;
  std::filesystem::path annotated;  // the model with what was counted, .onnx; empty: none
  std::filesystem::path drawing;    // a page of histograms, .html; empty: none
};

// One convolution in one format.
struct LayerSparsity {
  std::string layer;
  ir::Dims kernel;
  std::int64_t filters = 0;
  std::int64_t groups = 1;
  sparse::ZeroHistogram histogram;  // of each channel of the input
  // Of each stream; nothing where none are asked for, or they do not divide the channels.
  std::optional<sparse::ZeroHistogram> streams;
  sparse::ZeroTotals products;
  sparse::ZeroShare inputs;  // padding left out
  sparse::ZeroShare weights;
  std::optional<sparse::JointMoments> joint;  // where moving averages are asked for
};

struct SparsityRow {
  std::string format;
  data::Accuracy accuracy;  // of the same images
  std::vector<LayerSparsity> layers;

  // Over all layers, so that each counts by its products.
  [[nodiscard]] sparse::ZeroTotals products() const;
};

struct SparsityReport {
  std::string model;
  std::string model_sha256;
  std::string data;
  std::string preprocess;
  std::string calibration;  // empty: no format needed any
  std::string engine;
  std::string arithmetic;
  std::optional<float> weight_threshold, relu_threshold;  // as NetworkOptions
  std::uint32_t seed = 0;
  bool is_published = false;  // averages as fpgaConvNet's tools publish them
  bool is_complete = true;    // not stopped by Ctrl-C
  std::optional<std::int64_t> streams;
  std::vector<SparsityRow> rows;
  std::vector<std::string> notes;

  // Of the products, as the report means it.
  [[nodiscard]] double sparsity(const sparse::ZeroTotals& totals) const;
};

// Runs the images once a format. After Ctrl-C what was counted so far, said to be incomplete.
// Unsupported for a network without convolutions that can be watched. The folder is written whole
// or not at all: sparsity.json, and of each row and layer histogram, mean and variance as .npy, and
// with moving averages inputs_mean, inputs_variance, inputs_covariance and inputs_correlation. The
// annotated model is the float32 one as it was read, its nodes with the shares of zeros that
// estimate and explore skip (channel_sparsity_hist): in the metadata, or under Fpgaconvnet as
// attributes of the nodes. It takes one row, and a run that was not stopped.
[[nodiscard]] Result<SparsityReport> sparsity(const SparsityOptions& options);

// Rows of the formats; then the layers of each.
[[nodiscard]] std::string to_text(const SparsityReport& report);
// The tables, and how many zeros the windows of each layer had, as bars.
[[nodiscard]] std::string to_html(const SparsityReport& report);
// format sluice.sparsity/1
[[nodiscard]] Json to_json(const SparsityReport& report);

}  // namespace sluice::api
