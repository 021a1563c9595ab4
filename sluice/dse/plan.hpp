// SPDX-License-Identifier: Apache-2.0
// Plan: a partition folded for a problem, with all that is derived, and what it takes.
#pragma once

#include <optional>
#include <vector>

#include "sluice/dse/fold.hpp"
#include "sluice/hw/partition.hpp"

namespace sluice::dse {

struct Plan {
  hw::Partition partition;
  hw::PartitionEstimate estimate;
  double least_interval_cycles = 0;  // proven of the layers alone
};

// Seconds that a partition takes for the problem's batch, without loading it.
[[nodiscard]] double seconds(const Problem& problem, const Plan& plan);

// Between feature maps: of the slowest layer, or of the memory if that is slower.
[[nodiscard]] double interval_cycles(const Plan& plan);
// What a partition takes of what is scarce.
[[nodiscard]] Demand demand_of(const Plan& plan);

// Makes the plans of partitions of a problem's graph.
class Planner {
 public:
  explicit Planner(const Problem& problem) : problem_(&problem), spaces_(problem) {}
  void set_effort(Effort effort) { effort_ = std::move(effort); }

  // The shortest interval for `members`, in topological order; the filters of the last layer with
  // weights are computed in `passes`. With a target, what meets it. None if nothing fits.
  [[nodiscard]] std::optional<Plan> plan(std::span<const hw::NodeId> members,
                                         std::int64_t passes = 1,
                                         const std::optional<Target>& target = {});
  // A shorter interval than that of a plan for the same, by the effort; none if none was found.
  // What is proven meanwhile is noted in `known`.
  [[nodiscard]] std::optional<Plan> improved(std::span<const hw::NodeId> members, Plan& known);

  [[nodiscard]] SpaceBuilder& spaces() { return spaces_; }
  [[nodiscard]] const Effort& effort() const { return effort_; }

 private:
  // What is planned: layers in passes, at a share of what may be taken.
  struct Task {
    std::span<const hw::NodeId> members;
    std::int64_t passes;
    double share;
    std::optional<Target> target = {};
  };

  [[nodiscard]] std::optional<Plan> plan(const Task& task, Plan* known);

  [[nodiscard]] Plan built(const Task& task, const Space& space, const Assignment& assignment,
                           const std::vector<hw::NodeId>& off_chip_joins) const;
  [[nodiscard]] hw::Partition partition_of(const Task& task, const Space& space,
                                           const Assignment& assignment) const;
  // The join whose words wait longest of those that are not outside; none if all are.
  [[nodiscard]] std::optional<hw::NodeId> longest_join(
      const Task& task, const Plan& plan, const std::vector<hw::NodeId>& off_chip) const;

  // The words before so many more joins go outside, those that wait longest first. False if all do.
  bool put_off_chip(int joins, const Task& task, const Plan& plan,
                    std::vector<hw::NodeId>& off_chip) const;

  const Problem* problem_;
  Effort effort_;
  SpaceBuilder spaces_;
};

}  // namespace sluice::dse
