// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <fmt/format.h>

#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/onednn/ops.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::onednn {

Result<bool> plan_op(Planner& planner, ir::NodeId id) {
  return std::visit(
      [&](const auto& op) -> Result<bool> {
        if constexpr (std::is_same_v<std::decay_t<decltype(op)>, std::monostate>) {
          return Error{ErrorCode::Internal, "node without an operator"};
        } else {
          return plan(op, planner, id);
        }
      },
      planner.node(id).op);
}

namespace {

// What a reference kernel reads and writes.
struct PlainCall {
  struct Slot {
    bool is_present = false;
    BufferId buffer{};
    ir::ValueType type;
  };
  ir::Op op;
  std::vector<Slot> inputs, outputs;

  Status operator()(Addresses at) const {
    std::vector<Tensor> tensors;
    tensors.reserve(inputs.size());
    std::vector<const Tensor*> arguments;
    for (const Slot& slot : inputs) {
      tensors.push_back(slot.is_present ? view(slot.type, at[index(slot.buffer)]) : Tensor());
      arguments.push_back(slot.is_present ? &tensors.back() : nullptr);
    }
    std::vector<ir::ValueType> types;
    types.reserve(outputs.size());
    for (const Slot& slot : outputs) types.push_back(slot.type);
    SL_TRY(const auto results, reference::evaluate(op, arguments, types));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto bytes = results[i].bytes();
      if (outputs[i].is_present && !bytes.empty()) {
        std::memcpy(at[index(outputs[i].buffer)], bytes.data(), bytes.size());
      }
    }
    return {};
  }
};

}  // namespace

Status plan_plain(Planner& planner, ir::NodeId id) {
  const ir::Node node = planner.node(id);
  PlainCall call{.op = node.op};
  std::vector<BufferId> uses;
  for (const ir::ValueId value : node.inputs) {
    if (value == ir::kNoValue) {
      call.inputs.push_back({});
      continue;
    }
    const BufferId buffer = planner.as_plain(value).buffer;
    call.inputs.push_back({true, buffer, planner.graph().type(value)});
    uses.push_back(buffer);
  }
  for (const ir::ValueId value : node.outputs) {
    if (value == ir::kNoValue) {
      call.outputs.push_back({});
      continue;
    }
    const ir::ValueType& type = planner.graph().type(value);
    const BufferId buffer = planner.add_buffer(size_bytes(type));
    call.outputs.push_back({true, buffer, type});
    uses.push_back(buffer);
  }
  const auto outputs = call.outputs;
  planner.add_call(id, std::move(uses), std::move(call));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].is_present) planner.define(node.outputs[i], {outputs[i].buffer, {}});
  }
  return {};
}

// Operators that always run by their reference kernel: rare in networks, on small values, or on
// types that oneDNN does not have.
#define SL_PLAIN(Name)                                                                 \
  Result<bool> plan(const ir::Name& /*op*/, Planner& /*planner*/, ir::NodeId /*id*/) { \
    return false;                                                                      \
  }
SL_PLAIN(ArgMax)
SL_PLAIN(Cast)
SL_PLAIN(ConstantOfShape)
SL_PLAIN(DequantizeLinear)
SL_PLAIN(Equal)
SL_PLAIN(Erf)
SL_PLAIN(Expand)
SL_PLAIN(Gather)
SL_PLAIN(GroupNormalization)
SL_PLAIN(InstanceNormalization)
SL_PLAIN(LpPool)
SL_PLAIN(Pow)
SL_PLAIN(QuantizeLinear)
SL_PLAIN(Round)
SL_PLAIN(Shape)
SL_PLAIN(Tile)
SL_PLAIN(Where)
#undef SL_PLAIN

}  // namespace sluice::runtime::onednn
