// SPDX-License-Identifier: Apache-2.0
// Which values of a network share one quantization, and what range it has to cover.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/ir/graph.hpp"
#include "sluice/quant/lower.hpp"

namespace sluice::quant {

// Inputs whose numbers a node computes with, by index; the others say how.
[[nodiscard]] std::vector<std::size_t> data_inputs(const ir::Node& node);

// Whether it moves codes, compares them or takes their mean, which on codes needs one quantization
// for all of them.
[[nodiscard]] bool keeps_grid(const ir::Graph& graph, const ir::Node& node);

// Whether the integer arithmetics of TFLite have a kernel for it on codes of any width.
[[nodiscard]] bool has_integer_kernel(const ir::Graph& graph, const ir::Node& node);

class ValueGroups {
 public:
  // `values` as values_to_calibrate says.
  ValueGroups(const ir::Graph& graph, std::span<const ir::ValueId> values,
              const LoweringOptions& options);

  [[nodiscard]] bool contains(ir::ValueId id) const {
    return id != ir::kNoValue && is_member_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] bool are_joined(ir::ValueId a, ir::ValueId b) const { return root(a) == root(b); }
  [[nodiscard]] const IntegerFormat& format(ir::ValueId id) const;

  // By value: the group's quantization. Errors name the value.
  [[nodiscard]] Result<std::map<ir::ValueId, numeric::Quantization>> quantizations(
      const Ranges& ranges) const;

 private:
  [[nodiscard]] std::size_t root(ir::ValueId id) const;
  void join(ir::ValueId a, ir::ValueId b);
  void join_node(const ir::Node& node);
  void find_absorbed();
  // What a group has to cover, once or for each channel.
  struct GroupRange {
    std::vector<numeric::Range> ranges;
    bool by_channel = true;
  };
  using GroupRanges = std::map<std::size_t, GroupRange>;
  [[nodiscard]] GroupRanges ranges_by_root(const Ranges& ranges) const;
  [[nodiscard]] bool keeps_channels(const ir::Node& node) const;
  [[nodiscard]] bool has_channels(ir::ValueId id) const;

  const ir::Graph& graph_;
  const LoweringOptions& options_;
  std::vector<std::vector<ir::NodeId>> consumers_;
  std::vector<bool> is_member_, is_output_;
  std::vector<bool> is_absorbed_;  // nothing but a clamp of the group reads it
  mutable std::vector<std::size_t> parent_;
  std::vector<const IntegerFormat*> asked_;  // by root: what a layer's entry asks for, or null
};

}  // namespace sluice::quant
