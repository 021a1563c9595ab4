// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "sluice/import/onnx/convert.hpp"
#include "sluice/import/onnx/dtype.hpp"

namespace sluice::importer::onnx {
namespace {

using numeric::PowerRounding;

constexpr std::array<std::pair<std::string_view, PowerRounding>, 3> kPowerRoundings{{
    {"up", PowerRounding::Up},
    {"down", PowerRounding::Down},
    {"nearest", PowerRounding::Nearest},
}};

}  // namespace

Status convert(ir::Cast& op, NodeReader& node) {
  SL_TRY(const std::int64_t to, node.require<std::int64_t>("to"));
  SL_TRY(op.to, dtype_of(to));
  SL_TRY(op.saturate, node.get("saturate", op.saturate));
  SL_TRY(op.power_rounding,
         node.choice<PowerRounding>("round_mode", kPowerRoundings, op.power_rounding));
  return {};
}

Status convert(ir::ConstantOfShape& op, NodeReader& node) {
  SL_TRY(op.value, node.get("value", op.value));
  if (op.value.num_elements() != 1) {
    return Error{ErrorCode::Parse, fmt::format("attribute \"value\" has {} elements, one is needed",
                                               op.value.num_elements())};
  }
  return {};
}

// Before opset 12 the ratio is an attribute. Before opset 10 the mask is not a boolean; exporters
// name it even where nothing reads it.
Status convert(ir::Dropout& op, NodeReader& node) {
  if (node.opset() < 10 && node.is_output_used(1)) {
    return Error{ErrorCode::Unsupported,
                 "its mask is not supported before opset 10; export the model for inference"};
  }
  if (node.opset() < 12) {
    SL_TRY(op.ratio, node.get("ratio", op.ratio));
    return {};
  }
  SL_TRY(op.seed, node.get("seed", op.seed));
  return {};
}

Status convert(ir::Identity&, NodeReader&) {
  return {};
}

Status convert(ir::Shape& op, NodeReader& node) {
  SL_TRY(op.start, node.get("start", op.start));
  SL_TRY(op.end, node.find<std::int64_t>("end"));
  return {};
}

Result<Tensor> constant_content(NodeReader& node) {
  SL_TRY(auto tensor, node.find<Tensor>("value"));
  if (tensor) return *std::move(tensor);
  SL_TRY(const auto integer, node.find<std::int64_t>("value_int"));
  if (integer) return Tensor::scalar(*integer);
  SL_TRY(const auto real, node.find<float>("value_float"));
  if (real) return Tensor::scalar(*real);
  SL_TRY(const auto integers, node.find<std::vector<std::int64_t>>("value_ints"));
  if (integers) return Tensor::from({static_cast<std::int64_t>(integers->size())}, *integers);
  SL_TRY(const auto reals, node.find<std::vector<float>>("value_floats"));
  if (reals) return Tensor::from({static_cast<std::int64_t>(reals->size())}, *reals);
  return Error{ErrorCode::Unsupported,
               "its value is not a tensor of numbers; string and sparse constants are not "
               "supported, store the constant as a dense tensor"};
}

}  // namespace sluice::importer::onnx
