// SPDX-License-Identifier: Apache-2.0
// What an ONNX file says, in plain structs: protobuf's types stay behind parse.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sluice/numeric/tensor.hpp"

namespace sluice::importer::onnx {

// An attribute of a kind no supported operator has: a graph, a sparse tensor, a type, ….
struct ForeignContent {
  std::string kind;
};

struct Attribute {
  std::string name;
  std::variant<ForeignContent, float, std::int64_t, std::string, Tensor, std::vector<float>,
               std::vector<std::int64_t>, std::vector<std::string>>
      content;
};

struct Node {
  std::string name;  // may be empty, may be another node's too
  std::string op_type;
  std::string domain;                // empty for ONNX's own operators
  std::vector<std::string> inputs;   // value names, empty where an optional input is absent
  std::vector<std::string> outputs;  // value names, empty where not asked for
  std::vector<Attribute> attributes;
};

struct Initializer {
  std::string name;
  Tensor content;
};

struct Input {
  std::string name;
  DType dtype = DType::Float32;
  Shape shape;  // ir::kOpenDim where open
};

struct Metadata {
  std::string key;
  std::string value;
};

struct Model {
  std::string graph_name;
  std::int64_t opset = 0;     // of ONNX's own operators
  std::vector<Input> inputs;  // those that are initializers too are left out
  std::vector<Initializer> initializers;
  std::vector<Node> nodes;
  std::vector<std::string> outputs;
  std::vector<Metadata> metadata;
};

// `node "conv1" (Conv)`; without a name, its first output's.
[[nodiscard]] std::string place_of(const Node& node);

}  // namespace sluice::importer::onnx
