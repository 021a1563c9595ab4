// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {

Status convert(ir::BatchNormalization& op, NodeReader& node) {
  SL_TRY(op.epsilon, node.get("epsilon", op.epsilon));
  SL_TRY(op.momentum, node.get("momentum", op.momentum));
  if (node.opset() >= 14) {
    SL_TRY(op.training_mode, node.get("training_mode", op.training_mode));
    return {};
  }
  // Before opset 14 training was asked for by more than one output, with other outputs than today.
  if (node.num_outputs() > 1) {
    return Error{ErrorCode::Unsupported,
                 "has the outputs of training before opset 14; export the model for inference"};
  }
  bool spatial = true;
  if (node.opset() < 9) {
    SL_TRY(spatial, node.get("spatial", spatial));
  }
  if (!spatial) {
    return Error{ErrorCode::Unsupported,
                 "statistics for each position (spatial = 0) are not supported; export the model "
                 "with opset 9 or newer"};
  }
  return {};
}

Status convert(ir::GroupNormalization& op, NodeReader& node) {
  constexpr std::int64_t kFloat32 = 1;  // TensorProto.DataType
  SL_TRY(op.epsilon, node.get("epsilon", op.epsilon));
  SL_TRY(op.num_groups, node.require<std::int64_t>("num_groups"));
  op.scale_per_group = node.opset() < 21;
  SL_TRY(const std::int64_t stash_type, node.get("stash_type", kFloat32));
  if (stash_type != kFloat32) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("statistics of element type {} are not supported, only float32 "
                             "(stash_type = 1)",
                             stash_type)};
  }
  return {};
}

Status convert(ir::InstanceNormalization& op, NodeReader& node) {
  SL_TRY(op.epsilon, node.get("epsilon", op.epsilon));
  return {};
}

}  // namespace sluice::importer::onnx
