// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/context.hpp"

#include <gtest/gtest.h>

#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;
using Act = fb::ActivationFunctionType;

TEST(TfliteContext, AxesOfImagesGoToTheirPlaceChannelsFirst) {
  EXPECT_EQ(axis_in(Layout::ChannelsFirst, 0), 0);
  EXPECT_EQ(axis_in(Layout::ChannelsFirst, 1), 2);
  EXPECT_EQ(axis_in(Layout::ChannelsFirst, 2), 3);
  EXPECT_EQ(axis_in(Layout::ChannelsFirst, 3), 1);
  EXPECT_EQ(axis_in(Layout::AsFile, 3), 3);
}

Result<ir::Graph> add_with(Act activation) {
  return read_one_op({2, 3}, [&](TfliteModel& m, int x) {
    m.op(Builtin::ADD, {x, x}, {m.output("y", {2, 3})}, fb::CreateAddOptions(m.fbb(), activation));
  });
}

TEST(TfliteContext, FusedActivationBecomesANodeOfItsOwn) {
  EXPECT_EQ(op_names(*add_with(Act::NONE)), "Add");
  EXPECT_EQ(op_names(*add_with(Act::RELU)), "Add Relu");
}

TEST(TfliteContext, FusedRelu6ClipsFromZeroToSix) {
  const auto graph = add_with(Act::RELU6);
  ASSERT_TRUE(graph) << graph.error().text();
  const ir::Node& clip = test::node_of<ir::Clip>(*graph);
  EXPECT_EQ(test::constant_input(*graph, clip, 1), Tensor::scalar(0.0F));
  EXPECT_EQ(test::constant_input(*graph, clip, 2), Tensor::scalar(6.0F));
}

// LiteRT ignores a fused TANH, so no one can mean one.
TEST(TfliteContext, FusedActivationThatNoRuntimeComputesIsRefused) {
  EXPECT_EQ(add_with(Act::TANH).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(add_with(Act::SIGN_BIT).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(add_with(static_cast<Act>(77)).error().code, ErrorCode::Unsupported);
}

TEST(TfliteContext, MissingOptionsAreRefusedWhereTheyMatter) {
  const auto graph = read_one_op({1, 4, 4, 1}, [](TfliteModel& m, int x) {
    m.op(Builtin::MAX_POOL_2D, {x}, {m.output("y", {1, 2, 2, 1})});
  });
  EXPECT_EQ(message(graph), "has no options of its kind; convert the model again");
}

TEST(TfliteContext, ListComputedByTheNetworkIsRefusedByName) {
  TfliteModel m;
  const auto x = m.input("x", {2, 3});
  const auto axes = m.input("axes", {1}, fb::TensorType::INT32);
  m.op(Builtin::MEAN, {x, axes}, {m.output("y", {2})}, fb::CreateReducerOptions(m.fbb(), false));
  EXPECT_EQ(message(m.read()),
            "the list of axes is computed by the network; convert the model with it constant");
}

TEST(TfliteContext, OneIntegerMustBeOne) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::EXPAND_DIMS, {x, m.ints("axis", {0, 1})}, {m.output("y", {1, 2, 3})});
  });
  EXPECT_EQ(message(graph), "the axis has 2 entries, must be one integer");
}

}  // namespace
}  // namespace sluice::importer::tflite
