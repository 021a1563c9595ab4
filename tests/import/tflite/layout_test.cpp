// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;
using Ints = TfliteModel::Ints;
using List = std::vector<std::int64_t>;

TEST(TfliteLayout, ReshapeTakesItsShapeFromTheSecondInput) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    const Ints other = {1, 6};
    m.op(Builtin::RESHAPE, {x, m.ints("shape", {-1, 2})}, {m.output("y", {3, 2})},
         fb::CreateReshapeOptionsDirect(m.fbb(), &other));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Reshape>(*graph, 1), (List{-1, 2}));
}

TEST(TfliteLayout, ReshapeOptionOfALoneZeroMeansAScalar) {
  const auto graph = read_one_op({1}, [](TfliteModel& m, int x) {
    const Ints shape = {0};
    m.op(Builtin::RESHAPE, {x}, {m.output("y", {})},
         fb::CreateReshapeOptionsDirect(m.fbb(), &shape));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Reshape>(*graph, 1), List{});
}

TEST(TfliteLayout, ReshapeToAnEmptyConstantIsAScalar) {
  const auto graph = read_one_op({1}, [](TfliteModel& m, int x) {
    m.op(Builtin::RESHAPE, {x, m.ints("shape", Ints{})}, {m.output("y", {})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Reshape>(*graph, 1), List{});
}

TEST(TfliteLayout, ReshapeOfAnImageUsesTheFilesOrder) {
  const auto graph = read_one_op({1, 4, 4, 2}, [](TfliteModel& m, int x) {
    const auto pooled = m.tensor("pooled", {1, 2, 2, 2});
    m.op(Builtin::MAX_POOL_2D, {x}, {pooled},
         fb::CreatePool2DOptions(m.fbb(), fb::Padding::VALID, 2, 2, 2, 2));
    m.op(Builtin::RESHAPE, {pooled, m.ints("shape", {1, 8})}, {m.output("y", {1, 8})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose MaxPool Transpose Reshape");
}

TEST(TfliteLayout, ConcatenationOfImagesIsAlongTheirChannels) {
  const auto graph = read_one_op({1, 2, 2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::CONCATENATION, {x, x}, {m.output("y", {1, 2, 2, 6})},
         fb::CreateConcatenationOptions(m.fbb(), -1));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Concat Transpose");
  EXPECT_EQ(test::op_of<ir::Concat>(*graph).axis, 1);
}

TEST(TfliteLayout, ConcatenationOfDifferentRanksIsRefused) {
  const auto graph = read_one_op({2, 2}, [](TfliteModel& m, int x) {
    m.op(Builtin::CONCATENATION, {x, m.input("z", {2})}, {m.output("y", {2, 4})},
         fb::CreateConcatenationOptions(m.fbb(), 0));
  });
  EXPECT_EQ(message(graph), "input 1 \"z\" has 1 dimensions, the operator takes 2");
}

TEST(TfliteLayout, ConcatenationWithAMissingPartIsRefused) {
  const auto graph = read_one_op({2}, [](TfliteModel& m, int x) {
    m.op(Builtin::CONCATENATION, {x, -1}, {m.output("y", {4})},
         fb::CreateConcatenationOptions(m.fbb(), 0));
  });
  EXPECT_EQ(message(graph), "input 1 is missing");
}

TEST(TfliteLayout, PackPutsTensorsAlongANewDimension) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::PACK, {x, x}, {m.output("y", {2, 3, 2})}, fb::CreatePackOptions(m.fbb(), 2, -1));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Unsqueeze Unsqueeze Concat");
  EXPECT_EQ(test::op_of<ir::Concat>(*graph).axis, 2);
}

Result<ir::Graph> split_v(const Ints& sizes, const Ints& signature = {}) {
  TfliteModel m;
  const auto x = m.input("x", {6}, fb::TensorType::FLOAT32, signature);
  Ints outputs;
  for (std::size_t i = 0; i < sizes.size(); ++i) outputs.push_back(m.output("y", {1}));
  m.op(Builtin::SPLIT_V, {x, m.ints("sizes", sizes), m.ints("axis", {}, {0})}, outputs,
       fb::CreateSplitVOptions(m.fbb(), static_cast<std::int32_t>(sizes.size())));
  return m.read();
}

TEST(TfliteLayout, OneSizeOfASplitMayBeTheRest) {
  const auto graph = split_v({1, -1, 3});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Split>(*graph, 1), (List{1, 2, 3}));
}

TEST(TfliteLayout, SplitWithTwoRestsIsRefused) {
  EXPECT_EQ(split_v({-1, -1}).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(split_v({-1, 2}, {-1}).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(message(split_v({-7, 13})), "has a part of size -7");
}

TEST(TfliteLayout, UnequalSplitIsRefused) {
  const auto graph = read_one_op({7}, [](TfliteModel& m, int x) {
    m.op(Builtin::SPLIT, {m.ints("axis", {}, {0}), x}, {m.output("a", {3}), m.output("b", {4})},
         fb::CreateSplitOptions(m.fbb(), 2));
  });
  EXPECT_EQ(message(graph), "splits dimension 0 of 7 into 2 equal parts");
}

TEST(TfliteLayout, SqueezeOfHeightAndWidthIsDoneChannelsFirst) {
  const auto graph = read_one_op({2, 1, 1, 3}, [](TfliteModel& m, int x) {
    const Ints dims = {1, 2};
    m.op(Builtin::SQUEEZE, {x}, {m.output("y", {2, 3})},
         fb::CreateSqueezeOptionsDirect(m.fbb(), &dims));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Squeeze");
  EXPECT_EQ(test::int64_input<ir::Squeeze>(*graph, 1), (List{2, 3}));
}

TEST(TfliteLayout, OrderThatIsNoPermutationIsRefused) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::TRANSPOSE, {x, m.ints("order", {1, 1})}, {m.output("y", {3, 2})});
  });
  EXPECT_EQ(message(graph), "its order is not one of the 2 dimensions of its input");
}

TEST(TfliteLayout, GatherWithBatchDimensionsIsRefused) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::GATHER, {x, m.ints("indices", {0, 1})}, {m.output("y", {2})},
         fb::CreateGatherOptions(m.fbb(), 1, 1));
  });
  EXPECT_EQ(message(graph), "gathers with 1 batch dimensions, only 0 is supported");
}

TEST(TfliteLayout, UnpackMakesEachPositionAnOutput) {
  TfliteModel m;
  const auto x = m.input("x", {2, 3});
  m.op(Builtin::UNPACK, {x}, {m.output("a", {2}), m.output("b", {2}), m.output("c", {2})},
       fb::CreateUnpackOptions(m.fbb(), 3, 1));
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Split Squeeze Squeeze Squeeze");
}

TEST(TfliteLayout, UnpackTakesAllPositions) {
  TfliteModel m;
  const auto x = m.input("x", {2, 3});
  m.op(Builtin::UNPACK, {x}, {m.output("a", {2})}, fb::CreateUnpackOptions(m.fbb(), 1, 1));
  EXPECT_EQ(message(m.read()), "has 1 outputs for a dimension of 3");
}

}  // namespace
}  // namespace sluice::importer::tflite
