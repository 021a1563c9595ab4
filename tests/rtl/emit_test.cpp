// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/emit.hpp"

#include <algorithm>
#include <array>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <map>
#include <set>

#include "tests/rtl/mapped.hpp"
#include "tests/support/random_quantized_net.hpp"

#include "sluice/hw/library/built.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::instance_of;
using test::instances_of;
using test::number;
using testing::HasSubstr;

// How often each stream is made and read, its ends among them.
void expect_one_writer_and_one_reader(const Netlist& netlist) {
  std::vector<int> writers(netlist.streams.size(), 0);
  std::vector<int> readers(netlist.streams.size(), 0);
  for (const Carried& input : netlist.inputs) ++writers[input.stream];
  for (const Carried& output : netlist.outputs) ++readers[output.stream];
  for (const Block& block : netlist.blocks) {
    for (const Instance& instance : block.instances) {
      for (const Connection& port : instance.inputs) {
        for (const StreamId id : port.streams) ++readers[id];
      }
      for (const Connection& port : instance.outputs) {
        for (const StreamId id : port.streams) ++writers[id];
      }
    }
  }
  for (StreamId id = 0; id < netlist.streams.size(); ++id) {
    EXPECT_EQ(writers[id], 1) << netlist.streams[id].name;
    EXPECT_EQ(readers[id], 1) << netlist.streams[id].name;
  }
}

void expect_unique_names(const Netlist& netlist) {
  std::set<std::string> streams, instances, memories;
  for (const Stream& each : netlist.streams) {
    EXPECT_TRUE(streams.insert(each.name).second) << each.name;
  }
  for (const Block& block : netlist.blocks) {
    for (const Instance& each : block.instances) {
      EXPECT_TRUE(instances.insert(each.name).second) << each.name;
    }
  }
  for (const MemoryFile& each : netlist.memories) {
    EXPECT_TRUE(memories.insert(each.name).second) << each.name;
  }
}

// What is not known before the scales are, or is fitted to them: sums of means may begin with a
// constant, and be wider for it.
bool depends_on_scales(std::string_view module) {
  constexpr std::array<std::string_view, 6> kFitted{
      "sl_requantize", "sl_shift_round", "sl_add", "sl_mul", "sl_frame_sum", "sl_reduce_sum"};
  return std::ranges::find(kFitted, module) != kFitted.end();
}

hw::library::Module modelled(const Instance& instance) {
  std::map<std::string, std::int64_t> parameters;
  for (const Parameter& each : instance.parameters) {
    const bool is_flag = each.value.starts_with("1'b");
    const bool is_number = each.value.find_first_not_of("-0123456789") == std::string::npos;
    if (is_flag) parameters[each.name] = each.value == "1'b1" ? 1 : 0;
    if (is_number) parameters[each.name] = std::stoll(each.value);
  }
  const auto module = hw::library::module_of(instance.module, parameters);
  EXPECT_TRUE(module) << module.error().text();
  return module ? *module : hw::library::Module();
}

// A module's name, and all that its resources depend on.
std::string cost_text(const hw::library::Module& module) {
  const std::string_view name = hw::library::name_of(module);
  if (depends_on_scales(name)) return std::string(name);
  const hw::library::Cost cost = hw::library::cost_of(module);
  return fmt::format("{}: LUT {}, FF {}, DSP {}, BRAM {}", name, fmt::join(cost.lut.values(), " "),
                     fmt::join(cost.ff.values(), " "), cost.dsp, cost.bram18);
}

// The hardware model counts the modules that are emitted.
void expect_modelled(const Netlist& netlist, const hw::Graph& hardware) {
  for (const hw::Node& node : hardware.nodes()) {
    SCOPED_TRACE(node.name);
    std::vector<std::string> emitted, counted;
    for (const Block& block : netlist.blocks) {
      if (block.layer != node.name) continue;
      for (const Instance& each : block.instances) emitted.push_back(cost_text(modelled(each)));
    }
    const auto built = hw::library::built_of(node.layer);
    ASSERT_TRUE(built);
    for (const hw::library::Module& each : built->modules()) counted.push_back(cost_text(each));
    EXPECT_THAT(counted, testing::UnorderedElementsAreArray(emitted));
  }
}

class EmitRandomNetworks : public testing::TestWithParam<Arithmetic> {};

TEST_P(EmitRandomNetworks, GivesTheCodesOfTheExactEngine) {
  Rng rng(1);
  int num_refused = 0;
  constexpr int kNetworks = 40;
  for (int i = 0; i < kNetworks && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const ir::Graph network =
        sluice::test::RandomQuantizedNet(static_cast<std::uint64_t>(i), GetParam())
            .make(rng.integer(1, 5));
    const hw::Graph hardware =
        test::mapped(network, [&](hw::Graph& graph) { sluice::test::fold_at_random(graph, rng); });
    const auto netlist = emit_netlist(network, hardware, "net", exact::code_function);
    if (!netlist) {
      EXPECT_EQ(netlist.error().code, ErrorCode::Unsupported) << netlist.error().text();
      ++num_refused;
      continue;
    }
    expect_one_writer_and_one_reader(*netlist);
    expect_unique_names(*netlist);
    expect_modelled(*netlist, hardware);
    expect_exact(network, *netlist, static_cast<std::uint64_t>(i));
  }
  // Ties to even, and means of numbers that are rounded first, are on no line.
  EXPECT_LE(num_refused, GetParam() == Arithmetic::OnnxRuntime ? kNetworks * 3 / 4 : kNetworks / 5);
}

INSTANTIATE_TEST_SUITE_P(Emit, EmitRandomNetworks,
                         testing::Values(Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                         Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven,
                                         Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

void expect_modelled(const ir::Graph& network, const test::Fold& fold = {}) {
  const hw::Graph hardware = test::mapped(network, fold);
  const auto netlist = emit_netlist(network, hardware, "net", exact::code_function);
  ASSERT_TRUE(netlist) << netlist.error().text();
  expect_modelled(*netlist, hardware);
}

TEST(EmitNetlist, TheModelCountsTransposedConvolutions) {
  for (const hw::Folding& by : {hw::Folding{1, 1, 1, 1}, hw::Folding{2, 3, 1, 2},
                                hw::Folding{1, 6, 1, 4}, hw::Folding{4, 2, 1, 4}}) {
    QuantizedNet net(1);
    const ir::ValueId x = net.input({1, 4, 5, 7});
    const ir::ValueId weights = net.weights_per_channel({4, 6, 2, 2}, DType::Int8, 1, false);
    ir::ConvTranspose twice;
    twice.window.strides = {2, 2};
    expect_modelled(net.finish({net.add(twice, {x, weights}, net.grid_after(x, weights, 16))}),
                    test::fold_products(by));
  }
}

TEST(EmitNetlist, TheModelCountsProductsAndFunctions) {
  for (const std::int64_t streams : {1, 2, 4}) {
    QuantizedNet net(1);
    const ir::ValueId x = net.input({1, 4, 5, 6});
    const ir::ValueId map = net.add_like(ir::Relu{}, {x});
    const ir::ValueId mean = net.add_like(ir::ReduceMean{}, {map, net.integers({2, 3})});
    const ir::ValueId gate = net.add(ir::Sigmoid{}, {mean}, net.grid(DType::Int8, 1.0 / 128));
    expect_modelled(net.finish({net.add(ir::Mul{}, {map, gate}, net.grid())}),
                    test::fold_all(streams));
  }
}

TEST(EmitNetlist, TheModelCountsChangesOfTheScale) {
  for (const std::int64_t streams : {1, 4}) {
    QuantizedNet net(2, Arithmetic::OnnxRuntime);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::ValueId a = net.add_like(ir::Relu{}, {x});
    const ir::MaxPool around{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}};
    const ir::ValueId b = net.add(around, {x}, net.grid());
    const ir::ValueId both = net.add(ir::Concat{1}, {a, b}, net.grid());
    expect_modelled(net.finish({net.add(ir::GlobalMaxPool{}, {both}, net.grid())}),
                    test::fold_all(streams));
  }
}

TEST(EmitNetlist, TheModelCountsThresholds) {
  QuantizedNet net(1, Arithmetic::OnnxRuntime);
  const ir::ValueId x = net.input({1, 2048}, {DType::Int8, {0.05F}, {-128}});
  const ir::ValueId weights = net.weights_per_channel({2048, 4}, DType::Int8, 1, false);
  const float step = net.grid_of(x).scales[0] * net.grid_of(weights).scales[0];
  expect_modelled(net.finish({net.add(ir::MatMul{}, {x, weights},
                                      numeric::Quantization{DType::Int8, {step * 77'777}, {3}})}),
                  test::fold_products({.coarse_in = 4, .coarse_out = 2}));
}

// Two layers read the input, whose codes meet again behind them.
ir::Graph residual(bool input_comes_first) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::ValueId weights = net.weights_per_channel({4, 4, 3, 3}, DType::Int8, 0, false);
  const ir::ValueId y = net.add(ir::Conv{.window = {.pads = {1, 1, 1, 1}}}, {x, weights},
                                net.grid_after(x, weights, 36));
  const std::vector<ir::ValueId> inputs = input_comes_first ? std::vector{x, y} : std::vector{y, x};
  return net.finish({net.add(ir::Add{}, inputs, net.grid())});
}

TEST(EmitNetlist, AForkCopiesWhatSeveralLayersRead) {
  const Netlist netlist = expect_exact(residual(false));
  const Instance fork = instance_of(netlist, "sl_fork");
  EXPECT_EQ(number(fork, "Outputs"), 2);
  EXPECT_EQ(netlist.inputs.size(), 1U);
}

// The input waits for the rows of the convolution's windows, as long as the partition says.
TEST(EmitNetlist, WordsWaitBeforeAJoin) {
  const ir::Graph network = residual(true);
  const hw::Graph hardware = test::mapped(network);
  const auto netlist = emit_netlist(network, hardware, "net", exact::code_function);
  ASSERT_TRUE(netlist) << netlist.error().text();
  std::int64_t deepest = 0;
  for (const hw::Port& port : hardware[*hardware.find("Add")].layer.inputs) {
    deepest = std::max(deepest, port.buffer_depth);
  }
  EXPECT_GT(deepest, 2);
  const StreamId x = instance_of(*netlist, "sl_add").inputs[0].streams[0];
  const std::vector<Instance> fifos = instances_of(*netlist, "sl_fifo");
  const auto before = std::ranges::find_if(
      fifos, [&](const Instance& fifo) { return fifo.outputs[0].streams[0] == x; });
  ASSERT_NE(before, fifos.end());
  EXPECT_EQ(number(*before, "Depth"), deepest);
  EXPECT_EQ(number(*before, "Width"), 8);
}

// The host's tensor is another input of the join than the first, behind copies and regroupings.
TEST(EmitNetlist, TheHostGivesTheInputThatNoLayerMakes) {
  for (const bool input_comes_first : {false, true}) {
    for (const std::int64_t streams : {1, 2, 4}) {
      const ir::Graph network = residual(input_comes_first);
      const Netlist netlist = expect_exact(network, test::fold_all(streams));
      ASSERT_EQ(netlist.inputs.size(), 1U);
      EXPECT_EQ(netlist.inputs[0].tensor, network[network.inputs[0].value].name);
      expect_one_writer_and_one_reader(netlist);
    }
  }
}

TEST(EmitNetlist, InputsThatOnlyAJoinReadsAreItsPorts) {
  for (const bool is_second : {false, true}) {
    for (const std::int64_t streams : {1, 2}) {
      QuantizedNet net(1);
      const ir::ValueId x = net.input({1, 4, 6, 6});
      const ir::ValueId z = net.input({1, 4, 6, 6});
      const ir::ValueId y = net.add_like(ir::Relu{}, {x});
      const std::vector<ir::ValueId> inputs = is_second ? std::vector{y, z} : std::vector{z, y};
      const ir::Graph network = net.finish({net.add(ir::Add{}, inputs, net.grid())});
      const Netlist netlist = expect_exact(network, [&](hw::Graph& graph) {
        hw::Layer& join = graph[*graph.find("Add")].layer;
        join.folding.coarse_in = join.folding.coarse_out = streams;
      });
      EXPECT_EQ(netlist.inputs.size(), 2U);
      expect_one_writer_and_one_reader(netlist);
    }
  }
}

TEST(EmitNetlist, StreamsAreRegroupedWhereFoldingsDiffer) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 6, 4, 4});
  const ir::ValueId y = net.add_like(ir::Relu{}, {x});
  const ir::Graph network = net.finish({net.add(ir::Relu{}, {y}, net.grid())});
  const Netlist netlist = expect_exact(network, [](hw::Graph& graph) {
    graph[0].layer.folding = {.coarse_in = 3, .coarse_out = 3};
    graph[1].layer.folding = {.coarse_in = 2, .coarse_out = 2};
  });
  const std::vector<Instance> found = instances_of(netlist, "sl_regroup");
  ASSERT_EQ(found.size(), 3U);  // and those at the ends, which are of one stream
  EXPECT_EQ(number(found[1], "LanesIn"), 3);
  EXPECT_EQ(number(found[1], "LanesOut"), 2);
  EXPECT_EQ(number(found[1], "Beats"), 2);
  EXPECT_EQ(netlist.streams[netlist.inputs[0].stream].lanes, 1);
  EXPECT_EQ(netlist.streams[netlist.outputs[0].stream].lanes, 1);
}

TEST(EmitNetlist, AnOutputThatIsReadFurtherIsBoth) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 4, 4});
  const ir::ValueId y = net.add_like(ir::Relu{}, {x});
  const ir::ValueId z = net.add(ir::Relu{}, {y}, net.grid());
  const Netlist netlist = expect_exact(net.finish({y, z}));
  EXPECT_EQ(netlist.outputs.size(), 2U);
  expect_one_writer_and_one_reader(netlist);
}

TEST(EmitNetlist, TapsAreWhatEachLayerMakes) {
  const ir::Graph network = residual(false);
  const Netlist netlist = test::emitted(network);
  ASSERT_EQ(netlist.taps.size(), 2U);
  EXPECT_EQ(netlist.taps[0].layer, "Conv");
  EXPECT_EQ(netlist.taps[1].tensor, network[network.outputs[0]].name);
  EXPECT_EQ(netlist.name, "net");
}

TEST(EmitNetlist, BlocksSayTheirShapesAndFolding) {
  const Netlist netlist = test::emitted(residual(false), test::fold_all(2));
  const auto conv = std::ranges::find(netlist.blocks, "Conv", &Block::layer);
  ASSERT_NE(conv, netlist.blocks.end());
  EXPECT_EQ(conv->comment, "6x6x4 to 6x6x4, folding 2 in, 2 out, 1 groups, 1 fine");
}

TEST(EmitNetlist, RefusesALayerWithoutAModuleByItsName) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 4, 4});
  const ir::Graph network = net.finish(
      {net.add_like(ir::AveragePool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}, {x})});
  EXPECT_THAT(test::refusal_of(network), HasSubstr("AveragePool: is a mean with padding"));
}

TEST(EmitNetlist, RefusesRealNumbers) {
  ir::Graph network;
  const ir::ValueId x = network.add_input("x", DType::Float32, {1, 2, 3, 3});
  network.outputs = network[network.add_node("relu", ir::Relu{}, {x})].outputs;
  ASSERT_TRUE(
      ir::infer_types(network, std::vector<Shape>{{1, 2, 3, 3}}, runtime::reference::evaluate));
  EXPECT_THAT(test::refusal_of(network), HasSubstr("has real numbers; quantize the network first"));
}

}  // namespace
}  // namespace sluice::rtl
