// SPDX-License-Identifier: Apache-2.0
// emit: a mapped integer network as SystemVerilog, in a folder that builds and checks itself
// without Sluice. docs/reference/emit.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/api/inputs.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/partition.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/rtl/netlist.hpp"

namespace sluice::api {

inline constexpr std::string_view kEmissionName = "emission.json";

struct EmitOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path design;  // sluice.design/1; empty: each layer with the least parallelism
  std::string name;              // of the module; empty: after the model's file
  // What the bench sends: one input, or the first images, or (of neither) codes drawn with `seed`.
  std::vector<RunInput> inputs;
  std::filesystem::path data;
  std::string preprocess;
  std::int64_t images = 1;
  std::uint32_t seed = 1;
  bool taps = true;   // the bench compares what each layer makes, too
  bool axis = false;  // a module with AXI4-Streams around it, too
  std::filesystem::path output;
};

// A stream of the module, and what the bench compares it with.
struct EmittedStream {
  std::string name;    // in what the bench prints: "x", "y", "tap03_conv1"
  std::string kind;    // "input", "output", "tap"
  std::string tensor;  // of the network
  std::string layer;   // of the design, that reads or makes it
  std::string wires;   // within the module
  std::int64_t lanes = 1;
  int bits = 8;
  bool is_signed = true;
  std::int64_t frame_words = 0;  // of a feature map
};

struct EmitReport {
  std::string name;
  std::int64_t images = 0;
  std::int64_t instances = 0;
  std::int64_t memories = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::vector<EmittedStream> streams;
  std::string axis_module;  // empty: none
  // By the hardware model, of a feature map: cycles between two, and from the first word in to the
  // last one out.
  double model_interval_cycles = 0;
  double model_latency_cycles = 0;
  std::vector<std::string> notes;
  // What was emitted, its memories by name alone, and the layers that it is.
  rtl::Netlist netlist;
  hw::Partition partition;
};

// Writes the folder. InvalidArgument where the network is not quantized, or `output` holds other
// things than an emission; Unsupported, with the layer, for what there is no module for.
[[nodiscard]] Result<EmitReport> emit(const EmitOptions& options);

// What `sluice emit` prints.
[[nodiscard]] std::string to_text(const EmitReport& report, const std::filesystem::path& folder);
// The same, and the content of emission.json (format sluice.emission/1).
[[nodiscard]] Json to_json(const EmitReport& report);

}  // namespace sluice::api
