// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/rules.hpp"

#include <array>
#include <gmock/gmock.h>
#include <numeric>

#include "tests/support/observe.hpp"
#include "tests/support/quantized_net.hpp"

#include "sluice/exact/executor.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using sluice::test::QuantizedNet;
using testing::HasSubstr;

constexpr std::array kRuleArithmetics{Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                      Arithmetic::Xnnpack,      Arithmetic::OnnxRuntime,
                                      Arithmetic::Onnx,         Arithmetic::ShiftHalfEven,
                                      Arithmetic::ShiftHalfUp,  Arithmetic::ShiftFloor};

// What the exact engine makes of codes.
std::vector<std::int64_t> outputs_for(const ir::Graph& network,
                                      const std::vector<std::int64_t>& codes) {
  auto executor = exact::make_reference_executor(network);
  EXPECT_TRUE(executor) << executor.error().text();
  const ir::ValueType& type = network.type(network.inputs[0].value);
  const std::vector inputs{numeric::cast(Tensor::from(type.shape, codes), type.dtype)};
  const auto outputs = (*executor)->run(inputs);
  EXPECT_TRUE(outputs) << outputs.error().text();
  return numeric::to_integers((*outputs)[0]);
}

std::vector<std::int64_t> all_int8() {
  std::vector<std::int64_t> codes(256);
  std::iota(codes.begin(), codes.end(), -128);
  return codes;
}

// The rule of a clamp of all codes, which the exact engine must agree with.
ClampRule expect_clamps(QuantizedNet& net, ir::Op op, const std::vector<ir::ValueId>& inputs,
                        const Quantization& y) {
  const ir::Graph network = net.finish({net.add(std::move(op), inputs, y)});
  const auto clamp = clamp_rule(network, network.nodes[0]);
  EXPECT_TRUE(clamp) << clamp.error().text();
  if (!clamp) return {};
  const std::vector<std::int64_t> codes = all_int8();
  const std::vector<std::int64_t> expected = outputs_for(network, codes);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(clamp->rule.code(codes[i]), expected[i]) << codes[i];
  }
  EXPECT_EQ(clamp->codes.lowest, std::ranges::min(expected));
  EXPECT_EQ(clamp->codes.highest, std::ranges::max(expected));
  EXPECT_EQ(clamp->rule.lowest, -128);
  EXPECT_EQ(clamp->rule.highest, 127);
  return *clamp;
}

TEST(ClampRule, IsWhatTheExactEngineDoesInEveryArithmetic) {
  for (const Arithmetic arithmetic : kRuleArithmetics) {
    SCOPED_TRACE(to_string(arithmetic));
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
      QuantizedNet relu(seed, arithmetic);
      const ir::ValueId x = relu.input({1, 256});
      expect_clamps(relu, ir::Relu{}, {x}, relu.grid());
      QuantizedNet clip(seed, arithmetic);
      const ir::ValueId z = clip.input({1, 256});
      const std::vector<ir::ValueId> inputs{z, clip.scalar(-0.4F), clip.scalar(1.1F)};
      expect_clamps(clip, ir::Clip{}, inputs, clip.grid());
    }
  }
}

TEST(ClampRule, KeepsTheCodesBetweenItsBoundsOfOneScale) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 256}, {DType::Int8, {0.1F}, {-20}});
  const ClampRule clamp = expect_clamps(net, ir::Relu{}, {x}, net.grid_of(x));
  EXPECT_TRUE(clamp.keeps_codes_within);
  EXPECT_EQ(clamp.codes.lowest, -20);
  EXPECT_EQ(clamp.codes.highest, 127);
}

TEST(ClampRule, BoundsOfAClipMayBeAbsent) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 256}, {DType::Int8, {0.1F}, {0}});
  const ClampRule above =
      expect_clamps(net, ir::Clip{}, {x, ir::kNoValue, net.scalar(6)}, net.grid_of(x));
  EXPECT_EQ(above.codes.lowest, -128);
  EXPECT_EQ(above.codes.highest, 60);
  QuantizedNet all(1);
  const ir::ValueId z = all.input({1, 256}, {DType::Int8, {0.1F}, {0}});
  EXPECT_TRUE(expect_clamps(all, ir::Clip{}, {z}, all.grid_of(z)).keeps_codes_within);
}

TEST(ClampRule, AnotherScaleKeepsNoCodes) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 256}, {DType::Int8, {0.1F}, {0}});
  EXPECT_FALSE(
      expect_clamps(net, ir::Relu{}, {x}, {DType::Int8, {0.05F}, {-128}}).keeps_codes_within);
}

TEST(ClampRule, RefusesOtherFunctions) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4});
  const ir::Graph network = net.finish({net.add_like(ir::Sigmoid{}, {x})});
  const auto clamp = clamp_rule(network, network.nodes[0]);
  ASSERT_FALSE(clamp);
  EXPECT_EQ(clamp.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(clamp.error().text(), HasSubstr("is no clamp"));
}

TEST(ClampRule, RefusesBoundsThatAreComputed) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4});
  ir::Graph& graph = net.graph();
  const ir::ValueId bound = graph.add_input("bound", DType::Float32, {});
  const ir::Graph network = net.finish({net.add_like(ir::Clip{}, {x, bound})});
  EXPECT_THAT(clamp_rule(network, network.nodes[0]).error().text(),
              HasSubstr("a bound that is computed"));
}

// Maps of `count` codes whose sums go from one end to the other.
std::vector<std::int64_t> map_of_sum(std::int64_t sum, std::int64_t count) {
  std::vector<std::int64_t> codes;
  for (std::int64_t left = count; left > 0; --left) {
    codes.push_back(sum / left);
    sum -= codes.back();
  }
  return codes;
}

// The rule of a mean over 3x2 words, at all sums.
void expect_means(QuantizedNet& net, ir::Op op, const Quantization& x, const Quantization& y) {
  constexpr std::int64_t kCount = 6;
  std::vector<ir::ValueId> inputs{net.input({1, 1, 3, 2}, x)};
  if (ir::is<ir::ReduceMean>(op)) inputs.push_back(net.integers({2, 3}));
  const ir::Graph network = net.finish({net.add(std::move(op), inputs, y)});
  const auto rule = mean_rule(network, network.nodes[0], kCount);
  ASSERT_TRUE(rule) << rule.error().text();
  EXPECT_EQ(rule->lowest, kCount * -128);
  EXPECT_EQ(rule->highest, kCount * 127);
  for (std::int64_t sum = rule->lowest; sum <= rule->highest; sum += 7) {
    EXPECT_EQ(rule->code(sum), outputs_for(network, map_of_sum(sum, kCount))[0]) << sum;
  }
}

TEST(MeanRule, IsWhatTheExactEngineDoes) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack,
        Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    SCOPED_TRACE(to_string(arithmetic));
    for (std::uint64_t seed = 1; seed < 4; ++seed) {
      QuantizedNet net(seed, arithmetic);
      const Quantization x = net.grid();
      expect_means(net, ir::ReduceMean{}, x, net.grid());
    }
  }
}

TEST(MeanRule, OfPoolsThatKeepCodesIsTheMeanOfCodes) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    QuantizedNet net(3, arithmetic);
    const Quantization grid = net.grid();
    expect_means(net, ir::AveragePool{.window = {.kernel = {3, 2}}}, grid, grid);
  }
}

TEST(MeanRule, PoolsThatKeepCodesChangeNoScale) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 1, 3, 2});
  const ir::Graph network =
      net.finish({net.add(ir::AveragePool{.window = {.kernel = {3, 2}}}, {x}, net.grid())});
  const auto rule = mean_rule(network, network.nodes[0], 6);
  ASSERT_FALSE(rule);
  EXPECT_EQ(rule.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(rule.error().text(), HasSubstr("a mean of codes keeps its input's"));
}

// Each real number is rounded to float32 there before they are added.
TEST(MeanRule, OnnxsSumsOfCodesDoNotTellTheMean) {
  QuantizedNet net(1, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 1, 3, 2});
  const ir::Graph network =
      net.finish({net.add(ir::ReduceMean{}, {x, net.integers({2, 3})}, net.grid())});
  EXPECT_EQ(mean_rule(network, network.nodes[0], 6).error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::rtl
