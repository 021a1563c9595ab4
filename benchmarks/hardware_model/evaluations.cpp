// SPDX-License-Identifier: Apache-2.0
// How fast the hardware model is: evaluations MODEL DEVICE prints the time to read and build the
// hardware network, full estimates of it a second, and moves of a search a second, each a median.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "sluice/api/hardware.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/dse/anneal.hpp"
#include "sluice/hw/device.hpp"

namespace {

using namespace sluice;

double median_seconds(int turns, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int turn = 0; turn < turns; ++turn) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(seconds, seconds.begin() + turns / 2);
  return seconds[static_cast<std::size_t>(turns / 2)];
}

// Changes of one layer's choice, with the demand kept up.
double moves_per_second(const dse::Problem& problem) {
  dse::SpaceBuilder builder(problem);
  const auto members = problem.graph.topological_order();
  const dse::Space space = builder.build(members);
  dse::Mapping mapping(space, {std::vector<std::uint32_t>(space.nodes.size(), 0)});
  Rng rng(1);
  constexpr int kMoves = 100000;
  const double seconds = median_seconds(11, [&] {
    for (int move = 0; move < kMoves; ++move) {
      const auto node = static_cast<std::size_t>(rng.below(space.nodes.size()));
      const auto& choices = space.nodes[node].layer->choices;
      mapping.choose(node, static_cast<std::uint32_t>(rng.below(choices.size())));
    }
  });
  return kMoves / seconds;
}

int run(const std::string& model, const std::string& device_name) {
  const auto device = hw::find_device(device_name);
  const auto by = api::coefficients_from({});
  if (!device || !by) return 1;
  Result<hw::Graph> graph = api::hardware_graph(model, {}, hw::Rules::Sluice);
  if (!graph) {
    std::fprintf(stderr, "%s\n", graph.error().text().c_str());
    return 1;
  }
  const double build =
      median_seconds(11, [&] { graph = api::hardware_graph(model, {}, hw::Rules::Sluice); });
  hw::Partition partition;
  partition.graph = *graph;
  hw::update(partition);
  constexpr int kEvaluations = 200;
  double cycles = 0;
  const double evaluate = median_seconds(11, [&] {
    for (int i = 0; i < kEvaluations; ++i) cycles += hw::estimate(partition, *by).cycles;
  });
  const dse::Problem problem{
      .graph = *graph, .device = *device, .coefficients = &*by, .clock_mhz = device->clock_mhz};
  std::printf("%zu layers: read and built in %.1f ms; %.0f estimates/s; %.0f moves/s\n",
              partition.graph.size(), build * 1e3, kEvaluations / evaluate,
              moves_per_second(problem));
  return cycles > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: evaluations MODEL DEVICE\n");
    return 2;
  }
  return run(argv[1], argv[2]);
}
