// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::read_one_op;
using test::TfliteModel;

Result<ir::Graph> pool(Builtin code, std::int32_t filter_w, std::int32_t filter_h) {
  return read_one_op({1, 8, 8, 1}, [&](TfliteModel& m, int x) {
    m.op(code, {x}, {m.output("y", {1, 4, 4, 1})},
         fb::CreatePool2DOptions(m.fbb(), fb::Padding::VALID, 1, 2, filter_w, filter_h));
  });
}

TEST(TflitePool, OptionsBecomeTheWindow) {
  const auto graph = pool(Builtin::MAX_POOL_2D, 3, 2);
  ASSERT_TRUE(graph) << graph.error().text();
  const ir::Window& window = test::op_of<ir::MaxPool>(*graph).window;
  EXPECT_EQ(window.kernel, (ir::Dims{2, 3}));
  EXPECT_EQ(window.strides, (ir::Dims{2, 1}));
  EXPECT_EQ(window.auto_pad, ir::AutoPad::Valid);
}

TEST(TflitePool, MeanLeavesThePaddingOut) {
  const auto graph = pool(Builtin::AVERAGE_POOL_2D, 2, 2);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_FALSE(test::op_of<ir::AveragePool>(*graph).count_include_pad);
}

TEST(TflitePool, EmptyWindowIsRefused) {
  EXPECT_EQ(message(pool(Builtin::MAX_POOL_2D, 0, 2)), "has a window of 2x0, it must be positive");
}

}  // namespace
}  // namespace sluice::importer::tflite
