// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_elementwise.hpp"

#include <algorithm>
#include <memory>

#include "sluice/exact/fast/elements.hpp"
#include "sluice/exact/simd/wide_channel_sum.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/exact/simd/wide_sum.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

// Calls f(a code of the type).
template <class F>
auto visit_code(DType type, F f) {
  if (type == DType::Int8) return f(std::int8_t{});
  if (type == DType::UInt8) return f(std::uint8_t{});
  return type == DType::Int16 ? f(std::int16_t{}) : f(std::uint16_t{});
}

bool has_one_scale(ir::ValueId id, const Planner& planner) {
  return planner.is_wide_codes(id) && !planner.graph()[id].quantization->is_per_channel();
}

// A step over the elements of the node's first inputs and of `result`, all of one shape:
// run(inputs, output, first element, elements).
template <class Run>
void add_element_step(const std::vector<ir::ValueId>& inputs, ir::ValueId result, Planner& planner,
                      Run run) {
  const auto is_last = [&](ir::ValueId id) { return planner.order_of(id) == Order::ChannelsLast; };
  const Order order = std::ranges::any_of(inputs, is_last) ? Order::ChannelsLast : Order::RowMajor;
  std::vector<BufferId> buffers;
  buffers.reserve(inputs.size() + 1);
  for (const ir::ValueId id : inputs) buffers.push_back(planner.read(id, order));
  buffers.push_back(planner.make(result, order));
  const std::int64_t count = num_elements(planner.shape(result));
  planner.add_step(
      buffers, [=, threads = threads_for(count, planner)](Addresses addresses) -> Status {
        runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
          run(addresses, buffers, begin, end - begin);
        });
        return {};
      });
}

// ---- sums of channels with scales of their own

// The order in which channels are the last dimension; nothing where there is none.
std::optional<Order> channel_order(ir::ValueId id, const Planner& planner) {
  if (planner.is_wide_image(id)) return Order::ChannelsLast;
  return planner.shape(id).size() == 2 ? std::optional(Order::RowMajor) : std::nullopt;
}

// One a channel; none where 32 bits do not hold the sums of one.
std::vector<WideSum> channel_sums(const ir::Node& node, const Planner& planner) {
  const ir::Graph& graph = planner.graph();
  const ir::ValueId y = node.outputs[0];
  const auto operand = [&](ir::ValueId id, std::size_t channel) {
    const numeric::Quantization& of = *graph[id].quantization;
    const std::size_t c = of.is_per_channel() ? channel : 0;
    return WideSumOperand{of.scales[c], of.zero_points[c]};
  };
  const auto channels = static_cast<std::size_t>(planner.shape(y)[1]);
  std::vector<WideSum> sums(
      channels, {.type = graph.type(y).dtype, .sign = ir::is<ir::Sub>(node.op) ? -1 : 1});
  for (std::size_t c = 0; c < channels; ++c) {
    const WideSumOperand output = operand(y, c);
    const numeric::Requantizer by{.arithmetic = planner.arithmetic(node),
                                  .zero_point = output.zero_point};
    if (!make_wide_sum(operand(node.inputs[0], c), operand(node.inputs[1], c), output.scale, by,
                       sums[c])) {
      return {};
    }
  }
  return sums;
}

bool plan_channel_sum(const ir::Node& node, Planner& planner) {
  const ir::ValueId y = node.outputs[0];
  const auto order = channel_order(y, planner);
  std::vector<WideSum> sums = channel_sums(node, planner);
  if (!order || sums.empty()) return false;
  const ChannelClamp clamp = planner.take_channel_clamp(y);
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const numeric::CodeRange codes = clamp.codes[clamp.codes.size() == 1 ? 0 : c];
    sums[c].lowest = static_cast<std::int32_t>(codes.lowest);
    sums[c].highest = static_cast<std::int32_t>(codes.highest);
  }
  const auto sum = std::make_shared<const WideChannelSum>(sums);
  const BufferId of_a = planner.read(node.inputs[0], *order);
  const BufferId of_b = planner.read(node.inputs[1], *order);
  const BufferId to = planner.make(clamp.result, *order);
  const std::int64_t channels = planner.shape(y)[1];
  const std::int64_t count = num_elements(planner.shape(y));
  const std::int64_t row_bytes = channels * code_bytes(planner.graph().type(y).dtype);
  planner.add_step(
      {of_a, of_b, to}, [=, threads = threads_for(count, planner)](Addresses addresses) -> Status {
        runtime::for_ranges_on(
            threads, count / channels, [&](int, std::int64_t begin, std::int64_t end) {
              const auto from = [&](BufferId id) { return at(addresses, id) + begin * row_bytes; };
              sum->run(from(of_a), from(of_b), from(to), end - begin);
            });
        return {};
      });
  return true;
}

// ---- sums

bool is_wide_sum(const ir::Node& node, const Planner& planner) {
  if (!ir::is<ir::Add>(node.op) && !ir::is<ir::Sub>(node.op)) return false;
  const ir::ValueId y = node.outputs[0];
  const auto has_scales = [&](ir::ValueId id) {
    return planner.is_wide_codes(id) &&
           (has_one_scale(id, planner) || planner.graph()[id].quantization->axis == 1);
  };
  const auto fits = [&](ir::ValueId id) {
    return has_scales(id) && planner.constant(id) == nullptr &&
           planner.shape(id) == planner.shape(y) &&
           planner.graph().type(id).dtype == planner.graph().type(y).dtype;
  };
  return has_scales(y) && fits(node.inputs[0]) && fits(node.inputs[1]);
}

bool plan_wide_sum(const ir::Node& node, Planner& planner) {
  const ir::Graph& graph = planner.graph();
  if (!has_one_scale(node.inputs[0], planner) || !has_one_scale(node.inputs[1], planner) ||
      !has_one_scale(node.outputs[0], planner)) {
    return plan_channel_sum(node, planner);
  }
  const auto operand = [&](ir::ValueId id) {
    return WideSumOperand{graph[id].quantization->scales[0],
                          graph[id].quantization->zero_points[0]};
  };
  const WideSumOperand output = operand(node.outputs[0]);
  numeric::Requantizer by{.arithmetic = planner.arithmetic(node), .zero_point = output.zero_point};
  WideSum sum{.type = graph.type(node.outputs[0]).dtype, .sign = ir::is<ir::Sub>(node.op) ? -1 : 1};
  if (!make_wide_sum(operand(node.inputs[0]), operand(node.inputs[1]), output.scale, by, sum)) {
    return false;
  }
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  sum.lowest = static_cast<std::int32_t>(clamp.codes.lowest);
  sum.highest = static_cast<std::int32_t>(clamp.codes.highest);
  add_element_step(
      {node.inputs[0], node.inputs[1]}, clamp.result, planner,
      [sum, bytes = code_bytes(sum.type)](Addresses addresses, const std::vector<BufferId>& buffers,
                                          std::int64_t begin, std::int64_t count) {
        const auto from = [&](std::size_t i) { return at(addresses, buffers[i]) + begin * bytes; };
        run_wide_sum(sum, from(0), from(1), from(2), count);
      });
  return true;
}

// ---- bounds

void plan_clamp(const ir::Node& node, numeric::CodeRange codes, Planner& planner) {
  planner.narrow(node.outputs[0], codes);
  const DType type = planner.graph().type(node.inputs[0]).dtype;
  add_element_step({node.inputs[0]}, node.outputs[0], planner,
                   [=](Addresses addresses, const std::vector<BufferId>& buffers,
                       std::int64_t begin, std::int64_t count) {
                     visit_code(type, [&]<class Code>(Code) {
                       const auto* x =
                           reinterpret_cast<const Code*>(at(addresses, buffers[0])) + begin;
                       auto* y = reinterpret_cast<Code*>(at(addresses, buffers[1])) + begin;
                       const auto lowest = static_cast<Code>(codes.lowest);
                       const auto highest = static_cast<Code>(codes.highest);
                       for (std::int64_t i = 0; i < count; ++i)
                         y[i] = std::min(std::max(x[i], lowest), highest);
                     });
                   });
}

// ---- tables

// y = table[x − the lowest code of x's type], 16 bits wide or 8.
struct WideTable {
  DType from, to;
  std::int64_t lowest;
  Tensor codes;

  void run(const std::byte* x, std::byte* y, std::int64_t begin, std::int64_t count) const {
    visit_code(from, [&]<class From>(From) {
      visit_code(to, [&]<class To>(To) {
        const auto table = codes.data<To>();
        const auto* of_x = reinterpret_cast<const From*>(x) + begin;
        auto* of_y = reinterpret_cast<To*>(y) + begin;
        for (std::int64_t i = 0; i < count; ++i) of_y[i] = table.data()[of_x[i] - lowest];
      });
    });
  }
};

bool is_wide_table(const ir::Node& node, const Planner& planner) {
  const std::string_view family = ir::op_family(node.op);
  const ir::ValueId x = node.inputs[0];
  return (family == "unary" || family == "binary" || ir::is<ir::Identity>(node.op)) &&
         has_one_scale(x, planner) && has_one_scale(node.outputs[0], planner) &&
         planner.constant(x) == nullptr && planner.shape(x) == planner.shape(node.outputs[0]) &&
         planner.has_known_operands(node);
}

Status plan_wide_table(const ir::Node& node, Planner& planner) {
  const DType from = planner.graph().type(node.inputs[0]).dtype;
  const DType to = planner.graph().type(node.outputs[0]).dtype;
  const numeric::CodeRange range = numeric::codes_of(from);
  std::vector<std::int64_t> all;
  all.reserve(static_cast<std::size_t>(range.highest - range.lowest + 1));
  for (std::int64_t code = range.lowest; code <= range.highest; ++code) all.push_back(code);
  const auto count = static_cast<std::int64_t>(all.size());
  std::vector<Tensor> inputs = planner.known_operands(node);
  inputs[0] = numeric::cast(Tensor::from({count}, all), from);
  SL_TRY(Tensor codes, planner.evaluate_on(node, inputs, {count}));
  const auto table =
      std::make_shared<const WideTable>(WideTable{from, to, range.lowest, std::move(codes)});
  add_element_step({node.inputs[0]}, node.outputs[0], planner,
                   [=](Addresses addresses, const std::vector<BufferId>& buffers,
                       std::int64_t begin, std::int64_t size) {
                     table->run(at(addresses, buffers[0]), at(addresses, buffers[1]), begin, size);
                   });
  return {};
}

}  // namespace

Result<bool> plan_wide_elementwise(const ir::Node& node, Planner& planner) {
  if (!numeric::is_shift(planner.arithmetic(node)) || node.outputs.size() != 1 ||
      node.inputs.empty() || node.inputs[0] == ir::kNoValue) {
    return false;
  }
  if (is_wide_sum(node, planner) && plan_wide_sum(node, planner)) return true;
  // Functions of one byte have tables of their own, which follow one another.
  if (!is_wide_table(node, planner) ||
      (planner.is_codes(node.inputs[0]) && planner.is_codes(node.outputs[0]))) {
    return false;
  }
  if (const auto codes = planner.clamp_of_node(node)) {
    plan_clamp(node, *codes, planner);
    return true;
  }
  SL_TRY_STATUS(plan_wide_table(node, planner));
  return true;
}

}  // namespace sluice::exact::fast
