// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/emulate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <tuple>

#include "sluice/base/text.hpp"
#include "sluice/ir/names.hpp"
#include "sluice/numeric/snap_simd.hpp"
#include "sluice/quant/grids.hpp"

namespace sluice::quant {
namespace {

using numeric::Format;
using numeric::Range;

bool is_unquantized(const Format& format) {
  return std::holds_alternative<numeric::Float32Format>(format);
}

ir::ValueId weight_value(const ir::Graph& graph, const Module& module) {
  return graph[module.node].inputs[module.weight->input];
}

// The range of all weights together.
Range network_range(const ir::Graph& graph, const std::vector<Module>& modules) {
  Range all{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  for (const Module& module : modules) {
    if (!module.weight) continue;
    const Range range = range_of(*graph[weight_value(graph, module)].constant);
    // Written so that a NaN, which range_of reports, stays.
    if (!(range.min >= all.min)) all.min = range.min;
    all.max = std::max(all.max, range.max);
  }
  return all;
}

Tensor snapped(const numeric::Grid& grid, const Tensor& weights) {
  Tensor result(DType::Float32, weights.shape());
  numeric::snap_simd(grid, weights.shape(), weights.data<float>(), result.mutable_data<float>());
  return result;
}

// Builds the graph with snaps node by node.
class SnapInserter {
 public:
  SnapInserter(const ir::Graph& graph, const ActivationGrids& grids)
      : grids_(grids),
        graph_(graph),
        nodes_(std::move(graph_.nodes)),
        value_names_(ir::Names::of(graph.values)),
        node_names_(ir::Names::of(graph.nodes)) {
    graph_.nodes.clear();
    for (std::size_t v = 0; v < graph_.values.size(); ++v) {
      read_as_.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
    }
    snapped_input_.assign(read_as_.size(), ir::kNoValue);
  }

  // The next node of the graph.
  Status add(std::size_t index, bool is_module) {
    ir::Node node = nodes_[index];
    const ir::ValueId input = node.inputs.empty() ? ir::kNoValue : node.inputs[0];
    for (ir::ValueId& id : node.inputs) id = read_as(id);
    if (!is_module) {
      graph_.nodes.push_back(std::move(node));
      return {};
    }
    SL_TRY(node.inputs[0], snap_input(input));
    const ir::ValueId output = node.outputs[0];
    graph_.nodes.push_back(std::move(node));
    SL_TRY(read_as_[ir::index(output)], snap(output, output));
    return {};
  }

  ir::Graph finish() && {
    for (ir::ValueId& id : graph_.outputs) {
      const ir::ValueId snapped = read_as(id);
      if (snapped != id) std::swap(graph_[id].name, graph_[snapped].name);
      id = snapped;
    }
    return std::move(graph_);
  }

 private:
  ir::ValueId read_as(ir::ValueId id) const {
    return id == ir::kNoValue ? id : read_as_[index(id)];
  }

  // `id` as modules read it: snapped once, by its producer or for all modules that read it.
  Result<ir::ValueId> snap_input(ir::ValueId id) {
    const ir::ValueId current = read_as(id);
    if (current != id && numeric::is_idempotent(grids_.at(id))) return current;
    ir::ValueId& snapped = snapped_input_[index(id)];
    if (snapped == ir::kNoValue) {
      SL_TRY(snapped, snap(id, current));
    }
    return snapped;
  }

  // A Snap of `from` to the grid of `id`.
  Result<ir::ValueId> snap(ir::ValueId id, ir::ValueId from) {
    const auto grid = grids_.find(id);
    const auto where = [&] {
      return fmt::format("activation {}", sluice::quoted(graph_[id].name));
    };
    if (grid == grids_.end()) {
      return Error{ErrorCode::InvalidArgument, "has no grid: calibrate the network as it is now",
                   where()};
    }
    const ir::ValueType type = graph_.type(id);
    if (auto status = numeric::check_grid(grid->second, type.shape); !status) {
      return std::move(status).error().at(where());
    }
    const std::string name = graph_[from].name + ".snapped";
    const ir::ValueId snapped{static_cast<std::int32_t>(graph_.values.size())};
    graph_.values.push_back({.name = value_names_.take(name), .type = type});
    graph_.nodes.push_back({node_names_.take(name), ir::Snap{grid->second}, {from}, {snapped}});
    return snapped;
  }

  const ActivationGrids& grids_;
  ir::Graph graph_;
  std::vector<ir::Node> nodes_;  // as they were
  ir::Names value_names_, node_names_;
  std::vector<ir::ValueId> read_as_;        // what readers of each value read by now
  std::vector<ir::ValueId> snapped_input_;  // of each value, what modules read; kNoValue: not yet
};

}  // namespace

Result<WeightGrids> weight_grids(const ir::Graph& graph, const Format& format, Compat compat) {
  WeightGrids grids;
  if (is_unquantized(format)) return grids;
  SL_TRY(const auto modules, find_modules(graph, compat));
  const Range network = network_range(graph, modules);
  for (const Module& module : modules) {
    if (!module.weight) continue;
    const Tensor& weights = *graph[weight_value(graph, module)].constant;
    auto grid = weight_grid(format, weights, *module.weight, network);
    const Status status = grid ? numeric::check_grid(*grid, weights.shape()) : grid.error();
    if (!status) return Error(status.error()).at(ir::place_of(graph[module.node]));
    grids.emplace(module.node, *std::move(grid));
  }
  return grids;
}

Result<ir::Graph> quantize_weights(const ir::Graph& graph, const Format& format, Compat compat) {
  if (is_unquantized(format)) return graph;
  SL_TRY(const auto grids, weight_grids(graph, format, compat));
  SL_TRY(const auto modules, find_modules(graph, compat));
  ir::Graph result = graph;
  // A tensor that several modules read in the same way is snapped once.
  std::map<std::tuple<ir::ValueId, std::int64_t, std::int64_t>, ir::ValueId> done;
  for (const Module& module : modules) {
    if (!module.weight) continue;
    const ir::ValueId id = weight_value(graph, module);
    const std::tuple key{id, module.weight->channel_axis, module.weight->depth_axis};
    if (!done.contains(key)) {
      done[key] = result.add_constant(graph[id].name + ".snapped",
                                      snapped(grids.at(module.node), *graph[id].constant));
    }
    result[module.node].inputs[module.weight->input] = done[key];
  }
  ir::remove_unused(result);
  return result;
}

Result<ActivationGrids> activation_grids(const ir::Graph& graph, const Format& format,
                                         const Ranges& ranges, Compat compat) {
  ActivationGrids grids;
  if (is_unquantized(format)) return grids;
  SL_TRY(const auto modules, find_modules(graph, compat));
  for (const ir::ValueId id : quantized_values(graph, modules)) {
    const auto where = [&] { return fmt::format("activation {}", sluice::quoted(graph[id].name)); };
    const ir::ValueType& type = graph.type(id);
    const auto found = ranges.find(id);
    const std::size_t given = found == ranges.end() ? 0 : found->second.size();
    if (given != num_ranges(format, type.shape)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("needs {} ranges, has {}: calibrate it in this format",
                               num_ranges(format, type.shape), given),
                   where()};
    }
    const std::span<const Range> of_value =
        given == 0 ? std::span<const Range>() : std::span<const Range>(found->second);
    auto grid = activation_grid(format, of_value, type.shape);
    if (!grid) return std::move(grid).error().at(where());
    grids.emplace(id, *std::move(grid));
  }
  return grids;
}

Result<ir::Graph> insert_snaps(const ir::Graph& graph, const ActivationGrids& grids,
                               Compat compat) {
  SL_TRY(const auto modules, find_modules(graph, compat));
  std::vector<bool> is_module(graph.nodes.size(), false);
  for (const Module& module : modules) is_module[static_cast<std::size_t>(module.node)] = true;
  SnapInserter inserter(graph, grids);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (auto status = inserter.add(n, is_module[n]); !status) {
      return std::move(status).error().at(ir::place_of(graph.nodes[n]));
    }
  }
  ir::Graph result = std::move(inserter).finish();
  SL_TRY_STATUS(ir::verify(result));
  return result;
}

Result<ir::Graph> emulate(ir::Graph graph, const Format& format,
                          const ExecutorFactory& make_executor, const BatchSource& next_batch,
                          const CalibrationOptions& options) {
  if (is_unquantized(format)) return graph;
  SL_TRY(ir::Graph weighted, quantize_weights(graph, format, options.compat));
  Ranges ranges;
  if (numeric::needs_calibration(format)) {
    SL_TRY(const auto executor, make_executor(weighted));
    SL_TRY(ranges, calibrate(weighted, format, *executor, next_batch, options));
  }
  SL_TRY(const auto grids, activation_grids(weighted, format, ranges, options.compat));
  return insert_snaps(weighted, grids, options.compat);
}

}  // namespace sluice::quant
