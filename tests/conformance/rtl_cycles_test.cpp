// SPDX-License-Identifier: Apache-2.0
// The hardware model's cycles are those of the hardware: single layers of every kind, folded in
// several ways, in Icarus without pauses. Both the interval and the latency are to the cycle.
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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
using test::QuantizedNet;
using Integers = std::vector<std::int64_t>;

struct Sizes {
  std::int64_t channels, rows, cols;
  [[nodiscard]] Shape shape() const { return {1, channels, rows, cols}; }
};

ir::Window window(std::int64_t rows, std::int64_t cols, std::int64_t step, const Integers& pads,
                  std::int64_t dilation = 1) {
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
  Arithmetic arithmetic = Arithmetic::TfliteDouble;
  std::function<ir::ValueId(QuantizedNet&)> build;
  std::function<void(hw::Graph&)> fold;
};

std::filesystem::path design_beside(const std::filesystem::path& model,
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
  hw::Design about;
  about.model_name = model.stem().string();
  about.model_sha256 = *sha256_file(model);
  about.device = "zcu104";
  about.clock_mhz = 200;
  about.coefficients = "none";
  auto path = model;
  path.replace_extension(".json");
  const auto written = write_file(path, dump_json(hw::to_json(hw::design_of(network, about))));
  EXPECT_TRUE(written);
  return path;
}

Result<Measured> measured(const ir::Graph& network, const std::function<void(hw::Graph&)>& fold,
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

void expect_equal_cycles(const Subject& subject) {
  QuantizedNet net(7, subject.arithmetic);
  const ir::ValueId made = subject.build(net);
  const auto found = measured(net.finish({made}), subject.fold);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->latency, found->model_latency);
  EXPECT_EQ(found->interval, found->model_interval);
}

// Every layer of the graph that can be, folded so.
std::function<void(hw::Graph&)> folded(const hw::Folding& by) {
  return [by](hw::Graph& graph) {
    for (hw::NodeId id = 0; id < graph.size(); ++id) graph[id].layer.folding = by;
  };
}

numeric::Quantization without_zero_point(numeric::Quantization grid) {
  grid.zero_points = {0};
  return grid;
}

// ---- convolutions

struct ConvCase {
  Sizes in;
  ir::Window window;
  std::int64_t filters, groups;
  std::vector<hw::Folding> foldings;
};

void expect_conv(const ConvCase& of, Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : of.foldings) {
    SCOPED_TRACE(fmt::format("{} in, {} out, {} groups, {} fine", by.coarse_in, by.coarse_out,
                             by.coarse_group, by.fine));
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input(of.in.shape(), without_zero_point(net.grid()));
      const Shape shape{of.filters, of.in.channels / of.groups, of.window.kernel[0],
                        of.window.kernel[1]};
      const ir::ValueId weights = net.codes(shape, {DType::Int8, {0.015625F}, {0}});
      return net.add(
          ir::Conv{.window = of.window, .group = of.groups},
          {x, weights, net.bias({of.filters}, x, weights)},
          without_zero_point(net.grid_after(x, weights, num_elements(shape) / of.filters)));
    };
    expect_equal_cycles({arithmetic, build, folded(by)});
  }
}

const std::vector<hw::Folding> kFoldings{{1, 1, 1, 1}, {2, 4, 1, 1}, {1, 2, 1, 3}, {1, 8, 1, 3},
                                         {1, 2, 1, 9}, {1, 4, 1, 9}, {2, 2, 1, 9}, {4, 8, 1, 9}};

TEST(ConvolutionCycles, OfWindowsWithin) {
  expect_conv({{4, 7, 9}, window(3, 3, 1, {0, 0, 0, 0}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfWindowsThatKeepTheSize) {
  expect_conv({{4, 6, 7}, window(3, 3, 1, {1, 1, 1, 1}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, InAnArithmeticThatShifts) {
  expect_conv({{4, 6, 7}, window(3, 3, 1, {1, 1, 1, 1}), 8, 1, kFoldings},
              Arithmetic::ShiftHalfEven);
}
TEST(ConvolutionCycles, OfStepsOfTwo) {
  expect_conv({{4, 8, 10}, window(3, 3, 2, {0, 0, 1, 1}), 8, 1, kFoldings});
  expect_conv({{4, 8, 10}, window(3, 3, 2, {1, 1, 0, 0}), 8, 1, kFoldings});
  expect_conv({{4, 9, 9}, window(3, 3, 2, {1, 1, 1, 1}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfStepsThatLeaveRowsOut) {
  expect_conv({{4, 10, 9}, window(3, 3, 2, {0, 0, 0, 0}), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfOtherWindows) {
  expect_conv({{2, 9, 8},
               window(5, 5, 1, {2, 2, 2, 2}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 5}, {1, 1, 1, 25}, {2, 2, 1, 25}, {1, 4, 1, 25}}});
  expect_conv({{2, 8, 9},
               window(2, 3, 1, {0, 1, 1, 1}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 2}, {1, 1, 1, 3}, {1, 2, 1, 6}, {2, 4, 1, 6}}});
  expect_conv({{2, 4, 30},
               window(1, 5, 2, {0, 2, 0, 2}),
               4,
               1,
               {{1, 1, 1, 1}, {1, 1, 1, 5}, {1, 4, 1, 5}}});
}
TEST(ConvolutionCycles, OfDilatedWindows) {
  expect_conv({{4, 8, 8}, window(3, 3, 1, {2, 2, 2, 2}, 2), 8, 1, kFoldings});
}
TEST(ConvolutionCycles, OfSingleWords) {
  const std::vector<hw::Folding> foldings{
      {1, 1, 1, 1}, {2, 1, 1, 1}, {4, 8, 1, 1}, {1, 8, 1, 1}, {4, 1, 1, 1}};
  expect_conv({{4, 5, 6}, window(1, 1, 1, {0, 0, 0, 0}), 8, 1, foldings});
  expect_conv({{4, 7, 6}, window(1, 1, 2, {0, 0, 0, 0}), 8, 1, foldings});
}
TEST(ConvolutionCycles, OfEachChannelOnItsOwn) {
  expect_conv(
      {{4, 7, 6},
       window(3, 3, 1, {1, 1, 1, 1}),
       4,
       4,
       {{1, 1, 1, 1}, {1, 1, 1, 3}, {1, 1, 1, 9}, {1, 1, 2, 9}, {1, 1, 4, 9}, {1, 1, 4, 1}}});
  expect_conv({{4, 8, 7},
               window(3, 3, 2, {1, 1, 1, 1}),
               4,
               4,
               {{1, 1, 1, 1}, {1, 1, 1, 9}, {1, 1, 2, 3}, {1, 1, 4, 9}}});
}
TEST(ConvolutionCycles, OfGroups) {
  expect_conv({{4, 6, 6},
               window(3, 3, 1, {1, 1, 1, 1}),
               8,
               2,
               {{1, 1, 1, 1}, {2, 1, 1, 3}, {1, 4, 1, 9}, {2, 2, 1, 9}, {2, 4, 2, 9}}});
}

// ---- poolings

void expect_pool(const Sizes& in, const ir::Window& of, bool is_max) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const std::int64_t streams : {std::int64_t{1}, in.channels / 2, in.channels}) {
    SCOPED_TRACE(streams);
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input(in.shape());
      if (is_max) return net.add_like(ir::MaxPool{.window = of}, {x});
      return net.add_like(ir::AveragePool{.window = of}, {x});
    };
    expect_equal_cycles(
        {.build = build, .fold = folded({.coarse_in = streams, .coarse_out = streams})});
  }
}

TEST(PoolingCycles, OfWindowsBesideOneAnother) {
  for (const bool is_max : {true, false}) {
    expect_pool({4, 8, 6}, window(2, 2, 2, {0, 0, 0, 0}), is_max);
    expect_pool({4, 7, 9}, window(2, 2, 2, {0, 0, 0, 0}), is_max);
    expect_pool({4, 9, 9}, window(3, 3, 3, {0, 0, 0, 0}), is_max);
  }
}
TEST(PoolingCycles, OfWindowsThatOverlap) {
  for (const bool is_max : {true, false}) {
    expect_pool({4, 8, 6}, window(2, 2, 1, {0, 0, 0, 0}), is_max);
    expect_pool({4, 9, 7}, window(3, 3, 2, {0, 0, 0, 0}), is_max);
  }
}
TEST(PoolingCycles, OfPaddedWindows) {
  expect_pool({4, 8, 8}, window(3, 3, 2, {1, 1, 1, 1}), true);
  expect_pool({4, 8, 7}, window(3, 3, 1, {1, 1, 1, 1}), true);
  expect_pool({4, 7, 7}, window(2, 2, 2, {0, 0, 1, 1}), true);
}
TEST(PoolingCycles, OfWholeMaps) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const std::int64_t streams : {1, 2, 4}) {
    SCOPED_TRACE(streams);
    const auto build = [&](QuantizedNet& net) {
      const ir::ValueId x = net.input({1, 4, 5, 6});
      return net.add(ir::ReduceMean{}, {x, net.integers({2, 3})}, net.grid());
    };
    expect_equal_cycles(
        {.build = build, .fold = folded({.coarse_in = streams, .coarse_out = streams})});
  }
}

// ---- inner products

TEST(InnerProductCycles, AreTheModels) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const hw::Folding& by : {hw::Folding{1, 1}, hw::Folding{2, 3}, hw::Folding{8, 1},
                                hw::Folding{1, 6}, hw::Folding{8, 6}}) {
    SCOPED_TRACE(fmt::format("{} in, {} out", by.coarse_in, by.coarse_out));
    const auto build = [](QuantizedNet& net) {
      const ir::ValueId x = net.input({1, 8, 3, 2});
      const ir::ValueId flat = net.add_like(ir::Flatten{}, {x});
      const ir::ValueId weights = net.codes({48, 6}, {DType::Int8, {0.01F}, {0}});
      return net.add(ir::Gemm{}, {flat, weights}, net.grid_after(flat, weights, 48));
    };
    expect_equal_cycles({.build = build, .fold = folded(by)});
  }
}

// ---- words

void expect_all(const std::function<ir::ValueId(QuantizedNet&)>& build,
                const std::vector<std::int64_t>& streams = {1, 2, 4},
                Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const std::int64_t each : streams) {
    SCOPED_TRACE(each);
    expect_equal_cycles({arithmetic, build, folded({.coarse_in = each, .coarse_out = each})});
  }
}

const Sizes kMap{4, 5, 6};

// Layers that only move words of the host's are left to it: a clamp comes before them.
ir::ValueId clamped(QuantizedNet& net, const Sizes& sizes) {
  return net.add_like(ir::Relu{}, {net.input(sizes.shape())});
}

TEST(WordCycles, OfClampsInOneScale) {
  expect_all([](QuantizedNet& net) { return net.add_like(ir::Relu{}, {net.input(kMap.shape())}); });
}
TEST(WordCycles, OfClampsThatChangeTheScale) {
  expect_all([](QuantizedNet& net) {
    return net.add(ir::Relu{}, {net.input(kMap.shape(), net.grid(DType::Int8, 0.05))},
                   net.grid(DType::Int8, 0.03));
  });
}
TEST(WordCycles, OfPadding) {
  expect_all([](QuantizedNet& net) {
    return net.add_like(ir::Pad{}, {clamped(net, kMap), net.integers({0, 0, 1, 0, 0, 0, 2, 1})});
  });
}
TEST(WordCycles, OfUpSampling) {
  for (const bool rows : {true, false}) {
    expect_all([rows](QuantizedNet& net) {
      ir::Resize op;
      op.coordinate_mode = ir::CoordinateMode::Asymmetric;
      op.nearest_mode = ir::NearestMode::Floor;
      const ir::ValueId scales =
          net.constant(Tensor::from<float>({4}, {1, 1, rows ? 2.0F : 1.0F, 3.0F}));
      return net.add_like(op, {net.input(kMap.shape()), ir::kNoValue, scales});
    });
  }
}

ir::ValueId shuffled(QuantizedNet& net, std::int64_t groups) {
  const ir::ValueId x = clamped(net, {8, 4, 3});
  const ir::ValueId grouped =
      net.add_like(ir::Reshape{}, {x, net.integers({1, groups, 8 / groups, 4, 3})});
  const ir::ValueId turned = net.add_like(ir::Transpose{{0, 2, 1, 3, 4}}, {grouped});
  return net.add_like(ir::Reshape{}, {turned, net.integers({1, 8, 4, 3})});
}

TEST(WordCycles, OfShuffles) {
  expect_all([](QuantizedNet& net) { return shuffled(net, 2); }, {1, 2, 4});
  expect_all([](QuantizedNet& net) { return shuffled(net, 4); }, {1, 2});
}

// ---- branches

TEST(BranchCycles, OfSumsWithThemselves) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::ShiftHalfEven}) {
    expect_all(
        [](QuantizedNet& net) {
          const ir::ValueId x = net.input(kMap.shape(), without_zero_point(net.grid()));
          const ir::ValueId y = net.add_like(ir::Relu{}, {x});
          return net.add(ir::Add{}, {x, y}, without_zero_point(net.grid_of(x)));
        },
        {1, 2, 4}, arithmetic);
  }
}
TEST(BranchCycles, OfConcatenations) {
  expect_all([](QuantizedNet& net) {
    const ir::ValueId x = net.input(kMap.shape());
    const ir::ValueId y = net.add_like(ir::Relu{}, {x});
    return net.add_like(ir::Concat{1}, {y, x});
  });
}
TEST(BranchCycles, OfPartsOfChannels) {
  expect_all(
      [](QuantizedNet& net) {
        const ir::ValueId x = clamped(net, {6, 4, 5});
        ir::Graph& graph = net.graph();
        const ir::NodeId node = graph.add_node("parts", ir::Split{1}, {x, net.integers({2, 4})}, 2);
        graph[node].arithmetic = Arithmetic::TfliteDouble;
        const std::vector<ir::ValueId> made = graph[node].outputs;
        for (const ir::ValueId id : made) graph[id].quantization = net.grid_of(x);
        const ir::ValueId y = net.add_like(ir::Relu{}, {made[0]});
        return net.add_like(ir::Concat{1}, {made[1], y});
      },
      {1, 2});
}

// ---- networks

// Where a layer's words come in bursts between those it gets they may be a few cycles late or
// early: the model takes those of a pixel to come evenly.
TEST(NetworkCycles, AreWithinAHundredth) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr int kNetworks = 8;
  int num_simulated = 0;
  Rng rng(3);
  for (std::uint64_t seed = 501; num_simulated < kNetworks && seed < 501 + 3 * kNetworks; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph network =
        test::RandomQuantizedNet(seed, Arithmetic::TfliteSingle).make(rng.integer(2, 5));
    const auto found =
        measured(network, [&](hw::Graph& graph) { test::fold_at_random(graph, rng); });
    if (!found && found.error().code == ErrorCode::Unsupported) continue;
    ASSERT_TRUE(found) << found.error().text();
    ++num_simulated;
    const auto of_latency = static_cast<double>(found->model_latency);
    EXPECT_NEAR(static_cast<double>(found->latency), of_latency, std::max(0.01 * of_latency, 2.0));
    EXPECT_EQ(found->interval, found->model_interval);
  }
  EXPECT_EQ(num_simulated, kNetworks);
}

}  // namespace
}  // namespace sluice
