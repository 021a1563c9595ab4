// SPDX-License-Identifier: Apache-2.0
// Where the time of exact integer inference goes: all nodes of an operator a row, then a node a
// row, slowest first, on one thread: each node's median over whole passes. ARITHMETIC as
// bench_runner has it.
//   layer_times MODEL ARITHMETIC [PASSES [ROWS]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/api/info.hpp"
#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/exact/fast/planner.hpp"

namespace {

using sluice::Result;
using sluice::Status;
using sluice::exact::fast::Plan;
using sluice::exact::fast::Planner;
using sluice::exact::fast::Workspace;
using Clock = std::chrono::steady_clock;

// Milliseconds of each node's steps, by node.
Result<std::vector<double>> node_times(const Plan& plan, int passes) {
  const Workspace workspace(plan);
  std::uint64_t seed = 1;
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const auto& type = plan.graph->type(plan.graph->inputs[i].value);
    std::byte* codes = workspace.address(plan.inputs[i]);
    const std::int64_t count = sluice::num_elements(type.shape);
    if (type.dtype == sluice::DType::Float32) {
      for (std::int64_t k = 0; k < count; ++k)
        reinterpret_cast<float*>(codes)[k] = static_cast<float>(k % 31 - 15) / 8;
    } else {
      sluice::Rng rng(seed++);
      for (std::int64_t k = 0; k < count; ++k) codes[k] = static_cast<std::byte>(rng.below(256));
    }
  }
  std::vector<std::vector<double>> times(plan.graph->nodes.size());
  for (int pass = -1; pass < passes; ++pass) {
    std::vector<double> of_pass(times.size());
    for (std::size_t s = 0; s < plan.steps.size(); ++s) {
      const auto start = Clock::now();
      SL_TRY_STATUS(workspace.run(s, s + 1));
      const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
      of_pass[static_cast<std::size_t>(plan.steps[s].node)] += taken.count();
    }
    for (std::size_t n = 0; n < times.size() && pass >= 0; ++n) times[n].push_back(of_pass[n]);
  }
  std::vector<double> medians;
  medians.reserve(times.size());
  for (auto& of_node : times) {
    const auto middle = of_node.begin() + static_cast<std::ptrdiff_t>(of_node.size() / 2);
    std::nth_element(of_node.begin(), middle, of_node.end());
    medians.push_back(*middle);
  }
  return medians;
}

struct Row {
  double milliseconds = 0;
  double macs = 0;
};

void print_row(const Row& row, double total, std::string_view what) {
  fmt::print("{:>9.3f} {:>5.1f}% {:>9.1f}  {}\n", row.milliseconds, 100 * row.milliseconds / total,
             row.macs / row.milliseconds / 1e6, what);
}

// All, each operator, and the slowest nodes.
void print(const sluice::api::ModelInfo& info, const std::vector<double>& times,
           std::size_t num_rows) {
  Row all;
  std::map<std::string, Row> by_operator;
  std::vector<std::pair<Row, std::string>> nodes;
  nodes.reserve(times.size());
  for (std::size_t n = 0; n < times.size(); ++n) {
    const sluice::api::LayerInfo& layer = info.layers[n];
    const Row row{times[n], static_cast<double>(layer.macs)};
    nodes.emplace_back(
        row, fmt::format("{} {} {}", layer.op, sluice::to_string(layer.output_shape), layer.name));
    for (Row* sum : {&all, &by_operator[layer.op]}) {
      sum->milliseconds += row.milliseconds;
      sum->macs += row.macs;
    }
  }
  const auto is_slower = [](const auto& a, const auto& b) {
    return a.first.milliseconds > b.first.milliseconds;
  };
  std::ranges::stable_sort(nodes, is_slower);
  fmt::print("{:>9} {:>6} {:>9}\n", "ms", "share", "GMAC/s");
  print_row(all, all.milliseconds, "all");
  for (const auto& [name, row] : by_operator) print_row(row, all.milliseconds, name);
  nodes.resize(std::min(num_rows, nodes.size()));
  for (const auto& [row, name] : nodes) print_row(row, all.milliseconds, name);
}

Status run(int argc, char** argv) {
  sluice::set_num_threads(1);
  SL_TRY(sluice::ir::Graph graph, sluice::api::load_model(argv[1], {.batch = 1}));
  SL_TRY_STATUS(sluice::api::prepare(graph, sluice::quant::Compat::None));
  sluice::exact::fast::PlannerOptions options;
  if (std::string_view(argv[2]) != "recorded") {
    SL_TRY(options.arithmetic, sluice::numeric::arithmetic_from_string(argv[2]));
  }
  const sluice::api::ModelInfo info = sluice::api::info(graph);
  SL_TRY(const Plan plan, Planner(std::move(graph), options).plan());
  const int passes = argc > 3 ? std::stoi(argv[3]) : 15;
  SL_TRY(const std::vector<double> times, node_times(plan, passes));

  print(info, times, argc > 4 ? std::stoul(argv[4]) : 40);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} MODEL ARITHMETIC [PASSES [ROWS]]\n", argv[0]);
    return 2;
  }
  const Status status = run(argc, argv);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().text());
  return 1;
}
