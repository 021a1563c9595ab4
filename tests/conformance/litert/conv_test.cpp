// SPDX-License-Identifier: Apache-2.0
// Convolutions, poolings and fully connected layers, each option against LiteRT.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/conformance/litert/case_model.hpp"
#include "tests/conformance/litert/litert.hpp"

namespace sluice::test {
namespace {

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

  [[nodiscard]] std::string text() const {
    return fmt::format("{}_s{}{}_d{}{}_a{}", padding == Padding::SAME ? "same" : "valid", stride_h,
                       stride_w, dilation_h, dilation_w, static_cast<int>(activation));
  }
};

// Every stride and dilation with both paddings, then each activation function.
std::vector<ConvOptions> conv_options() {
  std::vector<ConvOptions> all;
  for (const Padding padding : {Padding::SAME, Padding::VALID}) {
    for (const auto& [h, w] : std::vector<std::pair<int, int>>{{1, 1}, {2, 2}, {2, 1}, {3, 2}}) {
      all.push_back({padding, h, w});
    }
    all.push_back({padding, 1, 1, 2, 2});
    all.push_back({padding, 1, 1, 1, 3});
    all.push_back({padding, 2, 2, 2, 1});
  }
  for (const Act act : {Act::RELU, Act::RELU6, Act::RELU_N1_TO_1}) {
    all.push_back({.padding = Padding::SAME, .activation = act});
  }
  return all;
}

LitertCase conv_case(const std::string& name, const ConvShape& shape, const ConvOptions& o) {
  CaseModel m;
  const auto x = m.x(shape.image);
  const auto w = m.weights(shape.weights);
  const auto b = m.weights({shape.weights[0]});
  m.op(Builtin::CONV_2D, {x, w, b}, {m.y(4)},
       fb::CreateConv2DOptions(m.fbb(), o.padding, o.stride_w, o.stride_h, o.activation,
                               o.dilation_w, o.dilation_h));
  return {fmt::format("conv_{}_{}", name, o.text()), m.bytes()};
}

TEST(LitertConv, Conv2d) {
  std::vector<LitertCase> cases;
  for (const ConvOptions& options : conv_options()) {
    cases.push_back(conv_case("3x3", {{1, 9, 8, 3}, {5, 3, 3, 3}}, options));
    cases.push_back(conv_case("2x4", {{2, 10, 11, 2}, {3, 2, 4, 2}}, options));
  }
  cases.push_back(conv_case("1x1", {{1, 5, 7, 4}, {6, 1, 1, 4}}, {}));
  cases.push_back(conv_case("1x1", {{1, 5, 7, 4}, {6, 1, 1, 4}}, {.stride_h = 2, .stride_w = 2}));
  cases.push_back(conv_case("5x5_on_3x3", {{1, 3, 3, 2}, {2, 5, 5, 2}}, {}));
  cases.push_back(conv_case("groups", {{1, 6, 6, 6}, {4, 3, 3, 3}}, {}));
  expect_equal_to_litert(cases);
}

LitertCase depthwise_case(const std::string& name, const ConvShape& shape, const ConvOptions& o) {
  CaseModel m;
  const auto x = m.x(shape.image);
  const auto w = m.weights(shape.weights);
  const auto b = m.weights({shape.weights[3]});
  m.op(Builtin::DEPTHWISE_CONV_2D, {x, w, b}, {m.y(4)},
       fb::CreateDepthwiseConv2DOptions(m.fbb(), o.padding, o.stride_w, o.stride_h,
                                        shape.weights[3] / shape.image[3], o.activation,
                                        o.dilation_w, o.dilation_h));
  return {fmt::format("depthwise_{}_{}", name, o.text()), m.bytes()};
}

TEST(LitertConv, DepthwiseConv2d) {
  std::vector<LitertCase> cases;
  for (const ConvOptions& options : conv_options()) {
    cases.push_back(depthwise_case("3x3", {{1, 9, 8, 3}, {1, 3, 3, 3}}, options));
  }
  cases.push_back(depthwise_case("times3", {{2, 7, 6, 2}, {1, 3, 2, 6}}, {}));
  cases.push_back(depthwise_case("of_one", {{1, 7, 6, 1}, {1, 3, 3, 4}}, {}));
  expect_equal_to_litert(cases);
}

struct TransposedCase {
  Ints image, weights, output;  // weights [M, kernel_h, kernel_w, C]
  Padding padding;
  std::int32_t stride_h, stride_w;
  bool with_bias = true;
  Act activation = Act::NONE;
};

TEST(LitertConv, TransposeConv) {
  const std::vector<TransposedCase> list = {
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 4, 5, 3}, Padding::SAME, 1, 1},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 8, 10, 3}, Padding::SAME, 2, 2},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 7, 9, 3}, Padding::SAME, 2, 2},
      {{2, 4, 4, 1}, {2, 4, 4, 1}, {2, 8, 8, 2}, Padding::SAME, 2, 2, false},
      {{1, 3, 4, 2}, {3, 2, 2, 2}, {1, 6, 12, 3}, Padding::SAME, 2, 3},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 6, 7, 3}, Padding::VALID, 1, 1},
      {{1, 4, 5, 2}, {3, 3, 2, 2}, {1, 9, 10, 3}, Padding::VALID, 2, 2},
      {{1, 4, 5, 2}, {3, 3, 3, 2}, {1, 10, 12, 3}, Padding::VALID, 2, 2},
      {{1, 4, 4, 2}, {3, 2, 2, 2}, {1, 12, 12, 3}, Padding::SAME, 3, 3, true, Act::RELU6},
  };
  std::vector<LitertCase> cases;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const TransposedCase& c = list[i];
    CaseModel m;
    const auto x = m.x(c.image);
    const auto w = m.weights(c.weights);
    Ints inputs = {m.list(c.output), w, x};
    if (c.with_bias) inputs.push_back(m.weights({c.weights[0]}));
    m.op(Builtin::TRANSPOSE_CONV, inputs, {m.y(4)},
         fb::CreateTransposeConvOptions(m.fbb(), c.padding, c.stride_w, c.stride_h, c.activation));
    cases.push_back({fmt::format("transposed_{}", i), m.bytes()});
  }
  expect_equal_to_litert(cases);
}

TEST(LitertConv, Pools) {
  std::vector<LitertCase> cases;
  for (const Builtin code : {Builtin::AVERAGE_POOL_2D, Builtin::MAX_POOL_2D}) {
    for (const ConvOptions& o : conv_options()) {
      if (o.dilation_h != 1 || o.dilation_w != 1) continue;
      for (const auto& [h, w] : std::vector<std::pair<int, int>>{{2, 2}, {3, 3}, {3, 2}, {1, 1}}) {
        CaseModel m;
        const auto x = m.x({2, 7, 8, 3});
        m.op(code, {x}, {m.y(4)},
             fb::CreatePool2DOptions(m.fbb(), o.padding, o.stride_w, o.stride_h, w, h,
                                     o.activation));
        cases.push_back(
            {fmt::format("pool{}_{}x{}_{}", static_cast<int>(code), h, w, o.text()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

LitertCase fully_connected_case(const std::string& name, const Ints& shape, std::int32_t depth,
                                bool keep_dims, bool with_bias, Act activation) {
  CaseModel m;
  const auto x = m.x(shape);
  const auto w = m.weights({5, depth});
  const auto b = with_bias ? m.weights({5}) : -1;
  m.op(Builtin::FULLY_CONNECTED, {x, w, b}, {m.y(keep_dims ? shape.size() : 2)},
       fb::CreateFullyConnectedOptions(m.fbb(), activation,
                                       fb::FullyConnectedOptionsWeightsFormat::DEFAULT, keep_dims));
  return {"fully_connected_" + name, m.bytes()};
}

TEST(LitertConv, FullyConnected) {
  expect_equal_to_litert({
      fully_connected_case("2d", {3, 7}, 7, false, true, Act::NONE),
      fully_connected_case("relu", {3, 7}, 7, false, true, Act::RELU),
      fully_connected_case("no_bias", {3, 7}, 7, false, false, Act::NONE),
      fully_connected_case("image", {2, 3, 4, 2}, 24, false, true, Act::NONE),
      fully_connected_case("3d", {2, 3, 4}, 4, false, true, Act::NONE),
      fully_connected_case("3d_kept", {2, 3, 4}, 4, true, true, Act::NONE),
      fully_connected_case("3d_kept_no_bias", {2, 3, 4}, 4, true, false, Act::RELU6),
      fully_connected_case("4d_kept", {2, 2, 3, 4}, 4, true, true, Act::NONE),
      fully_connected_case("regrouped", {4, 6}, 8, false, true, Act::NONE),
  });
}

}  // namespace
}  // namespace sluice::test
