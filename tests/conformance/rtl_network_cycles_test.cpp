// SPDX-License-Identifier: Apache-2.0
// Whole networks: the interval is the hardware's to the cycle, the latency within a hundredth.
#include "tests/conformance/rtl_cycles.hpp"
#include "tests/support/random_folding.hpp"
#include "tests/support/random_quantized_net.hpp"

namespace sluice {
namespace {

using numeric::Arithmetic;
using test::folded;
using test::Integers;
using test::measured;
using test::QuantizedNet;
using test::shifted_words;
using test::window;

ir::ValueId convolved(QuantizedNet& net, ir::ValueId x, std::int64_t channels, std::int64_t filters,
                      std::int64_t kernel) {
  const ir::ValueId weights =
      net.weights_per_channel({filters, channels, kernel, kernel}, DType::Int8, 0, false);
  const std::int64_t pad = kernel / 2;
  const ir::ValueId sums =
      net.add(ir::Conv{.window = window(kernel, kernel, 1, {pad, pad, pad, pad})}, {x, weights},
              net.grid_after(x, weights, channels * kernel * kernel));
  return net.add_like(ir::Relu{}, {sums});
}

std::vector<ir::ValueId> parts_of(QuantizedNet& net, ir::ValueId x, const Integers& channels) {
  ir::Graph& graph = net.graph();
  const ir::NodeId node = graph.add_node("parts" + std::to_string(graph.nodes.size()), ir::Split{1},
                                         {x, net.integers(channels)}, 2);
  graph[node].arithmetic = Arithmetic::TfliteDouble;
  const std::vector<ir::ValueId> made = graph[node].outputs;
  for (const ir::ValueId id : made) graph[id].quantization = net.grid_of(x);
  return made;
}

void expect_near_cycles(const std::function<ir::ValueId(QuantizedNet&)>& build,
                        const std::function<void(hw::Graph&)>& fold) {
  QuantizedNet net(7);
  const ir::ValueId made = build(net);
  const auto found = measured(net.finish({made}), fold);
  ASSERT_TRUE(found) << found.error().text();
  const auto of_latency = static_cast<double>(found->model_latency);
  EXPECT_NEAR(static_cast<double>(found->latency), of_latency, std::max(0.01 * of_latency, 2.0));
  EXPECT_EQ(found->interval, found->model_interval);
}

// As DiracDeltaNet has them: half of the channels are convolved and shifted, then all are put
// behind one another and turned, so that one layer reads two parts of another in the other order.
TEST(NetworkCycles, OfBlocksThatTurnTheirChannelsAreWithinAHundredth) {
  SL_NEEDS_RTL_SIMULATORS();
  const auto build = [](QuantizedNet& net) {
    ir::ValueId x = convolved(net, net.input({1, 3, 10, 10}), 3, 10, 1);
    for (int block = 0; block < 2; ++block) {
      const std::vector<ir::ValueId> halves = parts_of(net, x, {5, 5});
      const ir::ValueId inner = convolved(net, halves[1], 5, 10, 1);
      const ir::ValueId moved = shifted_words(net, inner, 10);
      const ir::ValueId outer = convolved(net, moved, 10, 5, 1);
      const ir::ValueId same = net.add(ir::Relu{}, {outer}, net.grid_of(x));
      const ir::ValueId all = net.add_like(ir::Concat{1}, {halves[0], same});
      const std::vector<ir::ValueId> turned = parts_of(net, all, {7, 3});
      x = net.add_like(ir::Concat{1}, {turned[1], turned[0]});
    }
    return convolved(net, x, 10, 4, 1);
  };
  expect_near_cycles(build, folded({1, 1, 1, 1}));
}

// Down by maxima, up by transposed convolutions, each joined with the map of its size.
TEST(NetworkCycles, OfUNetsAreWithinAHundredth) {
  SL_NEEDS_RTL_SIMULATORS();
  const auto build = [](QuantizedNet& net) {
    const ir::MaxPool half{.window = window(2, 2, 2, {0, 0, 0, 0})};
    const ir::ValueId large = convolved(net, net.input({1, 2, 16, 16}), 2, 4, 3);
    const ir::ValueId small = convolved(net, net.add_like(half, {large}), 4, 8, 3);
    const ir::ValueId inner = convolved(net, net.add_like(half, {small}), 8, 16, 3);
    const auto up = [&](ir::ValueId x, std::int64_t channels, ir::ValueId beside) {
      const ir::ValueId weights =
          net.weights_per_channel({channels, channels / 2, 2, 2}, DType::Int8, 1, false);
      const ir::ValueId spread = net.add(ir::ConvTranspose{.window = window(2, 2, 2, {0, 0, 0, 0})},
                                         {x, weights}, net.grid_after(x, weights, channels));
      const ir::ValueId same = net.add(ir::Relu{}, {spread}, net.grid_of(beside));
      return convolved(net, net.add_like(ir::Concat{1}, {same, beside}), channels, channels / 2, 3);
    };
    const ir::ValueId middle = up(inner, 16, small);
    return net.add(ir::Sigmoid{}, {up(middle, 8, large)}, net.grid(DType::Int8, 1.0 / 128));
  };
  const auto fold = [](hw::Graph& graph) {
    for (hw::NodeId id = 0; id < graph.size(); ++id) {
      hw::Layer& layer = graph[id].layer;
      const auto* conv = layer.as<hw::Convolution>();
      if (conv == nullptr) continue;
      layer.folding = {.coarse_in = 2, .coarse_out = 4, .fine = conv->kernel.size()};
    }
  };
  expect_near_cycles(build, fold);
}

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
