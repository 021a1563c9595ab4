// SPDX-License-Identifier: Apache-2.0
// quantize: from a float32 network and sample data to a network on codes, in a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/quant/lower.hpp"

namespace sluice::api {

struct QuantizeOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  quant::IntegerFormat format;
  std::filesystem::path layers;  // JSON, see read_layer_formats; empty: all in `format`

  // What the ranges come from: images, or tensors in .npy files like the (only) input.
  std::filesystem::path data;
  std::string preprocess;      // a name of data::presets()
  std::int64_t images = 1000;  // at most so many, as many of each class as of any other
  std::uint32_t seed = 1;
  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  std::vector<std::filesystem::path> inputs;

  NetworkOptions network;
  bool quiet = false;
  std::filesystem::path output;  // .onnx or .sluice
};

struct QuantizedLayer {
  std::string name;
  std::string op;
  std::string weights;  // "int8 by channel", empty without
  std::string output;   // "int8 0.0235 −12"
  std::string arithmetic;
};

struct QuantizeReport {
  std::string model;
  std::string format;
  std::string calibration;
  std::int64_t calibration_images = 0;
  std::uint32_t seed = 0;
  std::int64_t parameter_bytes_before = 0;
  std::int64_t parameter_bytes = 0;
  std::vector<QuantizedLayer> layers;
  std::vector<std::string> notes;
};

// The prepared float32 network on codes: `calibration`'s batches go through it in float32.
[[nodiscard]] Result<ir::Graph> quantize_network(ir::Graph graph,
                                                 const quant::LoweringOptions& options,
                                                 const quant::BatchSource& calibration,
                                                 const NetworkOptions& network);

// Formats of single layers:
//   {"layers": {"conv1": "q16", "fc": {"weights": "q4", "activations": "q8"}}}
// Parse with the place for what is neither.
[[nodiscard]] Result<std::map<std::string, quant::LayerFormat>> read_layer_formats(
    const std::filesystem::path& path);

// Writes options.output whole or not at all.
[[nodiscard]] Result<QuantizeReport> quantize(const QuantizeOptions& options);

[[nodiscard]] std::string to_text(const QuantizeReport& report);
// format sluice.quantize/1
[[nodiscard]] Json to_json(const QuantizeReport& report);

}  // namespace sluice::api
