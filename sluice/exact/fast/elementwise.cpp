// SPDX-License-Identifier: Apache-2.0
// Element-wise operators on codes. A code of 8 bits has 256 values and a pair of them 65,536, so
// every such operator is a table, made by its reference kernel: equal to it by construction,
// whatever the arithmetic.
#include <algorithm>
#include <cstring>
#include <memory>

#include "sluice/exact/fast/ops.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

constexpr std::int64_t kElementsWorthAThread = 1 << 14;

int threads_for(std::int64_t count, const Planner& planner) {
  return static_cast<int>(
      std::clamp<std::int64_t>(count / kElementsWorthAThread, 1, planner.threads()));
}

bool is_elementwise(const ir::Op& op) {
  const std::string_view family = ir::op_family(op);
  return family == "unary" || family == "binary" || ir::is<ir::Identity>(op);
}

// The order in which the least has to be moved for operands of one shape.
Order common_order(std::span<const ir::ValueId> operands, const Planner& planner) {
  for (const ir::ValueId id : operands) {
    if (planner.order_of(id) == Order::ChannelsLast) return Order::ChannelsLast;
  }
  return Order::RowMajor;
}

Result<bool> plan_table(const ir::Node& node, Planner& planner) {
  SL_TRY(const CodeTable table, planner.table_of(node));
  const Order order = common_order({node.inputs.data(), 1}, planner);
  const BufferId x = planner.read(node.inputs[0], order);
  const BufferId y = planner.make(node.outputs[0], order);
  const std::int64_t count = num_elements(planner.shape(node.outputs[0]));
  planner.add_step(
      {x, y}, [=, threads = threads_for(count, planner)](Addresses addresses) -> Status {
        const auto* from = reinterpret_cast<const std::uint8_t*>(at(addresses, x));
        auto* to = reinterpret_cast<std::uint8_t*>(at(addresses, y));
        runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) to[i] = table[from[i]];
        });
        return {};
      });
  return true;
}

Result<bool> plan_pairs(const ir::Node& node, Planner& planner) {
  SL_TRY(PairTable pairs, planner.table_of_pairs(node));
  const auto table = std::make_shared<const PairTable>(std::move(pairs));
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  const Order order = common_order({node.inputs.data(), 2}, planner);
  const BufferId a = planner.read(node.inputs[0], order);
  const BufferId b = planner.read(node.inputs[1], order);
  const BufferId y = planner.make(clamp.result, order);
  const std::int64_t count = num_elements(planner.shape(clamp.result));
  planner.add_step(
      {a, b, y}, [=, threads = threads_for(count, planner)](Addresses addresses) -> Status {
        const auto* of_a = reinterpret_cast<const std::uint8_t*>(at(addresses, a));
        const auto* of_b = reinterpret_cast<const std::uint8_t*>(at(addresses, b));
        auto* to = reinterpret_cast<std::uint8_t*>(at(addresses, y));
        runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) {
            to[i] = (*table)[static_cast<std::size_t>(of_a[i]) << 8 | of_b[i]];
          }
        });
        return {};
      });
  return true;
}

}  // namespace

Result<bool> plan_elementwise(const ir::Node& node, Planner& planner) {
  if (!is_elementwise(node.op) || node.outputs.size() != 1 || !planner.is_codes(node.inputs[0]) ||
      !planner.is_codes(node.outputs[0])) {
    return false;
  }
  std::vector<ir::ValueId> computed;
  for (const ir::ValueId id : node.inputs) {
    if (id == ir::kNoValue) continue;
    const Tensor* constant = planner.constant(id);
    if (constant == nullptr) computed.push_back(id);
    if (constant != nullptr && constant->num_elements() != 1) return false;
  }
  const auto same_shape = [&](ir::ValueId id) {
    return planner.is_codes(id) && planner.shape(id) == planner.shape(node.outputs[0]);
  };
  if (!std::ranges::all_of(computed, same_shape)) return false;
  if (computed.size() == 1 && computed[0] == node.inputs[0]) return plan_table(node, planner);
  if (computed.size() == 2 && node.inputs.size() == 2) return plan_pairs(node, planner);
  return false;
}

}  // namespace sluice::exact::fast
