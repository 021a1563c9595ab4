// SPDX-License-Identifier: Apache-2.0
// Netlist: instances of the module library and the streams between them: all that the emitted
// SystemVerilog says. docs/reference/rtl.md has the modules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sluice::rtl {

// How the words of a stream are coded: two's complement, or unsigned.
struct WordType {
  int bits = 8;
  bool is_signed = true;
  friend bool operator==(const WordType&, const WordType&) = default;
};

// Index of a stream in Netlist::streams.
using StreamId = std::size_t;

// Words that go side by side under one valid and one ready, lane 0 least significant.
struct Stream {
  std::string name;  // of its wires, unique
  std::int64_t lanes = 1;
  WordType word;
  std::int64_t beats = 1;  // a feature map
  [[nodiscard]] std::int64_t bits() const { return lanes * word.bits; }
};

// A port of an instance, with its prefix ("x", "a", "y"); of several streams the first is least
// significant.
struct Connection {
  std::string port;
  std::vector<StreamId> streams;
};

struct Parameter {
  std::string name;
  std::string value;  // as SystemVerilog has it
};

struct Instance {
  std::string module;
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Connection> inputs, outputs;

  void set(std::string parameter, std::int64_t value) {
    parameters.push_back({std::move(parameter), std::to_string(value)});
  }
  void set_flag(std::string parameter, bool value) {
    parameters.push_back({std::move(parameter), value ? "1'b1" : "1'b0"});
  }
  // Of so many bits, for a parameter that has no width of its own.
  void set_code(std::string parameter, std::int64_t code, int bits) {
    const std::string digits = std::to_string(code < 0 ? -code : code);
    parameters.push_back(
        {std::move(parameter), (code < 0 ? "-" : "") + std::to_string(bits) + "'d" + digits});
  }
  void set_file(std::string parameter, const std::string& name_of_file) {
    parameters.push_back({std::move(parameter), "\"" + name_of_file + "\""});
  }
};

// The instances of one layer.
struct Block {
  std::string layer;    // its name in the design
  std::string comment;  // shapes, formats and folding
  std::vector<Instance> instances;
};

// The words that a memory begins with.
struct MemoryFile {
  std::string name;
  std::string content;  // for $readmemh
};

// A stream that carries a tensor of the network, channels innermost.
struct Carried {
  std::string tensor;
  std::string layer;
  StreamId stream = 0;
};

struct Netlist {
  std::string name;  // of the module
  std::vector<Stream> streams;
  std::vector<Block> blocks;
  std::vector<Carried> inputs, outputs;  // its ports
  std::vector<Carried> taps;             // what each layer makes
  std::vector<MemoryFile> memories;
};

}  // namespace sluice::rtl
