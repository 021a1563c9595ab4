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
#include "sluice/api/image_network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/sparse/encoding.hpp"

namespace sluice::api {

// Formats are those of a float32 network; a quantized one has its own codes. Without `data`:
// weights alone. Without `calibration`, ranges are those of the images looked at, said in a note.
struct EncodeOptions : ImageNetworkOptions {
  // Images are coded one by one. Only the published rules make a difference: runs go on over a
  // batch, and batches are averaged.
  EncodeOptions() { batch = 1; }

  std::vector<sparse::Encoding> encodings;
  std::filesystem::path output;  // a folder for the coded weights; empty: none
  int word_bits = 32;            // of a memory word in its files
  // The model with the ratios and widths, .onnx; empty: none. It takes one format and one encoding.
  std::filesystem::path annotated;
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

// Interrupted after Ctrl-C. Writes options.output whole or not at all. The annotated model is that
// of the file, and estimate and explore take from it how wide the numbers of each layer are
// (data_width, weight_width) and what they take coded (weight_, input_ and
// output_compression_ratio).
[[nodiscard]] Result<EncodeReport> encode(const EncodeOptions& options);

[[nodiscard]] std::string to_text(const EncodeReport& report);
// format sluice.encoding/1
[[nodiscard]] Json to_json(const EncodeReport& report);

}  // namespace sluice::api
