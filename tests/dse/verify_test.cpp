// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/verify.hpp"

#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <span>

#include "tests/dse/small_networks.hpp"

#include "sluice/dse/plan.hpp"

namespace sluice::dse {
namespace {

// A right solution, to be spoiled.
struct Mapped {
  Problem problem;
  hw::HardwareNetwork network;
  std::vector<hw::PartitionEstimate> claimed;

  [[nodiscard]] std::vector<std::string> wrong() const {
    return violations(problem, network, claimed);
  }
};

// Partitions of the members named by their first and last place, in so many passes.
struct Part {
  std::size_t first, end;
  std::int64_t passes;
};

Mapped mapped(Problem problem, const std::vector<Part>& parts) {
  Mapped result;
  problem.batch_size = 16;
  problem.max_partitions = 2;
  result.network.graph = problem.graph;
  result.network.batch_size = problem.batch_size;
  const auto order = problem.graph.topological_order();
  Planner planner(problem);
  for (const Part& part : parts) {
    auto plan =
        planner.plan(std::span(order).subspan(part.first, part.end - part.first), part.passes);
    EXPECT_TRUE(plan);
    result.network.partitions.push_back(plan->partition);
    result.claimed.push_back(plan->estimate);
  }
  result.problem = std::move(problem);
  return result;
}

// A device in which memory, block RAMs and DSP blocks are scarce, so that weights come from
// outside, lie in LUTs and in UltraRAM, and streams are regrouped.
Problem scarce() {
  Problem problem = test::problem_of(test::residual(16));
  problem.device.resources = {.lut = 5000, .ff = 40000, .dsp = 60, .bram18 = 4, .uram = 1};
  problem.device.memory_gbps = 4;
  problem.device.port_bits = 16;
  return problem;
}

Mapped in_one() {
  return mapped(scarce(), {{0, 6, 1}});
}
Mapped in_two() {
  return mapped(scarce(), {{0, 4, 1}, {4, 6, 2}});
}

// Spoils each layer of each partition of right solutions in turn.
void expect_wrong_for_each_layer(std::string_view what,
                                 const std::function<bool(hw::Layer&)>& spoil) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      for (hw::NodeId id = 0; id < right.network.partitions[p].graph.size(); ++id) {
        Mapped spoiled = right;
        hw::Node& node = spoiled.network.partitions[p].graph[id];
        if (!spoil(node.layer)) continue;
        EXPECT_FALSE(spoiled.wrong().empty()) << what << " of " << node.name << " in " << p;
      }
    }
  }
}

void expect_wrong_for_each_partition(
    std::string_view what,
    const std::function<bool(hw::Partition&, hw::PartitionEstimate&)>& spoil) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      Mapped spoiled = right;
      if (!spoil(spoiled.network.partitions[p], spoiled.claimed[p])) continue;
      EXPECT_FALSE(spoiled.wrong().empty()) << what << " of partition " << p;
    }
  }
}

constexpr std::array<std::int64_t, 6> kChanges{-1000, -2, -1, 1, 2, 1000};

// Every number of a list of members, by so much more or less.
template <class Of, class... Members>
void expect_wrong_numbers(const std::function<Of*(hw::Layer&)>& of, Members... members) {
  for (const std::int64_t change : kChanges) {
    int place = 0;
    const auto each = [&](auto member) {
      const std::string what = fmt::format("number {} changed by {}", place++, change);
      expect_wrong_for_each_layer(what, [&](hw::Layer& layer) {
        Of* where = of(layer);
        if (where == nullptr) return false;
        where->*member += change;
        return true;
      });
    };
    (each(members), ...);
  }
}

TEST(Violations, AreNoneInRightSolutions) {
  EXPECT_EQ(in_one().wrong(), std::vector<std::string>{});
  EXPECT_EQ(in_two().wrong(), std::vector<std::string>{});
}

// What the other tests spoil is there to be spoiled.
TEST(Violations, AreSoughtInSolutionsThatUseAllThereIs) {
  bool in_luts = false;
  bool in_uram = false;
  bool off_chip = false;
  bool regroups = false;
  for (const Mapped& right : {in_one(), in_two()}) {
    for (const hw::Partition& partition : right.network.partitions) {
      for (const hw::Node& node : partition.graph.nodes()) {
        in_luts = in_luts || node.layer.weights.blocks_in_luts > 0;
        in_uram = in_uram || node.layer.weights.in_uram;
        off_chip = off_chip || node.layer.weights.blocks_off_chip > 0;
        regroups = regroups || node.layer.as<hw::Regroup>() != nullptr;
      }
    }
  }
  EXPECT_TRUE(in_luts);
  EXPECT_TRUE(in_uram);
  EXPECT_TRUE(off_chip);
  EXPECT_TRUE(regroups);
}

// ---- layers

TEST(Violations, AreFoundInEachFoldingFactor) {
  expect_wrong_numbers<hw::Folding>([](hw::Layer& layer) { return &layer.folding; },
                                    &hw::Folding::coarse_in, &hw::Folding::coarse_out,
                                    &hw::Folding::coarse_group, &hw::Folding::fine);
}

TEST(Violations, AreFoundInAFactorOfNothing) {
  for (const auto factor : {&hw::Folding::coarse_in, &hw::Folding::coarse_out,
                            &hw::Folding::coarse_group, &hw::Folding::fine}) {
    expect_wrong_for_each_layer("no factor", [&](hw::Layer& layer) {
      layer.folding.*factor = 0;
      return true;
    });
  }
}

TEST(Violations, AreFoundInEachSizeOfAMap) {
  expect_wrong_numbers<hw::FeatureMap>([](hw::Layer& layer) { return &layer.map; },
                                       &hw::FeatureMap::rows, &hw::FeatureMap::cols,
                                       &hw::FeatureMap::depth, &hw::FeatureMap::channels);
}

TEST(Violations, AreFoundInAMapThatLiesOnItsSide) {
  expect_wrong_for_each_layer("a map of 4 by 16", [](hw::Layer& layer) {
    layer.map.rows /= 2;
    layer.map.cols *= 2;
    return true;
  });
}

TEST(Violations, AreFoundInWhatAConvolutionComputes) {
  expect_wrong_numbers<hw::Convolution>(
      [](hw::Layer& layer) { return layer.as<hw::Convolution>(); }, &hw::Convolution::filters,
      &hw::Convolution::groups);
  expect_wrong_numbers<hw::Extent>(
      [](hw::Layer& layer) {
        auto* conv = layer.as<hw::Convolution>();
        return conv == nullptr ? nullptr : &conv->kernel;
      },
      &hw::Extent::rows, &hw::Extent::cols, &hw::Extent::depth);
  expect_wrong_for_each_layer("a bias", [](hw::Layer& layer) {
    auto* conv = layer.as<hw::Convolution>();
    if (conv != nullptr) conv->has_bias = true;
    return conv != nullptr;
  });
}

TEST(Violations, AreFoundInTheFormatOfWords) {
  expect_wrong_numbers<hw::FixedPoint>([](hw::Layer& layer) { return &layer.data; },
                                       &hw::FixedPoint::width_bits, &hw::FixedPoint::binary_point);
}

TEST(Violations, AreFoundInWhichOperationALayerIs) {
  expect_wrong_for_each_layer("operation", [](hw::Layer& layer) {
    layer.operation = hw::Passing{};
    return true;
  });
}

TEST(Violations, AreFoundInTheNumberOfPorts) {
  for (const auto ports : {&hw::Layer::inputs, &hw::Layer::outputs}) {
    for (const int change : {-1, 1}) {
      expect_wrong_for_each_layer("ports", [&](hw::Layer& layer) {
        (layer.*ports).resize((layer.*ports).size() + static_cast<std::size_t>(change));
        return true;
      });
    }
  }
}

// ---- memories

TEST(Violations, AreFoundInBlocksOfWeightsThatAreElsewhere) {
  expect_wrong_numbers<hw::WeightPlacement>([](hw::Layer& layer) { return &layer.weights; },
                                            &hw::WeightPlacement::blocks_off_chip,
                                            &hw::WeightPlacement::blocks_in_luts);
}

TEST(Violations, AreFoundInTheKindOfMemoryOfWeights) {
  expect_wrong_for_each_layer("in_uram", [](hw::Layer& layer) {
    layer.weights.in_uram = !layer.weights.in_uram;
    return true;
  });
}

TEST(Violations, AreFoundInTheDepthOfEachBufferBeforeAJoin) {
  for (const std::int64_t change : kChanges) {
    for (const std::size_t port : {0U, 1U}) {
      expect_wrong_for_each_layer("depth", [&](hw::Layer& layer) {
        if (!hw::joins(layer)) return false;
        layer.inputs[port].buffer_depth += change;
        return true;
      });
    }
  }
}

TEST(Violations, AreFoundInWordsThatWaitOutsideTheDevice) {
  for (const auto ports : {&hw::Layer::inputs, &hw::Layer::outputs}) {
    expect_wrong_for_each_layer("is_off_chip", [&](hw::Layer& layer) {
      auto& first = (layer.*ports).front();
      first.is_off_chip = !first.is_off_chip;
      return true;
    });
  }
}

// ---- graphs

TEST(Violations, AreFoundInEachLayerThatIsRenamed) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      for (hw::NodeId id = 0; id < right.network.partitions[p].graph.size(); ++id) {
        Mapped spoiled = right;
        hw::Node& node = spoiled.network.partitions[p].graph[id];
        const auto* regroup = node.layer.as<hw::Regroup>();
        if (regroup != nullptr) continue;  // whose names are nobody's
        node.name += "_";
        EXPECT_FALSE(spoiled.wrong().empty()) << node.name;
      }
    }
  }
}

TEST(Violations, AreFoundInEachLayerThatIsMissing) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      for (hw::NodeId id = 0; id < right.network.partitions[p].graph.size(); ++id) {
        Mapped spoiled = right;
        spoiled.network.partitions[p].graph.remove(id);
        EXPECT_FALSE(spoiled.wrong().empty()) << right.network.partitions[p].graph[id].name;
      }
    }
  }
}

TEST(Violations, AreFoundInEachLayerThatIsThereTwice) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      for (hw::NodeId id = 0; id < right.network.partitions[p].graph.size(); ++id) {
        Mapped spoiled = right;
        hw::Node copy = right.network.partitions[p].graph[id];
        copy.predecessors.clear();
        copy.successors.clear();
        spoiled.network.partitions[p].graph.add(copy);
        EXPECT_FALSE(spoiled.wrong().empty()) << copy.name;
      }
    }
  }
}

TEST(Violations, AreFoundInEachEdgeThatIsMissing) {
  for (const Mapped& right : {in_one(), in_two()}) {
    for (std::size_t p = 0; p < right.network.partitions.size(); ++p) {
      for (const hw::Node& node : right.network.partitions[p].graph.nodes()) {
        for (const hw::NodeId to : node.successors) {
          Mapped spoiled = right;
          hw::Graph& graph = spoiled.network.partitions[p].graph;
          graph.disconnect(*graph.find(node.name), to);
          EXPECT_FALSE(spoiled.wrong().empty()) << node.name << " to " << graph[to].name;
        }
      }
    }
  }
}

TEST(Violations, AreFoundInAnEdgeTooMany) {
  Mapped spoiled = in_one();
  hw::Graph& graph = spoiled.network.partitions[0].graph;
  graph.connect(*graph.find("a"), *graph.find("r"));
  EXPECT_FALSE(spoiled.wrong().empty());
}

// ---- partitions

TEST(Violations, AreFoundInPartitionsInAnotherOrder) {
  Mapped spoiled = in_two();
  std::swap(spoiled.network.partitions[0], spoiled.network.partitions[1]);
  std::swap(spoiled.claimed[0], spoiled.claimed[1]);
  EXPECT_FALSE(spoiled.wrong().empty());
}

TEST(Violations, AreFoundInMorePartitionsThanAreAllowed) {
  Mapped spoiled = in_two();
  spoiled.problem.max_partitions = 1;
  EXPECT_FALSE(spoiled.wrong().empty());
}

TEST(Violations, AreFoundInAPartitionOfNothing) {
  Mapped spoiled = in_one();
  spoiled.network.partitions.emplace_back().batch_size = spoiled.problem.batch_size;
  spoiled.claimed.emplace_back();
  EXPECT_FALSE(spoiled.wrong().empty());
}

TEST(Violations, AreFoundInAPartitionWithoutAClaim) {
  Mapped spoiled = in_two();
  spoiled.claimed.pop_back();
  EXPECT_FALSE(spoiled.wrong().empty());
}

TEST(Violations, AreFoundInTheBatch) {
  for (const std::int64_t change : kChanges) {
    expect_wrong_for_each_partition("batch", [&](hw::Partition& partition, auto&) {
      partition.batch_size += change;
      return true;
    });
  }
  Mapped spoiled = in_one();
  spoiled.network.batch_size += 1;
  EXPECT_FALSE(spoiled.wrong().empty());
}

TEST(Violations, AreFoundInThePasses) {
  for (const std::int64_t passes : {-2, -1, 0, 1, 2, 3, 4, 8, 1000}) {
    expect_wrong_for_each_partition("passes", [&](hw::Partition& partition, auto&) {
      if (partition.reloading_factor == passes) return false;
      partition.reloading_factor = passes;
      return true;
    });
  }
}

TEST(Violations, AreFoundInWhichLayerIsReloaded) {
  for (const char* name : {"", "a", "s", "j", "r", "nobody"}) {
    Mapped spoiled = in_two();
    spoiled.network.partitions[1].reloading_layer = name;
    EXPECT_FALSE(spoiled.wrong().empty()) << name;
  }
}

TEST(Violations, AreFoundInAReloadedLayerThatIsNowhere) {
  expect_wrong_for_each_partition("reloading layer", [](hw::Partition& partition, auto&) {
    partition.reloading_layer = "nobody";
    return true;
  });
}

TEST(Violations, AreFoundInTheStreamsOfEachPort) {
  for (const auto streams : {&hw::Partition::streams_in, &hw::Partition::streams_out}) {
    for (const std::int64_t change : kChanges) {
      expect_wrong_for_each_partition("streams", [&](hw::Partition& partition, auto&) {
        (partition.*streams).front() += change;
        return true;
      });
    }
    expect_wrong_for_each_partition("one more", [&](hw::Partition& partition, auto&) {
      (partition.*streams).push_back(1);
      return true;
    });
    expect_wrong_for_each_partition("none", [&](hw::Partition& partition, auto&) {
      (partition.*streams).clear();
      return true;
    });
  }
}

TEST(Violations, AreFoundInHowMuchMemorySlowsDown) {
  for (const double factor : {0.0, -1.0, 0.5, 0.9, 1.1, 2.0, 1e6}) {
    expect_wrong_for_each_partition("slow-down", [&](hw::Partition& partition, auto&) {
      partition.slow_down_factor *= factor;
      return true;
    });
  }
}

// ---- claims

TEST(Violations, AreFoundInEachClaimedNumber) {
  using Claim = hw::PartitionEstimate;
  for (const auto number : {&Claim::interval_cycles, &Claim::pipeline_depth_cycles, &Claim::cycles,
                            &Claim::operations, &Claim::sparse_operations}) {
    for (const double change : {-1.0, 1.0}) {
      expect_wrong_for_each_partition("claim", [&](hw::Partition&, Claim& claimed) {
        claimed.*number += change;
        return true;
      });
    }
  }
}

TEST(Violations, AreFoundInEachClaimedResource) {
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    expect_wrong_for_each_partition(kind.name, [&](hw::Partition&, auto& claimed) {
      claimed.resources.*kind.count -= 1;
      return true;
    });
  }
}

TEST(Violations, AreFoundInEachClaimOfTraffic) {
  for (const auto list : {&hw::Traffic::in, &hw::Traffic::out, &hw::Traffic::weights}) {
    expect_wrong_for_each_partition("traffic", [&](hw::Partition&, auto& claimed) {
      (claimed.traffic.*list).front() += 0.25;
      return true;
    });
    expect_wrong_for_each_partition("traffic left out", [&](hw::Partition&, auto& claimed) {
      (claimed.traffic.*list).pop_back();
      return true;
    });
  }
}

// ---- ceilings

TEST(Violations, NameEachResourceOfWhichThereIsTooLittle) {
  const Mapped right = in_one();
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    Mapped spoiled = right;
    const double taken = right.claimed[0].resources.*kind.count;
    if (taken == 0) continue;
    spoiled.problem.device.resources.*kind.count = taken - 1;
    const auto wrong = spoiled.wrong();
    ASSERT_EQ(wrong.size(), 1U) << kind.name;
    EXPECT_EQ(wrong[0], fmt::format("partition 0: {:.0f} {} are needed, {:.0f} may be taken", taken,
                                    kind.name, taken - 1));
  }
}

TEST(Violations, NameTheMemoryThatIsTooSlow) {
  Mapped spoiled = in_one();
  spoiled.problem.device.memory_gbps =
      hw::gbps(spoiled.claimed[0].traffic.total(), spoiled.problem.clock_mhz) * 0.99;
  ASSERT_EQ(spoiled.wrong().size(), 1U);
  EXPECT_NE(spoiled.wrong()[0].find("Gbit/s of memory are needed"), std::string::npos);
}

}  // namespace
}  // namespace sluice::dse
