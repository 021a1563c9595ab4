// SPDX-License-Identifier: Apache-2.0
// encode: what a network's weights and activations would take, run-length or Huffman coded, and the
// coded weights in files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/coded_statistics.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/sparse/encoding.hpp"

namespace sluice::api {

struct EncodeOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::vector<numeric::Format> formats;  // of a float32 network; a quantized one has its own codes
  std::vector<sparse::Encoding> encodings;

  std::filesystem::path data;         // images; empty: weights alone
  std::string preprocess;             // a name of data::presets()
  std::optional<std::int64_t> limit;  // look at the first images only
  std::filesystem::path calibration;  // empty: the images looked at, said in a note
  std::int64_t calibration_images = 1000;
  std::uint32_t seed = 1;
  // Images run together. Only the published rules make a difference: runs go on over a batch, and
  // batches are averaged.
  std::int64_t batch = 1;
  NetworkOptions network;
  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  bool quiet = true;

  std::filesystem::path output;  // a folder for the coded weights; empty: none
  int word_bits = 32;            // of a memory word in its files
};

// Over the tensors of a role that have a ratio: each once, as published tables have it, and by
// their size, which is the ratio of the bits of one image.
struct MeanRatio {
  std::optional<double> plain;
  std::optional<double> by_size;
};
struct RoleMeans {
  std::string role;  // or "all"
  MeanRatio entropy;
  std::vector<MeanRatio> ratios;  // by encoding
};

struct FormatCompression {
  std::string format;  // "exact": the network's own codes
  std::vector<LayerCompression> layers;

  // Weights, inputs, outputs as far as there are any, and all of them.
  [[nodiscard]] std::vector<RoleMeans> means() const;
};

struct EncodeReport {
  std::string model;
  std::string model_sha256;
  std::string data;  // empty: weights alone
  std::string preprocess;
  std::int64_t images = 0;
  std::string calibration;  // empty: no format needed any
  std::int64_t calibration_images = 0;
  std::string rules;  // "exact", "fpgaconvnet"
  std::vector<sparse::Encoding> encodings;
  std::vector<FormatCompression> formats;
  std::vector<std::string> notes;
};

// Interrupted after Ctrl-C. Writes options.output whole or not at all.
[[nodiscard]] Result<EncodeReport> encode(const EncodeOptions& options);

[[nodiscard]] std::string to_text(const EncodeReport& report);
// format sluice.encoding/1
[[nodiscard]] Json to_json(const EncodeReport& report);

}  // namespace sluice::api
