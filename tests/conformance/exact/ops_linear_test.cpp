// SPDX-License-Identifier: Apache-2.0
// Quantized convolutions and fully connected layers against LiteRT, bit for bit.
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/conformance/exact/op_case.hpp"

namespace sluice::test {
namespace {

// input·weight/output: powers of two, where accumulators tie, their neighbours, and others, so
// small that accumulators leave float32's integers and so large that most codes are at an end.
constexpr std::array kFactors{0x1p-8,    0x1p-9,  0x1.000002p-8, 0x1.fffffep-10, 1.0 / 300,
                              1.0 / 777, 0x1p-14, 0x1p-20,       1.3e-6,         0.9,
                              3.7};

struct Kind {
  Type type;
  bool per_channel;
};
constexpr std::array kKinds{Kind{Type::INT8, false}, Kind{Type::INT8, true},
                            Kind{Type::UINT8, false}};

std::string text(const Kind& kind) {
  return fmt::format("{}{}", name_of(kind.type), kind.per_channel ? "_channels" : "");
}

struct Layer {
  Grid x, y;
  std::vector<float> weight_scales;
  std::int64_t most_bias = 0;
};

// The output's scale is one that RELU6 cuts.
Layer random_layer(OpModel& m, const Kind& kind, std::size_t number, std::int32_t channels) {
  constexpr double kMostBias = 0x1p30;
  const double factor = kFactors.at(number % kFactors.size());
  const bool in_powers = m.rng().below(2) == 0;
  const auto y = static_cast<float>(std::pow(10, m.rng().real(-2.3, -1)));
  const double w = in_powers ? 0x1p-7 : m.rng().real(0.002, 0.02);
  Layer layer;
  layer.x = m.grid(static_cast<double>(y) * factor / w);
  layer.y = m.grid(static_cast<double>(y));
  layer.most_bias = static_cast<std::int64_t>(std::min(100 / factor, kMostBias));
  const std::int32_t count = kind.per_channel ? channels : 1;
  for (std::int32_t c = 0; c < count; ++c) {
    const double by = in_powers ? std::exp2(m.rng().integer(-2, 0)) : m.rng().real(0.2, 1);
    layer.weight_scales.push_back(static_cast<float>(c == 0 ? w : w * by));
  }
  return layer;
}

struct ConvShape {
  Ints image;    // [N, H, W, C]
  Ints weights;  // [M, kernel_h, kernel_w, C/group], or [1, kernel_h, kernel_w, C·multiplier]
};

struct ConvOptions {
  Padding padding = Padding::SAME;
  std::int32_t stride_h = 1;
  std::int32_t stride_w = 1;
  std::int32_t dilation_h = 1;
  std::int32_t dilation_w = 1;
  Act activation = Act::NONE;
};

// Strides and dilations with both paddings, then each activation function.
std::vector<ConvOptions> conv_options() {
  std::vector<ConvOptions> all;
  for (const Padding padding : {Padding::SAME, Padding::VALID}) {
    all.push_back({padding});
    all.push_back({padding, 2, 2});
    all.push_back({padding, 3, 2});
    all.push_back({padding, 1, 1, 2, 2});
    all.push_back({padding, 1, 1, 1, 3});
  }
  for (const Act activation : kActivations) all.push_back({.activation = activation});
  return all;
}

OpCase conv_case(const Kind& kind, const ConvShape& shape, const ConvOptions& o,
                 std::size_t number) {
  OpModel m(kind.type, number);
  const Layer layer = random_layer(m, kind, number, shape.weights[0]);
  const auto x = m.x(shape.image, layer.x);
  const auto w = m.weights(shape.weights, layer.weight_scales, 0);
  const auto b = m.bias(shape.weights[0], layer.x.scale, layer.weight_scales, layer.most_bias);
  m.op(Builtin::CONV_2D, {x, w, b}, {m.y(4, layer.y)},
       fb::CreateConv2DOptions(m.fbb(), o.padding, o.stride_w, o.stride_h, o.activation,
                               o.dilation_w, o.dilation_h));
  return {fmt::format("conv_{}_{}", text(kind), number), m.bytes()};
}

TEST(ExactOps, Conv2d) {
  std::vector<OpCase> cases;
  for (const Kind& kind : kKinds) {
    for (const ConvOptions& o : conv_options()) {
      cases.push_back(conv_case(kind, {{2, 9, 8, 3}, {5, 3, 3, 3}}, o, cases.size()));
      cases.push_back(conv_case(kind, {{1, 10, 11, 2}, {3, 2, 4, 2}}, o, cases.size()));
    }
    for (std::size_t i = 0; i < 2 * kFactors.size(); ++i) {
      cases.push_back(conv_case(kind, {{1, 20, 20, 4}, {6, 1, 1, 4}}, {}, cases.size()));
    }
    cases.push_back(conv_case(kind, {{1, 3, 3, 2}, {2, 5, 5, 2}}, {}, cases.size()));
    cases.push_back(conv_case(kind, {{1, 6, 6, 6}, {4, 3, 3, 3}}, {}, cases.size()));
  }
  expect_equal_to_litert(cases);
}

OpCase depthwise_case(const Kind& kind, const ConvShape& shape, const ConvOptions& o,
                      std::size_t number) {
  OpModel m(kind.type, number);
  const std::int32_t channels = shape.weights[3];
  const Layer layer = random_layer(m, kind, number, channels);
  const auto x = m.x(shape.image, layer.x);
  const auto w = m.weights(shape.weights, layer.weight_scales, 3);
  const auto b = m.bias(channels, layer.x.scale, layer.weight_scales, layer.most_bias);
  m.op(Builtin::DEPTHWISE_CONV_2D, {x, w, b}, {m.y(4, layer.y)},
       fb::CreateDepthwiseConv2DOptions(m.fbb(), o.padding, o.stride_w, o.stride_h,
                                        channels / shape.image[3], o.activation, o.dilation_w,
                                        o.dilation_h));
  return {fmt::format("depthwise_{}_{}", text(kind), number), m.bytes()};
}

TEST(ExactOps, DepthwiseConv2d) {
  std::vector<OpCase> cases;
  for (const Kind& kind : kKinds) {
    for (const ConvOptions& o : conv_options()) {
      cases.push_back(depthwise_case(kind, {{2, 9, 8, 3}, {1, 3, 3, 3}}, o, cases.size()));
      cases.push_back(depthwise_case(kind, {{1, 7, 6, 2}, {1, 3, 2, 6}}, o, cases.size()));
    }
    cases.push_back(depthwise_case(kind, {{1, 7, 6, 1}, {1, 3, 3, 4}}, {}, cases.size()));
    cases.push_back(depthwise_case(kind, {{1, 16, 16, 8}, {1, 5, 5, 8}}, {}, cases.size()));
  }
  expect_equal_to_litert(cases);
}

struct TransposedCase {
  Ints image, weights, output;  // weights [M, kernel_h, kernel_w, C]
  Padding padding;
  std::int32_t stride_h, stride_w;
  bool with_bias = true;
  Act activation = Act::NONE;
};

TEST(ExactOps, TransposeConv) {
  const std::vector<TransposedCase> list = {
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 4, 5, 3}, Padding::SAME, 1, 1},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 8, 10, 3}, Padding::SAME, 2, 2},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 7, 9, 3}, Padding::SAME, 2, 2},
      {{2, 4, 4, 1}, {2, 4, 4, 1}, {2, 8, 8, 2}, Padding::SAME, 2, 2, false},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 6, 7, 3}, Padding::VALID, 1, 1},
      {{1, 4, 5, 2}, {3, 3, 2, 2}, {1, 9, 10, 3}, Padding::VALID, 2, 2},
      {{1, 8, 8, 4}, {3, 2, 2, 4}, {1, 16, 16, 3}, Padding::SAME, 2, 2, true, Act::RELU6},
      {{1, 8, 8, 4}, {3, 2, 2, 4}, {1, 16, 16, 3}, Padding::SAME, 2, 2, true, Act::RELU},
  };
  std::vector<OpCase> cases;
  for (const Kind& kind : kKinds) {
    for (std::size_t round = 0; round < 3 * list.size(); ++round) {
      const TransposedCase& c = list[round % list.size()];
      OpModel m(kind.type, cases.size());
      const Layer layer = random_layer(m, kind, cases.size(), c.weights[0]);
      const auto x = m.x(c.image, layer.x);
      Ints inputs = {m.list(c.output), m.weights(c.weights, layer.weight_scales, 0), x};
      if (c.with_bias) {
        inputs.push_back(m.bias(c.weights[0], layer.x.scale, layer.weight_scales, layer.most_bias));
      }
      m.op(
          Builtin::TRANSPOSE_CONV, inputs, {m.y(4, layer.y)},
          fb::CreateTransposeConvOptions(m.fbb(), c.padding, c.stride_w, c.stride_h, c.activation));
      cases.push_back({fmt::format("transposed_{}_{}", text(kind), cases.size()), m.bytes()});
    }
  }
  expect_equal_to_litert(cases);
}

struct DenseOptions {
  bool keep_dims = false;
  bool with_bias = true;
  Act activation = Act::NONE;
};

OpCase dense_case(const Kind& kind, const Ints& shape, const Ints& weights, const DenseOptions& o,
                  std::size_t number) {
  OpModel m(kind.type, number);
  const Layer layer = random_layer(m, kind, number, weights[0]);
  const auto x = m.x(shape, layer.x);
  const auto w = m.weights(weights, layer.weight_scales, 0);
  const auto b =
      o.with_bias ? m.bias(weights[0], layer.x.scale, layer.weight_scales, layer.most_bias) : -1;
  m.op(Builtin::FULLY_CONNECTED, {x, w, b}, {m.y(o.keep_dims ? shape.size() : 2, layer.y)},
       fb::CreateFullyConnectedOptions(
           m.fbb(), o.activation, fb::FullyConnectedOptionsWeightsFormat::DEFAULT, o.keep_dims));
  return {fmt::format("dense_{}_{}", text(kind), number), m.bytes()};
}

TEST(ExactOps, FullyConnected) {
  std::vector<OpCase> cases;
  for (const Kind& kind : kKinds) {
    for (std::size_t i = 0; i < 2 * kFactors.size(); ++i) {
      cases.push_back(dense_case(kind, {64, 9}, {20, 9}, {}, cases.size()));
    }
    for (const Act activation : kActivations) {
      for (std::size_t i = 0; i < 4; ++i) {
        const DenseOptions options{.activation = activation};
        cases.push_back(dense_case(kind, {8, 30}, {10, 30}, options, cases.size()));
      }
    }
    const DenseOptions without_bias{.with_bias = false};
    cases.push_back(dense_case(kind, {8, 30}, {10, 30}, without_bias, cases.size()));
    cases.push_back(dense_case(kind, {2, 3, 4, 2}, {5, 24}, {}, cases.size()));
    cases.push_back(dense_case(kind, {2, 3, 4}, {5, 4}, {}, cases.size()));
    cases.push_back(dense_case(kind, {2, 3, 4}, {5, 4}, {.keep_dims = true}, cases.size()));
    cases.push_back(dense_case(kind, {2, 2, 3, 4}, {5, 4}, {.keep_dims = true}, cases.size()));
    cases.push_back(dense_case(kind, {2, 3, 4}, {5, 4}, {true, false, Act::RELU6}, cases.size()));
  }
  expect_equal_to_litert(cases);
}

}  // namespace
}  // namespace sluice::test
