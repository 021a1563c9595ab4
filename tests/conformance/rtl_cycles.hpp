// SPDX-License-Identifier: Apache-2.0
// Networks in Icarus without pauses, and the cycles that the hardware model has for them.
#pragma once

#include <array>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/quantized_net.hpp"
#include "tests/support/rtl_bench.hpp"

#include "sluice/api/cosim.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/export/sluice.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::test {

using Integers = std::vector<std::int64_t>;

struct Sizes {
  std::int64_t channels, rows, cols;
  [[nodiscard]] Shape shape() const { return {1, channels, rows, cols}; }
};

inline ir::Window window(std::int64_t rows, std::int64_t cols, std::int64_t step,
                         const Integers& pads, std::int64_t dilation = 1) {
  return {.kernel = {rows, cols},
          .strides = {step, step},
          .dilations = {dilation, dilation},
          .pads = pads};
}

struct Measured {
  std::int64_t latency = 0, model_latency = 0, interval = 0, model_interval = 0;
};

// A network folded by `fold`, with as many streams at its ends as its layers have there.
struct Subject {
  numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble;
  std::function<ir::ValueId(QuantizedNet&)> build;
  std::function<void(hw::Graph&)> fold;
};

// Beside the model.
inline std::filesystem::path write_design(std::filesystem::path model,
                                          const hw::HardwareNetwork& network) {
  hw::Design about;
  about.model_name = model.stem().string();
  about.model_sha256 = *sha256_file(model);
  about.device = "zcu104";
  about.clock_mhz = 200;
  about.coefficients = "none";
  model.replace_extension(".json");
  const Status written = write_file(model, dump_json(hw::to_json(hw::design_of(network, about))));
  EXPECT_TRUE(written) << written.error().text();
  return model;
}

inline std::filesystem::path design_beside(const std::filesystem::path& model,
                                           const std::function<void(hw::Graph&)>& fold) {
  auto graph = api::hardware_graph(model, {}, hw::Rules::Sluice);
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  fold(*graph);
  hw::HardwareNetwork network{.name = "net", .graph = *graph, .partitions = {}};
  hw::Partition& partition = network.partitions.emplace_back();
  partition.graph = *std::move(graph);
  partition.streams_in.clear();
  partition.streams_out.clear();
  for (const hw::NodeId id : partition.graph.input_nodes()) {
    partition.streams_in.push_back(hw::streams_in(partition.graph[id].layer));
  }
  for (const hw::NodeId id : partition.graph.output_nodes()) {
    partition.streams_out.push_back(hw::streams_out(partition.graph[id].layer));
  }
  hw::update(network, hw::Rules::Sluice);
  return write_design(model, network);
}

inline Result<Measured> measured(const ir::Graph& network,
                                 const std::function<void(hw::Graph&)>& fold,
                                 std::int64_t images = 3) {
  const TempFolder folder;
  const auto model = folder.path() / "layer.sluice";
  SL_TRY_STATUS(exporter::write_sluice(network, model));
  api::CosimOptions options{.simulator = cosim::Simulator::Icarus, .stalls = false};
  options.emit.model = model;
  options.emit.design = design_beside(model, fold);
  options.emit.images = images;
  options.emit.output = folder.path() / "emission";
  SL_TRY(const api::CosimReport report, api::cosim(options));
  SL_TRY_STATUS(api::check_equal(report));
  return Measured{
      .latency = report.latency_cycles,
      .model_latency = static_cast<std::int64_t>(report.emission.model_latency_cycles),
      .interval = report.interval_cycles,
      .model_interval = static_cast<std::int64_t>(report.emission.model_interval_cycles)};
}

inline void expect_equal_cycles(const Subject& subject) {
  QuantizedNet net(7, subject.arithmetic);
  const ir::ValueId made = subject.build(net);
  const auto found = measured(net.finish({made}), subject.fold);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->latency, found->model_latency);
  EXPECT_EQ(found->interval, found->model_interval);
}

// Every layer of the graph that can be, folded so.
inline std::function<void(hw::Graph&)> folded(const hw::Folding& by) {
  return [by](hw::Graph& graph) {
    for (hw::NodeId id = 0; id < graph.size(); ++id) graph[id].layer.folding = by;
  };
}

inline numeric::Quantization without_zero_point(numeric::Quantization grid) {
  grid.zero_points = {0};
  return grid;
}

// Each channel moved by a pixel, as a depthwise convolution of which each kernel has a single 1.
inline ir::ValueId shifted_words(QuantizedNet& net, ir::ValueId x, std::int64_t channels) {
  std::vector<std::int8_t> codes(static_cast<std::size_t>(9 * channels), 0);
  constexpr std::array<std::size_t, 5> kTaps{1, 3, 4, 5, 7};
  for (std::size_t c = 0; c < codes.size() / 9; ++c) codes[9 * c + kTaps.at(c % 5)] = 1;
  const ir::ValueId weights = net.constant(Tensor::from({channels, 1, 3, 3}, codes));
  net.graph()[weights].quantization = {DType::Int8, {1.0F}, {0}};
  return net.add_like(ir::Conv{.window = window(3, 3, 1, {1, 1, 1, 1}), .group = channels},
                      {x, weights});
}

}  // namespace sluice::test
