// SPDX-License-Identifier: Apache-2.0
// Planner: what the planning functions of the operators build a Plan with. It knows where each
// value lies by now and in which layouts, and what may be overwritten.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sluice/runtime/onednn/plan.hpp"
#include "sluice/runtime/onednn/weights.hpp"

namespace sluice::runtime::onednn {

// A value in memory.
struct Placed {
  BufferId buffer{};
  Desc desc;  // float32 values; empty (zero dims) for others, which are always row-major
};

struct PlannerOptions {
  bool fuse = true;                   // false: every node a step of its own
  std::vector<ir::ValueId> observed;  // must exist in full at some time, in graph order
};

class Planner {
 public:
  // `weights` may hold those of earlier plans of the same graph, whose own graph is taken over.
  Planner(ir::Graph graph, const PlannerOptions& options,
          std::shared_ptr<WeightStore> weights = std::make_shared<WeightStore>());

  // Plans every node; the Plan is complete. Call once.
  [[nodiscard]] Result<Plan> plan() &&;

  // ---- the graph

  [[nodiscard]] const ir::Graph& graph() const { return plan_.graph; }
  [[nodiscard]] const ir::Node& node(ir::NodeId id) const { return plan_.graph[id]; }
  [[nodiscard]] const Shape& shape(ir::ValueId id) const { return plan_.graph.type(id).shape; }
  [[nodiscard]] bool is_float(ir::ValueId id) const;
  // Whether all inputs and outputs of the node are float32 and oneDNN can describe their shapes.
  [[nodiscard]] bool all_float(ir::NodeId id) const;
  // Content known before running, or null.
  [[nodiscard]] const Tensor* constant(ir::ValueId id) const;
  // Whether packed() can be asked for the value.
  [[nodiscard]] bool has_weights(ir::ValueId id) const;
  // Input i, kNoValue if absent.
  [[nodiscard]] ir::ValueId input(ir::NodeId id, std::size_t i) const;

  // ---- values

  // Where the value lies, as its producer left it.
  [[nodiscard]] const Placed& placed(ir::ValueId id) const;
  [[nodiscard]] bool is_placed(ir::ValueId id) const;
  // The value in this layout; a reorder is planned where it has no such copy yet.
  [[nodiscard]] Placed as(ir::ValueId id, const Desc& desc);
  [[nodiscard]] Placed as_plain(ir::ValueId id);
  // A constant in the layout packing.wanted.
  [[nodiscard]] Placed packed(ir::ValueId id, const Packing& packing);
  // Bytes of our own as a constant.
  [[nodiscard]] BufferId add_constant(std::shared_ptr<const Tensor> content);
  // Uninitialised memory of the workspace.
  [[nodiscard]] BufferId add_buffer(std::size_t size_bytes);
  [[nodiscard]] Placed add_placed(const Desc& desc);
  // From here on the value lies there. The last thing a planning function does.
  void define(ir::ValueId id, Placed placed);
  // Whether a step may write into the value's memory, because nothing but the nodes in `readers`
  // (being planned now) will read it any more.
  [[nodiscard]] bool can_overwrite(ir::ValueId id, std::span<const ir::NodeId> readers) const;

  // ---- steps

  // `descriptor` is for its scratchpad.
  void add_primitive(ir::NodeId node, const dnnl::primitive_desc_base& descriptor,
                     const dnnl::primitive& primitive, std::vector<Argument> arguments);
  void add_call(ir::NodeId node, std::vector<BufferId> uses, std::function<Status(Addresses)> call);
  // Copies, changing the layout: from `from` to `to`, which are of the same dimensions.
  void add_reorder(ir::NodeId node, const Argument& from, const Argument& to);
  void mark_plain(ir::NodeId node) { plan_.plain_nodes.push_back(node); }

  // ---- fusion

  [[nodiscard]] bool may_fuse() const { return options_.fuse; }
  // The only reader of the value, if the value needs to exist for nobody else; else kNoNode.
  [[nodiscard]] ir::NodeId only_reader(ir::ValueId id) const;
  [[nodiscard]] std::span<const ir::NodeId> readers(ir::ValueId id) const;
  // Graph outputs and observed values must exist.
  [[nodiscard]] bool is_kept(ir::ValueId id) const;
  // The node needs no step of its own: another's does its work.
  void absorb(ir::NodeId id);
  [[nodiscard]] bool is_planned(ir::NodeId id) const;

 private:
  Status plan_node(ir::NodeId id);
  void place_constants();
  void place_inputs();
  void place_outputs();
  void observe(ir::ValueId id);
  void give_up_original(ir::ValueId id);
  void finish();

  PlannerOptions options_;
  Plan plan_;
  std::shared_ptr<WeightStore> weights_;
  std::vector<std::vector<ir::NodeId>> readers_;          // by value
  std::vector<std::vector<Placed>> placed_;               // by value: copies, the producer's first
  std::vector<std::vector<ir::ValueId>> values_in_;       // by buffer
  std::vector<bool> is_planned_, is_kept_, is_observed_;  // by node, value, value
};

}  // namespace sluice::runtime::onednn
