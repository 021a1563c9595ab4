// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/images.hpp"

#include <array>

#include "sluice/passes/real_interface.hpp"

namespace sluice::api {
namespace {

// Whether pixels stay what they are.
bool is_raw(const data::Preprocess& preprocess) {
  return preprocess.divisor == 1 && preprocess.mean == std::array<float, 3>{0, 0, 0} &&
         preprocess.std == std::array<float, 3>{1, 1, 1};
}

}  // namespace

Status take_images(ir::Graph& graph, data::Preprocess& preprocess) {
  const auto& input = graph[graph.inputs[0].value].quantization;
  if (input && is_raw(preprocess)) {
    const float offset = input->dtype == DType::Int8 ? 128 : 0;
    preprocess.mean.fill(static_cast<float>(input->zero_points[0]) + offset);
    preprocess.std.fill(1 / input->scales[0]);
  }
  return passes::real_inputs(graph);
}

}  // namespace sluice::api
