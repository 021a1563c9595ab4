// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {

#define SL_WITHOUT_ATTRIBUTES(Name)        \
  Status convert(ir::Name&, NodeReader&) { \
    return {};                             \
  }

SL_WITHOUT_ATTRIBUTES(Abs)
SL_WITHOUT_ATTRIBUTES(Erf)
SL_WITHOUT_ATTRIBUTES(Exp)
SL_WITHOUT_ATTRIBUTES(HardSwish)
SL_WITHOUT_ATTRIBUTES(Log)
SL_WITHOUT_ATTRIBUTES(Mish)
SL_WITHOUT_ATTRIBUTES(Neg)
SL_WITHOUT_ATTRIBUTES(Relu)
SL_WITHOUT_ATTRIBUTES(Round)
SL_WITHOUT_ATTRIBUTES(Sigmoid)
SL_WITHOUT_ATTRIBUTES(Softplus)
SL_WITHOUT_ATTRIBUTES(Sqrt)
SL_WITHOUT_ATTRIBUTES(Tanh)

#undef SL_WITHOUT_ATTRIBUTES

namespace {

template <class T>
Status read_alpha(T& op, NodeReader& node) {
  SL_TRY(op.alpha, node.get("alpha", op.alpha));
  return {};
}

}  // namespace

// Before opset 11 the bounds are attributes.
Status convert(ir::Clip&, NodeReader& node) {
  if (node.opset() >= 11) return {};
  SL_TRY(const auto least, node.find<float>("min"));
  SL_TRY(const auto most, node.find<float>("max"));
  if (least) SL_TRY_STATUS(node.set_input(1, "min", Tensor::scalar(*least)));
  if (most) SL_TRY_STATUS(node.set_input(2, "max", Tensor::scalar(*most)));
  return {};
}

Status convert(ir::Elu& op, NodeReader& node) {
  return read_alpha(op, node);
}

Status convert(ir::Gelu& op, NodeReader& node) {
  static constexpr std::array<std::pair<std::string_view, bool>, 2> kApproximations{{
      {"none", false},
      {"tanh", true},
  }};
  SL_TRY(op.tanh_approximation,
         node.choice<bool>("approximate", kApproximations, op.tanh_approximation));
  return {};
}

Status convert(ir::HardSigmoid& op, NodeReader& node) {
  SL_TRY(op.beta, node.get("beta", op.beta));
  return read_alpha(op, node);
}

Status convert(ir::LeakyRelu& op, NodeReader& node) {
  return read_alpha(op, node);
}

Status convert(ir::Selu& op, NodeReader& node) {
  SL_TRY(op.gamma, node.get("gamma", op.gamma));
  return read_alpha(op, node);
}

Status convert(ir::ThresholdedRelu& op, NodeReader& node) {
  return read_alpha(op, node);
}

}  // namespace sluice::importer::onnx
