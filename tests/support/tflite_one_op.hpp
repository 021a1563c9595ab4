// SPDX-License-Identifier: Apache-2.0
// Models of one operator, read.
#pragma once

#include <utility>

#include "tests/support/tflite_graph.hpp"
#include "tests/support/tflite_model.hpp"

namespace sluice::test {

// Reads the model that `build(model, x)` makes of a float32 input x.
template <class Build>
Result<ir::Graph> read_one_op(const TfliteModel::Ints& shape, Build build) {
  TfliteModel model;
  build(model, model.input("x", shape));
  return model.read();
}

// The message of a refusal; empty if the model was read.
inline std::string message(const Result<ir::Graph>& graph) {
  return graph ? "" : graph.error().message;
}

}  // namespace sluice::test
