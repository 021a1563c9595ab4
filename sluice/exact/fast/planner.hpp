// SPDX-License-Identifier: Apache-2.0
// Planner: walks a quantized graph and gathers the steps. Operators with a fast kernel plan
// themselves, in fast/<family>.cpp; all others run as exact's reference kernels define them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <utility>

#include "sluice/exact/fast/plan.hpp"
#include "sluice/exact/reference/node.hpp"
#include "sluice/exact/simd/lookup.hpp"

namespace sluice::exact::fast {

struct PlannerOptions {
  std::optional<numeric::Arithmetic> arithmetic;  // in place of what the nodes record
  std::vector<ir::ValueId> observed;              // values that must be there after their node
  int threads = 1;                                // a step may use
};

// The activations that alone read a value and do no more than narrow its codes.
struct Clamp {
  ir::ValueId result = ir::kNoValue;  // of the last of them, or the value itself
  numeric::CodeRange codes{};
};

// The same where each channel may have bounds of its own: one range of codes, or one a channel.
struct ChannelClamp {
  ir::ValueId result = ir::kNoValue;
  std::vector<numeric::CodeRange> codes;
};

// y = table[x], by the unsigned byte that holds the code.
using CodeTable = ByteTable;

// y = table[a·256 + b].
using PairTable = std::vector<std::uint8_t>;

class Planner {
 public:
  Planner(ir::Graph graph, PlannerOptions options);
  [[nodiscard]] Result<Plan> plan() &&;

  // ---- for the operators

  [[nodiscard]] const ir::Graph& graph() const { return *plan_.graph; }
  [[nodiscard]] int threads() const { return options_.threads; }
  [[nodiscard]] numeric::Arithmetic arithmetic(const ir::Node& node) const;
  // The node without tensors, for its quantizations.
  [[nodiscard]] reference::NodeView view(const ir::Node& node) const;

  // Whether it is quantized to 8 bits with one scale.
  [[nodiscard]] bool is_codes(ir::ValueId id) const;
  // Whether it is that, and [N, C, H, W].
  [[nodiscard]] bool is_image(ir::ValueId id) const;
  // Whether it is quantized to integers of 8 or 16 bits, and whether to those and [N, C, H, W].
  [[nodiscard]] bool is_wide_codes(ir::ValueId id) const;
  [[nodiscard]] bool is_wide_image(ir::ValueId id) const;
  // Whether the node reads such an image and its codes say what their numbers would as long as they
  // stay in their channel: there is one scale, or, where the arithmetic shifts, one a channel.
  [[nodiscard]] bool has_codes_for_numbers(const ir::Node& node) const;
  // The codes that a quantized value can hold.
  [[nodiscard]] numeric::CodeRange codes(ir::ValueId id) const;
  // Says that the step which makes the value leaves no other codes.
  void narrow(ir::ValueId id, numeric::CodeRange codes) { narrowed_[id] = codes; }
  [[nodiscard]] const Shape& shape(ir::ValueId id) const { return graph().type(id).shape; }
  [[nodiscard]] const Tensor* constant(ir::ValueId id) const;

  // The order a value is in without moving anything.
  [[nodiscard]] Order order_of(ir::ValueId id) const;
  // The value in that order; a step moves it there if need be. ChannelsLast is for images.
  BufferId read(ir::ValueId id, Order order);
  // A new buffer for a value that the next step makes.
  BufferId make(ir::ValueId id, Order order);
  // Says that the value lies in a buffer already.
  void set(ir::ValueId id, Order order, BufferId buffer);
  BufferId scratch(std::size_t size_bytes);
  void add_step(std::vector<BufferId> uses, std::function<Status(Addresses)> run);

  // The node that reads the value, if it is the only one and no one else wants to see the value.
  [[nodiscard]] const ir::Node* only_reader(ir::ValueId id) const;
  // The node needs no step of its own: the next one does its work.
  void take(const ir::Node& node);
  // The codes that a Relu or Clip which keeps its input's quantization leaves; nothing for others,
  // and where channels differ.
  [[nodiscard]] std::optional<numeric::CodeRange> clamp_of_node(const ir::Node& node) const;
  // The activations after the value that the step which makes it can take over. Their nodes need no
  // steps of their own.
  Clamp take_clamp(ir::ValueId id);
  // The same for a step whose channels, dimension 1, can have bounds of their own.
  ChannelClamp take_channel_clamp(ir::ValueId id);
  // The node's output as its reference kernel makes it of other inputs. `codes`: what these and the
  // output hold in place of their own codes.
  [[nodiscard]] Result<Tensor> evaluate_on(
      const ir::Node& node, std::span<const Tensor> inputs, Shape shape,
      const std::optional<numeric::Quantization>& codes = std::nullopt) const;
  // Whether all that the node reads beside input 0 are constants of one element.
  [[nodiscard]] bool has_known_operands(const ir::Node& node) const;
  // Those, as numbers without a shape; input 0 is left out.
  [[nodiscard]] std::vector<Tensor> known_operands(const ir::Node& node) const;
  // A function of one code as its reference kernel defines it: a node whose input 0 and output are
  // codes, and that has known operands.
  [[nodiscard]] Result<CodeTable> table_of(const ir::Node& node) const;
  // The same of two codes, inputs 0 and 1.
  [[nodiscard]] Result<PairTable> table_of_pairs(const ir::Node& node) const;

 private:
  Status plan_node(ir::NodeId id);
  Status plan_plain(const ir::Node& node);
  [[nodiscard]] std::vector<numeric::CodeRange> clamps_of_node(const ir::Node& node) const;
  void observe(const ir::Node& node);
  void lay_out_workspace();
  BufferId add_buffer(Buffer buffer);
  [[nodiscard]] bool same_bytes_in_both_orders(ir::ValueId id) const;

  PlannerOptions options_;
  Plan plan_;
  ir::NodeId node_ = ir::kNoNode;  // being planned
  std::vector<std::vector<ir::NodeId>> consumers_;
  std::vector<bool> kept_;   // by value: an output, or observed
  std::vector<bool> taken_;  // by node: part of another's step
  std::map<std::pair<ir::ValueId, Order>, BufferId> buffers_;
  std::vector<std::optional<Order>> first_order_;  // by value
  std::map<ir::ValueId, numeric::CodeRange> narrowed_;
};

}  // namespace sluice::exact::fast
