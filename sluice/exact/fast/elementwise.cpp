// SPDX-License-Identifier: Apache-2.0
// Element-wise operators on codes. A code of 8 bits has 256 values and a pair of them 65,536, so
// every such operator is a table, made by its reference kernel: equal to it by construction,
// whatever the arithmetic. Sums have kernels, because tables of pairs are slow.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "sluice/exact/fast/code_order.hpp"
#include "sluice/exact/fast/elements.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/fast/wide_elementwise.hpp"
#include "sluice/exact/reference/sum.hpp"
#include "sluice/exact/simd/lookup.hpp"
#include "sluice/exact/simd/pair_sum.hpp"
#include "sluice/exact/simd/requantize_stage.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;

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

// Sums in the arithmetics that have integers for them: two small tables, and the requantization in
// vectors.
struct SumStep {
  std::array<std::int32_t, kNumCodes> of_a, of_b;
  RequantizeStage stage;

  static constexpr std::int64_t kBlock = 256;

  void run(const std::uint8_t* a, const std::uint8_t* b, std::byte* y, std::int64_t count) const {
    alignas(64) std::array<std::int32_t, kBlock + kMaxLanes> acc;
    for (std::int64_t begin = 0; begin < count; begin += kBlock) {
      const std::int64_t size = std::min(kBlock, count - begin);
      for (std::int64_t i = 0; i < size; ++i) {
        acc.data()[i] = of_a[a[begin + i]] + of_b[b[begin + i]];
      }
      stage.run(0, size, 1, {acc.data(), kBlock}, {y + begin, kBlock});
    }
  }
};

// Sums that have a kernel of their own.
struct PairSumStep {
  PairSum sum;

  void run(const std::uint8_t* a, const std::uint8_t* b, std::byte* y, std::int64_t count) const {
    run_pair_sum(sum, reinterpret_cast<const std::byte*>(a), reinterpret_cast<const std::byte*>(b),
                 y, count);
  }
};

// Any function of two codes.
struct PairStep {
  PairTable table;

  void run(const std::uint8_t* a, const std::uint8_t* b, std::byte* y, std::int64_t count) const {
    for (std::int64_t i = 0; i < count; ++i) {
      y[i] = std::byte{table[static_cast<std::size_t>(a[i]) << 8 | b[i]]};
    }
  }
};

// step.run(a, b, y, count) over the elements of a node's two inputs and of `result`.
template <class ElementStep>
void add_pairwise_step(ElementStep made, const ir::Node& node, ir::ValueId result,
                       Planner& planner) {
  const auto step = std::make_shared<const ElementStep>(std::move(made));
  const Order order = common_order({node.inputs.data(), 2}, planner);
  const BufferId a = planner.read(node.inputs[0], order);
  const BufferId b = planner.read(node.inputs[1], order);
  const BufferId y = planner.make(result, order);
  const std::int64_t count = num_elements(planner.shape(result));
  planner.add_step(
      {a, b, y}, [=, threads = threads_for(count, planner)](Addresses addresses) -> Status {
        const auto* of_a = reinterpret_cast<const std::uint8_t*>(at(addresses, a));
        const auto* of_b = reinterpret_cast<const std::uint8_t*>(at(addresses, b));
        runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
          step->run(of_a + begin, of_b + begin, at(addresses, y) + begin, end - begin);
        });
        return {};
      });
}

bool is_sum(const ir::Node& node) {
  return ir::is<ir::Add>(node.op) || ir::is<ir::Sub>(node.op);
}

// The sum of real numbers; nothing where these could leave float32.
std::optional<RealSum> real_sum(const ir::Node& node, const Planner& planner) {
  const auto affine = [&](ir::ValueId id) {
    const numeric::Quantization& codes = *planner.graph()[id].quantization;
    return std::pair(codes.scales[0], static_cast<std::int32_t>(codes.zero_points[0]));
  };
  const auto [scale_a, zero_a] = affine(node.inputs[0]);
  const auto [scale_b, zero_b] = affine(node.inputs[1]);
  const auto [scale_y, zero_y] = affine(node.outputs[0]);
  constexpr float kMost = 0x1p100F;
  const float larger = std::max(scale_a, scale_b);
  if (!(larger < kMost) || !(larger / scale_y < kMost)) return std::nullopt;
  const float sign = ir::is<ir::Sub>(node.op) ? -1 : 1;
  return RealSum{scale_a, sign * scale_b, scale_y, zero_a, zero_b, zero_y};
}

// The kernel that a sum has in its arithmetic, if it has one.
Result<std::optional<PairSum>> pair_sum(const ir::Node& node, const Planner& planner) {
  const Arithmetic arithmetic = planner.arithmetic(node);
  const auto type = [&](ir::ValueId id) { return planner.graph().type(id).dtype; };
  PairSum result{.type = type(node.outputs[0])};
  if (type(node.inputs[0]) != result.type || type(node.inputs[1]) != result.type) {
    return std::optional<PairSum>();
  }
  if (arithmetic == Arithmetic::OnnxRuntime && ir::is<ir::Add>(node.op)) {
    SL_TRY(const auto sum, reference::code_sum(planner.view(node), 1));
    if (!sum.fused_factors()) return std::optional<PairSum>();
    const auto& by = *sum.fused_factors();
    result.by = FusedSum{by.a, by.b, by.fixed};
  } else if (reference::is_on_reals(arithmetic)) {
    const auto real = real_sum(node, planner);
    if (numeric::is_shift(arithmetic) || !real) return std::optional<PairSum>();
    result.by = *real;
  } else {
    SL_TRY(const auto sum,
           reference::code_sum(planner.view(node), ir::is<ir::Sub>(node.op) ? -1 : 1));
    const auto factors = sum.factors();
    if (!factors) return std::optional<PairSum>();
    result.by = FixedSum{factors->a, factors->b, factors->offset, factors->shift,
                         static_cast<std::int32_t>(sum.output().zero_point)};
  }
  return can_run(result) ? std::optional(result) : std::nullopt;
}

void plan_pair_sum(PairSum sum, const ir::Node& node, Planner& planner) {
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  sum.codes = clamp.codes;
  add_pairwise_step(PairSumStep{sum}, node, clamp.result, planner);
}

// In integers, by two tables.
Result<bool> plan_sum(const ir::Node& node, Planner& planner) {
  SL_TRY(const auto sum,
         reference::code_sum(planner.view(node), ir::is<ir::Sub>(node.op) ? -1 : 1));
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  std::array<std::array<std::int32_t, kNumCodes>, 2> tables{};
  std::int64_t largest = 0;
  for (std::size_t input = 0; input < 2; ++input) {
    std::int64_t most = 0;
    for (std::size_t byte = 0; byte < kNumCodes; ++byte) {
      const DType dtype = planner.graph().type(node.inputs[input]).dtype;
      tables[input][byte] = sum.term(input, code_of(static_cast<std::uint8_t>(byte), dtype));
      most = std::max<std::int64_t>(most, std::abs(std::int64_t{tables[input][byte]}));
    }
    largest += most;
  }
  numeric::Requantizer output = sum.output();
  output.codes = clamp.codes;
  const RequantizeStage stage({planner.graph().type(clamp.result).dtype, {&output, 1}},
                              SumStep::kBlock, largest);
  add_pairwise_step(SumStep{tables[0], tables[1], stage}, node, clamp.result, planner);
  return true;
}

bool is_elementwise_on_codes(const ir::Node& node, const Planner& planner) {
  return is_elementwise(node.op) && node.outputs.size() == 1 && planner.is_codes(node.outputs[0]) &&
         !node.inputs.empty();
}

bool has_output_shape(ir::ValueId id, const ir::Node& node, const Planner& planner) {
  return planner.is_codes(id) && planner.constant(id) == nullptr &&
         planner.shape(id) == planner.shape(node.outputs[0]);
}

// A function of input 0.
bool is_table(const ir::Node& node, const Planner& planner) {
  return is_elementwise_on_codes(node, planner) &&
         has_output_shape(node.inputs[0], node, planner) && planner.has_known_operands(node);
}

// A function of two inputs of one shape.
bool is_pairs(const ir::Node& node, const Planner& planner) {
  return is_elementwise_on_codes(node, planner) && node.inputs.size() == 2 &&
         has_output_shape(node.inputs[0], node, planner) &&
         has_output_shape(node.inputs[1], node, planner);
}

// Whether the node joins a value with a function of itself, as x·sigmoid(x) does.
bool is_pair_of(const ir::Node& node, ir::ValueId x, ir::ValueId function_of_x,
                const Planner& planner) {
  return is_pairs(node, planner) && ((node.inputs[0] == x && node.inputs[1] == function_of_x) ||
                                     (node.inputs[1] == x && node.inputs[0] == function_of_x));
}

Result<bool> plan_table(const ir::Node& node, Planner& planner) {
  SL_TRY(CodeTable table, planner.table_of(node));
  ir::ValueId result = node.outputs[0];
  // Functions of one code that follow one another are one.
  while (const ir::Node* next = planner.only_reader(result)) {
    if (is_table(*next, planner)) {
      const auto then = planner.table_of(*next);
      if (!then) break;  // it says so in its own name
      for (std::uint8_t& code : table) code = (*then)[code];
    } else if (is_pair_of(*next, node.inputs[0], result, planner)) {
      const auto then = planner.table_of_pairs(*next);
      if (!then) break;
      const bool is_first = next->inputs[0] == node.inputs[0];
      for (std::size_t x = 0; x < table.size(); ++x) {
        const std::size_t pair = is_first ? x << 8 | table[x] : std::size_t{table[x]} << 8 | x;
        table[x] = (*then)[pair];
      }
    } else {
      break;
    }
    planner.take(*next);
    result = next->outputs[0];
  }
  const Order order = common_order({node.inputs.data(), 1}, planner);
  const BufferId x = planner.read(node.inputs[0], order);
  const BufferId y = planner.make(result, order);
  const std::int64_t count = num_elements(planner.shape(result));
  planner.add_step({x, y}, [=, threads = threads_for(count, planner)](Addresses addresses) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(at(addresses, x));
    auto* to = reinterpret_cast<std::uint8_t*>(at(addresses, y));
    runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
      lookup(table, from + begin, to + begin, static_cast<std::size_t>(end - begin));
    });
    return Status();
  });
  return true;
}

Result<bool> plan_pairs(const ir::Node& node, Planner& planner) {
  SL_TRY(PairTable pairs, planner.table_of_pairs(node));
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  const DType dtype = planner.graph().type(node.outputs[0]).dtype;
  for (std::uint8_t& byte : pairs) {
    byte = static_cast<std::uint8_t>(
        std::clamp(code_of(byte, dtype), clamp.codes.lowest, clamp.codes.highest));
  }
  add_pairwise_step(PairStep{std::move(pairs)}, node, clamp.result, planner);
  return true;
}

}  // namespace

Result<bool> plan_elementwise(const ir::Node& node, Planner& planner) {
  SL_TRY(const bool is_wide, plan_wide_elementwise(node, planner));
  if (is_wide) return true;
  if (is_table(node, planner)) return plan_table(node, planner);
  if (!is_pairs(node, planner)) return false;
  if (!is_sum(node)) return plan_pairs(node, planner);
  SL_TRY(const auto kernel, pair_sum(node, planner));
  if (kernel) {
    plan_pair_sum(*kernel, node, planner);
    return true;
  }
  const bool is_on_reals = reference::is_on_reals(planner.arithmetic(node));
  return is_on_reals ? plan_pairs(node, planner) : plan_sum(node, planner);
}

}  // namespace sluice::exact::fast
