// SPDX-License-Identifier: Apache-2.0
// A layer against the record that fpgaConvNet's model made of one.
#pragma once

#include "tests/conformance/hw/golden.hpp"

#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {

inline std::vector<std::int64_t> shape_of(const FeatureMap& map, bool is_3d) {
  if (is_3d) return {map.rows, map.cols, map.depth, map.channels};
  return {map.rows, map.cols, map.channels};
}

inline void expect_number(const Json& recorded, double found, const char* key) {
  ASSERT_TRUE(recorded.is_number()) << key << ": " << recorded;
  EXPECT_EQ(recorded.get<double>(), found) << key;
}

// Sums over histograms are in another order there: not the last bits.
inline void expect_rate(const Json& recorded, double found) {
  ASSERT_TRUE(recorded.is_number()) << recorded;
  EXPECT_NEAR(recorded.get<double>(), found, 1e-14 * found);
}

inline void expect_resources(const Resources& found, const Json& recorded) {
  const auto expect = [&](const char* key, double value) {
    if (recorded.contains(key)) expect_number(recorded[key], value, key);
  };
  expect("LUT", found.lut);
  expect("FF", found.ff);
  expect("DSP", found.dsp);
  expect("BRAM", found.bram18);
  expect("URAM", found.uram);
}

inline void expect_ports(const Layer& layer, const Json& result) {
  const auto port_of = [](const Json& list, const char* key) { return list.at(key).size(); };
  const auto* join = layer.as<Join>();
  for (std::size_t p = 0; p < port_of(result, "shape_in"); ++p) {
    // fpgaConvNet's takes the word a channel for a map like the other one.
    const std::size_t port = join != nullptr && join->broadcasts ? 0 : p;
    const FeatureMap map = map_in(layer, port);
    EXPECT_EQ(result["shape_in"][p].get<std::vector<std::int64_t>>(), shape_of(map, layer.is_3d));
    expect_number(result["streams_in"][p], real(streams_in(layer)), "streams_in");
    expect_number(result["workload_in"][p], real(map.words()), "workload_in");
    expect_number(result["size_in"][p], real(stream_words_in(layer, port)), "size_in");
  }
  for (std::size_t p = 0; p < port_of(result, "shape_out"); ++p) {
    const FeatureMap map = map_out(layer, p);
    EXPECT_EQ(result["shape_out"][p].get<std::vector<std::int64_t>>(), shape_of(map, layer.is_3d));
    expect_number(result["streams_out"][p], real(streams_out(layer)), "streams_out");
    expect_number(result["workload_out"][p], real(map.words()), "workload_out");
    expect_number(result["size_out"][p], real(stream_words_out(layer, p)), "size_out");
  }
}

inline void expect_timing(const Layer& layer, const Json& result) {
  const LayerTiming timing = timing_of(layer, Rules::FpgaConvNet);
  for (const Json& rate : result["rate_in"]) expect_rate(rate, timing.rate_in);
  for (const Json& rate : result["rate_out"]) expect_rate(rate, timing.rate_out);
  if (result["latency"].is_number()) {
    expect_number(result["latency"], timing.latency_cycles, "latency");
  }
  expect_number(result["pipeline_depth"], real(timing.pipeline_depth), "pipeline_depth");
  expect_number(result["start_depth"], real(start_depth(layer)), "start_depth");
  expect_number(result["operations"], operations_of(layer, Rules::FpgaConvNet), "operations");
  if (result.contains("sparse_operations")) {
    expect_rate(result["sparse_operations"], operations_of(layer, Rules::FpgaConvNet, true));
  }
  const PortRates rates = port_rates(layer, Rules::FpgaConvNet);
  expect_rate(result["memory_bandwidth"]["in"], rates.in);
  expect_rate(result["memory_bandwidth"]["out"], rates.out);
}

inline void expect_values(const Json& result, const char* key,
                          const std::vector<std::int64_t>& found) {
  if (!result.contains(key)) return;
  auto recorded = result[key].get<std::vector<std::int64_t>>();
  std::ranges::sort(recorded);
  EXPECT_EQ(recorded, found) << key;
}

inline void expect_foldings(const Layer& layer, const Json& result) {
  const FoldingValues values = folding_values(layer, Rules::FpgaConvNet);
  expect_values(result, "get_coarse_in_feasible", values.coarse_in);
  expect_values(result, "get_coarse_out_feasible", values.coarse_out);
  expect_values(result, "get_coarse_group_feasible", values.coarse_group);
  expect_values(result, "get_fine_feasible", values.fine);
  expect_values(result, "get_weights_reloading_feasible", reloading_values(layer));
}

inline void expect_weights(const Layer& layer, const Json& result) {
  if (!result.contains("weights")) return;
  const Json& weights = result["weights"];
  const WeightMemory memory = weight_memory(layer);
  expect_number(weights["depth"], memory.depth, "weights depth");
  expect_number(weights["width"], real(memory.width_bits), "weights width");
  expect_number(weights["num"], real(memory.arrays), "weights num");
  expect_number(weights["unit_depth"], real(memory.unit_depth), "unit_depth");
  expect_number(weights["unit_width"], real(memory.unit_width_bits), "unit_width");
  expect_number(weights["ram_usage"], real(memory.blocks_on_chip()), "ram_usage");
  expect_number(weights["stream_unit"], real(memory.blocks_per_unit()), "stream_unit");
  expect_number(weights["stream_step_0.1"], real(memory.blocks_for(0.1)), "stream_step");
  expect_number(weights["off_chip_addr_range"], memory.depth_off_chip(), "off_chip_addr_range");
  expect_number(weights["on_chip_addr_range"], memory.depth_on_chip(), "on_chip_addr_range");
  expect_number(weights["stream_bits"], memory.streamed_bits(), "stream_bits");
  expect_number(weights["stream_cycles"], memory.streamed_cycles(), "stream_cycles");
  expect_number(weights["stream_bw"], memory.streamed_bits_per_cycle(Rules::FpgaConvNet),
                "stream_bw");
  expect_number(weights["stream_buffer"], real(memory.buffer_blocks()), "stream_buffer");
  const ParameterCounts counts = parameters_of(layer, Rules::FpgaConvNet);
  expect_number(result["get_parameters_size"]["weights"], real(counts.weights), "weights");
  expect_number(result["get_parameters_size"]["bias"], real(counts.biases), "bias");
}

inline void expect_modules(const Layer& layer, const Json& result) {
  if (!result.contains("modules")) return;
  const Chain modules = chain_of(layer, Rules::FpgaConvNet);
  EXPECT_EQ(modules.modules().size(), result["modules"].size());
  for (const ChainModule& each : modules.modules()) {
    std::string name(each.name);
    if (name == "activation" || name == "resize" || name == "global_pool" || layer.is_3d) {
      // Named after the function there, and after its dimensions.
      continue;
    }
    ASSERT_TRUE(result["modules"].contains(name)) << name;
    const Json& recorded = result["modules"][name];
    const Timing timing = timing_of(each.module);
    expect_rate(recorded["rate_in"], timing.rate_in);
    expect_rate(recorded["rate_out"], timing.rate_out);
    expect_number(recorded["latency"], timing.latency_cycles, each.name.data());
    expect_number(recorded["pipeline_depth"], real(timing.pipeline_depth), each.name.data());
  }
}

// `counts`: its LUTs and flip-flops are of the linear coefficients.
inline void expect_layer(const Layer& layer, const Json& result, const Coefficients& by,
                         bool counts) {
  expect_ports(layer, result);
  expect_timing(layer, result);
  expect_foldings(layer, result);
  expect_weights(layer, result);
  expect_modules(layer, result);
  if (counts) expect_resources(resources_of(layer, by, Rules::FpgaConvNet), result["rsc"]);
}

}  // namespace sluice::hw
