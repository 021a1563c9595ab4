// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/builder.hpp"

#include <cmath>
#include <numeric>

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

// A network that ends in a classifier behind what `make` makes of an input.
template <class Make>
Network network_of(std::int64_t channels, std::int64_t size, const Make& make) {
  Builder builder("net", {});
  const Map input = builder.input(channels, size);
  const Map end = make(builder, input);
  auto network = builder.classify("linear", end, 2, Init::Uniform);
  EXPECT_TRUE(network) << network.error().text();
  return network ? *std::move(network) : Network();
}

Tensor counting_image(std::int64_t channels, std::int64_t size) {
  Tensor tensor(DType::Float32, {1, channels, size, size});
  const auto values = tensor.mutable_data<float>();
  std::iota(values.begin(), values.end(), 1.0F);
  return tensor;
}

TEST(Builder, NodesAndWeightsHaveTheNamesOfModules) {
  const Network network = network_of(3, 4, [](Builder& b, const Map& x) {
    return b.relu("relu1", b.batch_norm("bn1", b.conv("conv1", x, {.channels = 5, .kernel = 3})));
  });
  std::vector<std::string> names;
  for (const Parameter& parameter : network.parameters) {
    names.push_back(parameter.name);
    EXPECT_EQ(network.graph[parameter.value].name, parameter.name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean",
                                      "bn1.running_var", "linear.weight", "linear.bias"}));
  EXPECT_EQ(network.graph.nodes[0].name, "conv1");
  EXPECT_EQ(network.graph.inputs[0].declared_shape, (Shape{ir::kOpenDim, 3, 4, 4}));
}

TEST(Builder, ConvolutionsKeepSizesUnlessTheyHaveAStride) {
  const Network network = network_of(2, 9, [](Builder& b, const Map& x) {
    const Map same = b.conv("same", x, {.channels = 4, .kernel = 3});
    EXPECT_EQ(same.height, 9);
    const Map half = b.conv("half", same, {.channels = 4, .kernel = 3, .stride = 2, .groups = 2});
    EXPECT_EQ(half.width, 5);
    return half;
  });
  EXPECT_EQ(find_parameter(network, "same.weight")->macs, 81 * 4 * 2 * 9);
  EXPECT_EQ(find_parameter(network, "half.weight")->macs, 25 * 4 * 2 * 9);
  EXPECT_EQ(value_of(network, "half", counting_image(2, 9)).shape(), (Shape{1, 4, 5, 5}));
}

TEST(Builder, AShiftMovesEachChannelByItsIndexModuloFive) {
  const Network network =
      network_of(6, 3, [](Builder& b, const Map& x) { return b.shift("shift", x); });
  const Tensor x = counting_image(6, 3);
  const Tensor y = value_of(network, "shift", x);
  const auto at = [](const Tensor& t, std::int64_t c, std::int64_t row, std::int64_t column) {
    const bool inside = row >= 0 && row < 3 && column >= 0 && column < 3;
    return inside ? t.data<float>()[static_cast<std::size_t>((c * 3 + row) * 3 + column)] : 0.0F;
  };
  // Where channel c reads, from the specification.
  const std::array<std::pair<int, int>, 5> reads{{{-1, 0}, {0, -1}, {0, 0}, {0, 1}, {1, 0}}};
  for (std::int64_t c = 0; c < 6; ++c) {
    const auto [down, right] = reads[static_cast<std::size_t>(c % 5)];
    for (std::int64_t row = 0; row < 3; ++row) {
      for (std::int64_t column = 0; column < 3; ++column) {
        EXPECT_EQ(at(y, c, row, column), at(x, c, row + down, column + right)) << c;
      }
    }
  }
  EXPECT_EQ(find_parameter(network, "shift.kernel")->kind, ParameterKind::Frozen);
  EXPECT_EQ(find_parameter(network, "shift.kernel")->macs, 0);
}

TEST(Builder, AShuffleInterleavesItsGroups) {
  const Network network =
      network_of(6, 1, [](Builder& b, const Map& x) { return b.shuffle("shuffle", x, 2); });
  EXPECT_EQ(value_of(network, "shuffle", counting_image(6, 1)),
            Tensor::from<float>({1, 6, 1, 1}, {1, 4, 2, 5, 3, 6}));
}

TEST(Builder, ARotationPutsTheLastChannelsFirst) {
  const Network network =
      network_of(5, 1, [](Builder& b, const Map& x) { return b.rotate("rotate", x, 2); });
  EXPECT_EQ(value_of(network, "rotate", counting_image(5, 1)),
            Tensor::from<float>({1, 5, 1, 1}, {4, 5, 1, 2, 3}));
}

TEST(Builder, HalvingDropsEverySecondRowAndColumnAndPadsChannels) {
  const Network network =
      network_of(1, 3, [](Builder& b, const Map& x) { return b.halve_and_pad("short", x, 1, 2); });
  EXPECT_EQ(value_of(network, "short", counting_image(1, 3)),
            Tensor::from<float>({1, 4, 2, 2}, {0, 0, 0, 0, 1, 3, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Builder, AScaledClipStretchesWhatItKeepsToItsRange) {
  const Network network = network_of(1, 2, [](Builder& b, const Map& x) {
    return b.scaled_clip("act", x, b.clip_parameter("act", 2, 6));
  });
  EXPECT_EQ(value_of(network, "act.scaled", Tensor::from<float>({1, 1, 2, 2}, {-1, 0.5F, 2, 9})),
            Tensor::from<float>({1, 1, 2, 2}, {0, 1.5F, 6, 6}));
  EXPECT_TRUE(is_trainable(find_parameter(network, "act.scale_coef")->kind));
}

TEST(Builder, Relu6CutsOffAtSix) {
  const Network network =
      network_of(1, 2, [](Builder& b, const Map& x) { return b.relu6("act", x); });
  EXPECT_EQ(value_of(network, "act", Tensor::from<float>({1, 1, 2, 2}, {-1, 0.5F, 6, 9})),
            Tensor::from<float>({1, 1, 2, 2}, {0, 0.5F, 6, 6}));
}

TEST(Builder, PaddedPoolsLookAtEdgesAlone) {
  const Network network = network_of(1, 4, [](Builder& b, const Map& x) {
    const Map y = b.max_pool("pool", x, {.kernel = 2, .stride = 2, .pad = 1});
    EXPECT_EQ(y.height, 3);
    return y;
  });
  EXPECT_EQ(value_of(network, "pool", counting_image(1, 4)),
            Tensor::from<float>({1, 1, 3, 3}, {1, 3, 4, 9, 11, 12, 13, 15, 16}));
}

TEST(Builder, PartsOfASplitAddUpAgain) {
  const Network network = network_of(4, 1, [](Builder& b, const Map& x) {
    const auto parts = b.split("split", x, {2, 2});
    return b.add("add", parts[0], parts[1]);
  });
  EXPECT_EQ(value_of(network, "add", counting_image(4, 1)),
            Tensor::from<float>({1, 2, 1, 1}, {4, 6}));
}

TEST(Builder, AnInputThatVanishesIsAnErrorNamingTheLayer) {
  Builder builder("net", {});
  Map x = builder.input(1, 3);
  x = builder.max_pool("pool1", x, {});
  x = builder.max_pool("pool2", x, {});
  const auto network = builder.classify("linear", x, 2, Init::Uniform);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(network.error().message.find("\"pool2\" of net"), std::string::npos);
}

double deviation(const Network& network, std::string_view name) {
  const auto values = network.graph[find_parameter(network, name)->value].constant->data<float>();
  double squares = 0;
  for (const float value : values) squares += double{value} * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(Builder, WeightsAreDrawnWithTheirDeviations) {
  const Network network = network_of(16, 4, [](Builder& b, const Map& x) {
    const Map y = b.conv("out", x, {.channels = 64, .kernel = 3, .init = Init::FanOut});
    return b.conv("in", y, {.channels = 64, .kernel = 3, .init = Init::FanIn});
  });
  EXPECT_NEAR(deviation(network, "out.weight"), std::sqrt(2.0 / (64 * 9)), 0.002);
  EXPECT_NEAR(deviation(network, "in.weight"), std::sqrt(2.0 / (64 * 9)), 0.002);
  EXPECT_NEAR(deviation(network, "linear.weight"), 1 / std::sqrt(64.0) / std::sqrt(3.0), 0.01);
  EXPECT_EQ(deviation(network, "linear.bias") > 0, true);
}

TEST(Builder, WithoutRandomWeightsTheyAreZero) {
  Builder builder("net", {.random_weights = false});
  const Map x = builder.conv("conv", builder.input(1, 2), {.channels = 2});
  const auto network = builder.classify("linear", x, 2, Init::Normal);
  ASSERT_TRUE(network);
  EXPECT_EQ(deviation(*network, "conv.weight"), 0);
}

}  // namespace
}  // namespace sluice::zoo
