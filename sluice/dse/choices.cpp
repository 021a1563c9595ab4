// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/choices.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "sluice/hw/layers/weights.hpp"

namespace sluice::dse {
namespace {

using hw::real;

std::uint32_t place_of(std::vector<std::int64_t>& list, std::int64_t value) {
  const auto found = std::ranges::find(list, value);
  const auto place = static_cast<std::uint32_t>(found - list.begin());
  if (found == list.end()) list.push_back(value);
  return place;
}

class ChoiceBuilder {
 public:
  ChoiceBuilder(const hw::Layer& layer, const Problem& problem)
      : layer_(layer), problem_(problem), budget_(problem.budget(1)) {}

  LayerChoices build() {
    const hw::FoldingValues values = hw::folding_values(layer_);
    for (const std::int64_t group : values.coarse_group) {
      for (const std::int64_t in : values.coarse_in) {
        if (values.is_coupled) {
          add_folding({in, in, group, 1});
          continue;
        }
        for (const std::int64_t out : values.coarse_out) {
          for (const std::int64_t fine : values.fine) add_folding({in, out, group, fine});
        }
      }
    }
    finish();
    return std::move(result_);
  }

 private:
  void add_folding(const hw::Folding& folding) {
    layer_.folding = folding;
    layer_.weights = {};
    const hw::LayerCost cost = hw::cost_of(layer_, *problem_.coefficients, problem_.rules);
    Choice choice{.folding = folding,
                  .weights = {},
                  .latency_cycles = cost.latency_cycles,
                  .demand = Demand(cost.resources)};
    choice.in = place_of(result_.in_streams, hw::streams_in(layer_));
    choice.out = place_of(result_.out_streams, hw::streams_out(layer_));
    add(choice);
    const hw::WeightMemory memory = hw::weight_memory(layer_);
    if (memory.blocks == 0) return;
    choice.demand.of[kBram18] -= real(memory.blocks);
    add_streamed(choice, false);
    if (budget_.of[kUram] == 0) return;
    add_placed(choice, {.in_uram = true});
    add_streamed(choice, true);
  }

  // A share of the weights comes from outside. `choice` has none of their blocks.
  void add_streamed(const Choice& choice, bool in_uram) {
    // What is streamed takes memory in proportion; by fpgaConvNet's rules the more, the more of it.
    constexpr std::array kFew{20, 40, 60, 80, 100};
    constexpr std::array kMany{10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 100};
    const bool is_compat = problem_.rules == hw::Rules::FpgaConvNet;
    const std::span<const int> percents = is_compat ? std::span<const int>(kMany) : kFew;
    if (!problem_.may_stream_weights || problem_.device.memory_gbps == 0) return;
    layer_.weights = {.in_uram = in_uram};
    const std::int64_t blocks = hw::weight_memory(layer_).blocks;
    std::int64_t last = 0;
    for (const int percent : percents) {
      const std::int64_t off_chip = blocks * percent / 100;
      if (off_chip == last) continue;
      last = off_chip;
      add_placed(choice, {.in_uram = in_uram, .blocks_off_chip = off_chip});
    }
  }

  void add_placed(Choice choice, const hw::WeightPlacement& weights) {
    choice.weights = weights;
    layer_.weights = weights;
    const hw::WeightMemory memory = hw::weight_memory(layer_);
    if (memory.total_blocks() > memory.blocks) return;
    choice.demand.of[weights.in_uram ? kUram : kBram18] += real(memory.total_blocks());
    choice.demand.of[kBits] +=
        memory.streamed_bits_per_cycle(problem_.rules) * choice.latency_cycles;
    add(choice);
  }

  void add(const Choice& choice) {
    Demand alone = choice.demand;
    alone.of[kBits] = 0;
    if (problem_.may_use_lut_memory) alone = alone.exchanged(budget_);
    if (alone.within(budget_)) result_.choices.push_back(choice);
  }

  void finish() {
    auto& choices = result_.choices;
    // What betters another of the same latency comes before it.
    std::ranges::stable_sort(choices, {}, [](const Choice& each) {
      return std::pair(each.latency_cycles, each.demand.of);
    });
    remove_bettered();
    if (choices.empty()) return;
    result_.least_latency_cycles = choices.front().latency_cycles;
    result_.least = choices.front().demand;
    for (const Choice& each : choices) {
      for (std::size_t s = 0; s < kNumScarce; ++s) {
        result_.least.of[s] = std::min(result_.least.of[s], each.demand.of[s]);
      }
    }
  }

  // Takes out what is no faster than another between the same streams, and no cheaper.
  void remove_bettered() {
    std::vector<std::vector<Choice>> kept(result_.in_streams.size() * result_.out_streams.size());
    std::erase_if(result_.choices, [&](const Choice& each) {
      auto& faster = kept[each.in * result_.out_streams.size() + each.out];
      const bool is_bettered = std::ranges::any_of(
          faster, [&](const Choice& other) { return other.demand.within(each.demand); });
      if (!is_bettered) faster.push_back(each);
      return is_bettered;
    });
  }

  hw::Layer layer_;
  const Problem& problem_;
  Demand budget_;
  LayerChoices result_;
};

}  // namespace

LayerChoices choices_of(const hw::Layer& layer, const Problem& problem) {
  return ChoiceBuilder(layer, problem).build();
}

const Demand& RegroupCosts::of(const hw::Layer& like, std::int64_t from, std::int64_t to) {
  static const Demand kNone;
  if (from == to) return kNone;
  const hw::FixedPoint words = hw::output_type(like);
  const auto [entry, is_new] = known_.try_emplace({words.width_bits, like.is_3d, from, to});
  if (is_new) {
    hw::Layer regroup;
    regroup.map = {1, 1, 1, std::max(from, to)};
    regroup.is_3d = like.is_3d;
    regroup.data = words;
    regroup.operation = hw::Regroup{};
    regroup.folding = {.coarse_in = from, .coarse_out = to};
    entry->second = Demand(hw::resources_of(regroup, *problem_->coefficients, problem_->rules));
  }
  return entry->second;
}

}  // namespace sluice::dse
