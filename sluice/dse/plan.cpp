// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/plan.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/hw/layers/weights.hpp"

namespace sluice::dse {
namespace {

using hw::real;

// The words before a join that wait longest wait outside the device: those of the layer that gives
// them, for what regroups them is derived anew.
void put_longest_buffer_off_chip(hw::Graph& graph, hw::NodeId join) {
  auto& inputs = graph[join].layer.inputs;
  const auto longest = std::ranges::max_element(inputs, {}, &hw::Port::buffer_depth);
  const auto port = static_cast<std::size_t>(longest - inputs.begin());
  const auto before = graph.inputs_of(join);
  if (port >= before.size()) return;
  longest->is_off_chip = true;
  const hw::NodeId from = graph.giver(before[port]);
  const auto after = graph.outputs_of(from);
  const auto is_there = [&](hw::NodeId id) { return graph.reader(id) == join; };
  const auto out = static_cast<std::size_t>(std::ranges::find_if(after, is_there) - after.begin());
  auto& outputs = graph[from].layer.outputs;
  if (out < outputs.size()) outputs[out].is_off_chip = true;
}

// LUTs take the place of block RAMs that are lacking, the largest memories of weights first.
void use_lut_memory(hw::Graph& graph, double lacking) {
  std::vector<hw::NodeId> order(graph.size());
  for (hw::NodeId id = 0; id < order.size(); ++id) order[id] = id;
  const auto blocks = [&](hw::NodeId id) {
    const hw::WeightMemory memory = hw::weight_memory(graph[id].layer);
    return memory.in_uram ? 0 : memory.blocks_on_chip();
  };
  std::ranges::stable_sort(order, std::ranges::greater{}, blocks);
  for (const hw::NodeId id : order) {
    if (lacking <= 0) return;
    const std::int64_t taken = std::min(blocks(id), static_cast<std::int64_t>(std::ceil(lacking)));
    graph[id].layer.weights.blocks_in_luts = taken;
    lacking -= real(taken);
  }
}

// What it would take if no LUTs took the place of block RAMs.
Demand without_lut_memory(const Plan& plan) {
  Demand result = demand_of(plan);
  for (const hw::Node& node : plan.partition.graph.nodes()) {
    const std::int64_t blocks = node.layer.weights.blocks_in_luts;
    result.of[kBram18] += real(blocks);
    result.of[kLut] -= real(blocks * hw::kLutsPerBram18);
  }
  return result;
}

}  // namespace

Demand demand_of(const Plan& plan) {
  return Demand(plan.estimate.resources, plan.estimate.traffic.total() * interval_cycles(plan));
}

double interval_cycles(const Plan& plan) {
  return plan.estimate.interval_cycles * plan.partition.slow_down_factor;
}

double seconds(const Problem& problem, const Plan& plan) {
  return plan.estimate.cycles / (problem.clock_mhz * 1e6);
}

hw::Partition Planner::partition_of(const Task& task, const Space& space,
                                    const Assignment& assignment) const {
  const hw::Graph& network = problem_->graph;
  hw::Partition partition;
  std::map<hw::NodeId, hw::NodeId> place;
  // Ports are in the order of their layers' names.
  std::map<std::string, std::int64_t> ports_in;
  std::map<std::string, std::int64_t> ports_out;
  for (std::size_t n = 0; n < task.members.size(); ++n) {
    const SpaceNode& node = space.nodes[n];
    const Choice& choice = node.layer->choices[assignment.choices[n]];
    hw::Node copy = network[task.members[n]];
    copy.predecessors.clear();
    copy.successors.clear();
    copy.layer = spaces_.layer_of(task.members, task.members[n], task.passes);
    copy.layer.folding = choice.folding;
    copy.layer.weights = choice.weights;
    if (!node.in_port.empty()) ports_in[copy.name] = node.in_port_streams[choice.in];
    if (!node.out_port.empty()) ports_out[copy.name] = node.out_port_streams[choice.out];
    place[task.members[n]] = partition.graph.add(std::move(copy));
  }
  for (const hw::NodeId id : task.members) {
    for (const hw::NodeId to : network[id].successors) {
      const auto found = place.find(to);
      if (found != place.end()) partition.graph.connect(place[id], found->second);
    }
  }
  partition.streams_in.clear();
  partition.streams_out.clear();
  for (const auto& [name, streams] : ports_in) partition.streams_in.push_back(streams);
  for (const auto& [name, streams] : ports_out) partition.streams_out.push_back(streams);
  partition.batch_size = problem_->batch_size;
  partition.reloading_factor = task.passes;
  const auto reloaded = reloadable_layer(network, task.members);
  if (reloaded) partition.reloading_layer = network[*reloaded].name;
  return partition;
}

Plan Planner::built(const Task& task, const Space& space, const Assignment& assignment,
                    const std::vector<hw::NodeId>& off_chip_joins) const {
  Plan plan{.partition = partition_of(task, space, assignment), .estimate = {}};
  hw::Partition& partition = plan.partition;
  hw::update(partition, problem_->rules);
  for (const hw::NodeId join : off_chip_joins) {
    put_longest_buffer_off_chip(partition.graph, *partition.graph.find(problem_->graph[join].name));
  }
  if (!off_chip_joins.empty()) hw::update(partition, problem_->rules);
  const auto reckon = [&] {
    plan.estimate = hw::estimate(partition, *problem_->coefficients, problem_->rules);
  };
  reckon();
  const double memory = plan.estimate.traffic.total() / problem_->memory_bits_per_cycle();
  if (memory > 1) {
    constexpr double kRounding = 1e-9;
    partition.slow_down_factor = memory * (1 + kRounding);
    reckon();
  }
  const Demand budget = problem_->budget(interval_cycles(plan), task.share);
  const double lacking = plan.estimate.resources.bram18 - budget.of[kBram18];
  if (lacking > 0 && problem_->may_use_lut_memory) {
    use_lut_memory(partition.graph, lacking);
    reckon();
  }
  return plan;
}

std::optional<hw::NodeId> Planner::longest_join(const Task& task, const Plan& plan,
                                                const std::vector<hw::NodeId>& off_chip) const {
  std::optional<hw::NodeId> longest;
  std::int64_t most = 0;
  for (const hw::NodeId id : task.members) {
    if (!hw::joins(problem_->graph[id].layer)) continue;
    if (std::ranges::find(off_chip, id) != off_chip.end()) continue;
    const auto place = plan.partition.graph.find(problem_->graph[id].name);
    for (const hw::Port& port : plan.partition.graph[*place].layer.inputs) {
      if (port.buffer_depth <= most) continue;
      most = port.buffer_depth;
      longest = id;
    }
  }
  return longest;
}

std::optional<Plan> Planner::plan(std::span<const hw::NodeId> members, std::int64_t passes,
                                  const std::optional<Target>& target) {
  return plan({members, passes, target ? target->share : 1, target}, nullptr);
}

std::optional<Plan> Planner::improved(std::span<const hw::NodeId> members, Plan& known) {
  return plan({members, known.partition.reloading_factor, 1}, &known);
}

std::optional<Plan> Planner::plan(const Task& task, Plan* known) {
  constexpr int kAttempts = 8;
  const Space space = spaces_.build(task.members, task.passes);
  if (!space.is_possible()) return std::nullopt;
  std::vector<hw::NodeId> off_chip;
  FoldOptions options;
  if (known) options.known = Known{interval_cycles(*known), known->least_interval_cycles};
  double proven = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Folded folded = task.target ? fold_at(*problem_, space, *task.target, options, effort_)
                                      : fold(*problem_, space, options, effort_);
    if (attempt == 0) proven = folded.least_interval_cycles;
    if (known) known->least_interval_cycles = std::max(known->least_interval_cycles, proven);
    if (!folded.assignment) return std::nullopt;
    options.at_least = folded.interval_cycles;
    Plan plan = built(task, space, *folded.assignment, off_chip);
    plan.least_interval_cycles = proven;
    const Demand taken = demand_of(plan);
    const double wanted = task.target ? task.target->interval_cycles : 0;
    const Demand budget = problem_->budget(std::max(interval_cycles(plan), wanted), task.share);
    if (taken.within(budget)) return plan;
    // What the choices do not tell of: the buffers before joins, once they are known.
    Demand untold = without_lut_memory(plan);
    untold -= demand_of(space, *folded.assignment);
    if (taken.of[kBram18] > budget.of[kBram18] &&
        put_off_chip(1 << attempt, task, plan, off_chip)) {
      untold = {};
    }
    for (std::size_t s = 0; s < kNumScarce; ++s) {
      options.reserved.of[s] = std::max(options.reserved.of[s], untold.of[s]);
    }
  }
  return std::nullopt;
}

bool Planner::put_off_chip(int joins, const Task& task, const Plan& plan,
                           std::vector<hw::NodeId>& off_chip) const {
  const std::size_t before = off_chip.size();
  for (int more = 0; more < joins; ++more) {
    const auto join = longest_join(task, plan, off_chip);
    if (!join) break;
    off_chip.push_back(*join);
  }
  return off_chip.size() > before;
}

}  // namespace sluice::dse
