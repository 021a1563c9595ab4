// SPDX-License-Identifier: Apache-2.0
// Random networks, U-Nets and what weighs channels, folded at random, in Icarus: every word of
// every stream is the exact engine's, with pauses. emit_test.cpp has many more of the first in a
// model of the modules.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/conformance/rtl_cycles.hpp"
#include "tests/support/quantized_net.hpp"
#include "tests/support/random_folding.hpp"
#include "tests/support/random_quantized_net.hpp"
#include "tests/support/rtl_bench.hpp"

#include "sluice/api/cosim.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/export/sluice.hpp"
#include "sluice/hw/design.hpp"

namespace sluice {
namespace {

using numeric::Arithmetic;

// The design of a network's file, folded so.
std::filesystem::path random_design(const std::filesystem::path& model, Rng& rng) {
  auto graph = api::hardware_graph(model, {}, hw::Rules::Sluice);
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  test::fold_at_random(*graph, rng);
  return test::write_design(model,
                            api::whole_network("net", *std::move(graph), 1, hw::Rules::Sluice));
}

// Two images through the network's hardware, folded at random. Unsupported where it has none.
Result<api::CosimReport> simulated(const ir::Graph& network, std::uint32_t seed, Rng& rng) {
  const TempFolder folder;
  const auto model = folder.path() / "network.sluice";
  EXPECT_TRUE(exporter::write_sluice(network, model));
  api::CosimOptions options{.simulator = cosim::Simulator::Icarus};
  options.emit.model = model;
  options.emit.design = random_design(model, rng);
  options.emit.images = 2;
  options.emit.seed = seed;
  options.emit.output = folder.path() / "emission";
  auto report = api::cosim(options);
  if (!report) return report;
  const Status equal = api::check_equal(*report);
  EXPECT_TRUE(equal) << equal.error().text() << '\n' << api::to_text(*report);
  return report;
}

class RandomNetworks : public testing::TestWithParam<Arithmetic> {};

TEST_P(RandomNetworks, GiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  std::int64_t words = 0;
  int num_equal = 0;
  const int networks = test::simulate_in_full() ? 200 : 5;
  for (int i = 0; num_equal < networks && i < 4 * networks; ++i) {
    const auto seed = static_cast<std::uint32_t>(100 + i);
    SCOPED_TRACE(seed);
    const auto report =
        simulated(test::RandomQuantizedNet(seed, GetParam()).make(rng.integer(2, 5)), seed, rng);
    if (!report && report.error().code == ErrorCode::Unsupported) continue;
    ASSERT_TRUE(report) << report.error().text();
    if (HasFailure()) return;
    for (const api::CosimStream& each : report->streams) words += each.words;
    ++num_equal;
  }
  EXPECT_EQ(num_equal, networks);
  EXPECT_GT(words, 5000);
}

INSTANTIATE_TEST_SUITE_P(Rtl, RandomNetworks,
                         testing::Values(Arithmetic::TfliteSingle, Arithmetic::OnnxRuntime,
                                         Arithmetic::ShiftHalfEven, Arithmetic::ShiftFloor),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// A convolution of 3 x 3 with its ReLU.
ir::ValueId stage(test::QuantizedNet& net, ir::ValueId x, std::int64_t channels,
                  std::int64_t filters) {
  const ir::ValueId weights =
      net.weights_per_channel({filters, channels, 3, 3}, DType::Int8, 0, false);
  const ir::ValueId bias = net.bias({filters}, x, weights, 2000);
  ir::Conv op;
  op.window.pads = {1, 1, 1, 1};
  const ir::ValueId sums =
      net.add(op, {x, weights, bias}, net.grid_after(x, weights, 9 * channels));
  return net.add_like(ir::Relu{}, {sums});
}

// Maps of 8 x 8, 4 x 4 and 2 x 2: down by maxima, up by repetition and by a transposed convolution,
// each joined with the map of its size; a sigmoid at the end.
ir::Graph u_net(Arithmetic arithmetic, std::uint64_t seed) {
  test::QuantizedNet net(seed, arithmetic);
  const ir::MaxPool half{.window = {.kernel = {2, 2}, .strides = {2, 2}}};
  const ir::ValueId x = net.input({1, 2, 8, 8});
  const ir::ValueId large = stage(net, x, 2, 4);
  const ir::ValueId middle = stage(net, net.add_like(half, {large}), 4, 6);
  const ir::ValueId small = stage(net, net.add_like(half, {middle}), 6, 8);

  ir::Resize repeat;
  repeat.coordinate_mode = ir::CoordinateMode::Asymmetric;
  repeat.nearest_mode = ir::NearestMode::Floor;
  const ir::ValueId scales = net.constant(Tensor::from<float>({4}, {1, 1, 2, 2}));
  const ir::ValueId repeated = net.add_like(repeat, {small, ir::kNoValue, scales});
  // Joined codes have one grid.
  const ir::ValueId skipped = net.add(ir::Relu{}, {middle}, net.grid_of(small));
  const ir::ValueId up = stage(net, net.add_like(ir::Concat{1}, {repeated, skipped}), 14, 6);

  const ir::ValueId weights = net.weights_per_channel({6, 4, 2, 2}, DType::Int8, 1, false);
  ir::ConvTranspose twice;
  twice.window.strides = {2, 2};
  const ir::ValueId spread = net.add(twice, {up, weights}, net.grid_after(up, weights, 6));
  const ir::ValueId raised = net.add(ir::Relu{}, {spread}, net.grid_of(large));
  const ir::ValueId last = stage(net, net.add_like(ir::Concat{1}, {large, raised}), 8, 3);
  return net.finish({net.add(ir::Sigmoid{}, {last}, net.grid(DType::Int8, 1.0 / 128))});
}

// A map times a gate that its means make, plus a word a channel.
ir::Graph weighed_channels(Arithmetic arithmetic, std::uint64_t seed) {
  test::QuantizedNet net(seed, arithmetic);
  const ir::ValueId x = net.input({1, 2, 6, 6});
  const ir::ValueId map = stage(net, x, 2, 4);
  const ir::ValueId mean = net.add_like(ir::ReduceMean{}, {map, net.integers({2, 3})});
  const ir::ValueId weights = net.weights_per_channel({4, 4, 1, 1}, DType::Int8, 0, false);
  const ir::ValueId sums = net.add(ir::Conv{}, {mean, weights}, net.grid_after(mean, weights, 4));
  const ir::ValueId gate = net.add(ir::Sigmoid{}, {sums}, net.grid(DType::Int8, 1.0 / 128));
  const ir::ValueId weighed = net.add(ir::Mul{}, {map, gate}, net.grid());
  return net.finish({net.add(ir::Add{}, {weighed, gate}, net.grid())});
}

// Sums that float32 rounds, which are compared with thresholds.
TEST(RtlNetworks, SumsOfNoLineGiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(5);
  test::QuantizedNet net(1, Arithmetic::OnnxRuntime);
  const ir::ValueId x = net.input({1, 2048}, {DType::Int8, {0.05F}, {-128}});
  const ir::ValueId weights = net.weights_per_channel({2048, 4}, DType::Int8, 1, false);
  const float step = net.grid_of(x).scales[0] * net.grid_of(weights).scales[0];
  const auto report =
      simulated(net.finish({net.add(ir::MatMul{}, {x, weights},
                                    numeric::Quantization{DType::Int8, {step * 77'777}, {3}})}),
                1, rng);
  ASSERT_TRUE(report) << report.error().text();
}

// A concatenation and maxima whose outputs have scales of their own.
TEST(RtlNetworks, ScalesThatChangeWhereCodesMoveGiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(6);
  for (const Arithmetic arithmetic : {Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
    test::QuantizedNet net(2, arithmetic);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::ValueId a = net.add_like(ir::Relu{}, {x});
    const ir::MaxPool around{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}};
    const ir::ValueId b = net.add(around, {x}, net.grid());
    const ir::ValueId both = net.add(ir::Concat{1}, {a, b}, net.grid());
    const auto report =
        simulated(net.finish({net.add(ir::GlobalMaxPool{}, {both}, net.grid())}), 1, rng);
    ASSERT_TRUE(report) << report.error().text();
  }
}

class Shapes : public testing::TestWithParam<Arithmetic> {};

TEST_P(Shapes, UNetsGiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(3);
  for (std::uint32_t seed = 1; seed < 4; ++seed) {
    SCOPED_TRACE(seed);
    const auto report = simulated(u_net(GetParam(), seed), seed, rng);
    ASSERT_TRUE(report) << report.error().text();
  }
}

TEST_P(Shapes, ChannelsThatAreWeighedGiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(4);
  for (std::uint32_t seed = 1; seed < 4; ++seed) {
    SCOPED_TRACE(seed);
    const auto report = simulated(weighed_channels(GetParam(), seed), seed, rng);
    ASSERT_TRUE(report) << report.error().text();
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, Shapes,
                         testing::Values(Arithmetic::TfliteDouble, Arithmetic::ShiftHalfEven),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace sluice
