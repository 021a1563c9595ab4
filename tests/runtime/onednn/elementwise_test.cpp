// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::Net;
using test::one_node;

constexpr float kFunctionTolerance = 2e-6F;  // exponentials by other polynomials

// On the input, and on the blocked result of a convolution with channels to pad.
void expect_equal(const ir::Op& op, const std::vector<Shape>& weights = {}) {
  for (const bool blocked : {false, true}) {
    Net net;
    ir::ValueId x = net.input({2, 19, 5, 7});
    if (blocked) x = net.add(ir::Conv{}, {x, net.weight({19, 19, 1, 1})});
    std::vector<ir::ValueId> inputs{x};
    for (const Shape& shape : weights) inputs.push_back(net.weight(shape));
    const ir::ValueId y = net.add(op, inputs);
    const ir::ValueId z = net.add(ir::Conv{}, {y, net.weight({3, 19, 1, 1})});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({y, z}), 1e-5F), 0U) << ir::op_name(op);
  }
}

TEST(Elementwise, FunctionsEqualTheReference) {
  expect_equal(ir::Abs{});
  expect_equal(ir::Elu{0.7F});
  expect_equal(ir::Exp{});
  expect_equal(ir::Gelu{});
  expect_equal(ir::Gelu{true});
  expect_equal(ir::HardSigmoid{});
  expect_equal(ir::HardSwish{});
  expect_equal(ir::LeakyRelu{0.1F});
  expect_equal(ir::Mish{});
  expect_equal(ir::Neg{});
  expect_equal(ir::Relu{});
  expect_equal(ir::Selu{});
  expect_equal(ir::Sigmoid{});
  expect_equal(ir::Softplus{});
  expect_equal(ir::Tanh{});
  expect_equal(ir::ThresholdedRelu{0.1F});
  expect_equal(ir::ThresholdedRelu{-0.3F});
}

TEST(Elementwise, LogAndSqrtOfPositivesEqualTheReference) {
  Net net;
  const ir::ValueId x = net.add(ir::Exp{}, {net.input({3, 100})});
  const ir::Graph graph = net.finish({net.add(ir::Log{}, {x}), net.add(ir::Sqrt{}, {x})});
  EXPECT_EQ(expect_fast_equals_reference(graph, kFunctionTolerance), 0U);
}

TEST(Elementwise, WithOneValueOrOneAChannelEqualTheReference) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{19, 1, 1}, Shape{1, 19, 1, 1}, Shape{1, 1}}) {
    expect_equal(ir::Add{}, {shape});
    expect_equal(ir::Sub{}, {shape});
    expect_equal(ir::Mul{}, {shape});
    expect_equal(ir::Max{}, {shape});
    expect_equal(ir::Min{}, {shape});
    expect_equal(ir::PRelu{}, {shape});
  }
}

TEST(Elementwise, WithATensorOfTheShapeEqualTheReference) {
  expect_equal(ir::Add{}, {{2, 19, 5, 7}});
  expect_equal(ir::Sub{}, {{2, 19, 5, 7}});
  expect_equal(ir::PRelu{}, {{2, 19, 5, 7}});
}

TEST(Elementwise, TheOtherWayRoundEqualsTheReference) {
  Net net;
  const ir::ValueId x = net.input({2, 5, 3, 3});
  const ir::ValueId w = net.weight({5, 1, 1}, 1, 2);
  const ir::ValueId y = net.add(ir::Sub{}, {w, x});
  const ir::ValueId z = net.add(ir::Div{}, {w, net.add(ir::Exp{}, {x})});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({y, z, net.add(ir::Div{}, {x, w})})), 0U);
}

TEST(Elementwise, WithOneValueAnImageAndChannelEqualsTheReference) {
  for (const std::int64_t channels : {16, 19}) {
    Net net;
    const ir::ValueId x =
        net.add(ir::Conv{}, {net.input({3, 8, 6, 6}), net.weight({channels, 8, 3, 3})});
    const ir::ValueId gate = net.add(ir::Sigmoid{}, {net.add(ir::GlobalAveragePool{}, {x})});
    const ir::ValueId y = net.add(ir::Mul{}, {x, gate});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({y})), 0U);
  }
}

TEST(Elementwise, WithShapesThatOnlyBroadcastRunPlain) {
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Add{}, {2, 3, 4}, {{2, 1, 4}})), 1U);
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Add{}, {2, 1, 4}, {{2, 3, 4}})), 1U);
}

TEST(Elementwise, OfAScalarEqualsTheReference) {
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Add{}, {}, {{}})), 0U);
}

// What is not a number is not below the threshold either: the reference's comparison, to the bit.
TEST(Elementwise, ThresholdsItselfAndWhatIsNoNumberAsTheReference) {
  const ir::Graph graph = one_node(ir::ThresholdedRelu{0.5F}, {5});
  const std::vector<Tensor> inputs{Tensor::from<float>(
      {5}, {0.5F, std::nextafter(0.5F, 1.0F), -1, test::kNan, test::kInfinity})};
  EXPECT_EQ(test::outputs_of(make_onednn_executor(graph), inputs),
            test::reference_outputs(graph, inputs));
}

TEST(Elementwise, ClipKeepsInfinitiesWithoutALimit) {
  Net net;
  const ir::Graph graph = net.finish({net.add(ir::Clip{}, {net.input({3}), net.scalar(0)})});
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Tensor> inputs{Tensor::from<float>({3}, {-infinity, 1, infinity})};
  const auto outputs = test::outputs_of(make_onednn_executor(graph), inputs);
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0], Tensor::from<float>({3}, {0, 1, infinity}));
}

TEST(Elementwise, OfAValueThatIsReadAgainLeavesIt) {
  // Relu(x) may not be computed in x's memory: the Add at the end reads both.
  Net net;
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({1, 16, 5, 5}), net.weight({16, 16, 1, 1})});
  const ir::ValueId y = net.add(ir::Relu{}, {x});
  const ir::ValueId z = net.add(ir::Add{}, {y, x});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Neg{}, {z})})), 0U);
}

TEST(Elementwise, SwishIsRecognizedOnlyWhereNothingElseReads) {
  for (const bool kept : {false, true}) {
    Net net;
    const ir::ValueId x = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({5, 3, 1, 1})});
    const ir::ValueId gate = net.add(ir::Sigmoid{}, {x});
    const ir::ValueId y = net.add(ir::Mul{}, {gate, x});
    std::vector<ir::ValueId> outputs{y};
    if (kept) outputs.push_back(gate);
    EXPECT_EQ(expect_fast_equals_reference(net.finish(outputs)), 0U);
  }
}

TEST(Elementwise, AddOfAValueToItselfRunsPlain) {
  Net net;
  const ir::ValueId x = net.input({2, 3});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Add{}, {x, x})})), 1U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
