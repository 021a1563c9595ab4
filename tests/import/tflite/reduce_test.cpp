// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;

Result<ir::Graph> mean(const TfliteModel::Ints& axes, bool keep_dims) {
  return read_one_op({1, 4, 5, 3}, [&](TfliteModel& m, int x) {
    m.op(Builtin::MEAN, {x, m.ints("axes", axes)}, {m.output("y", {1, 3})},
         fb::CreateReducerOptions(m.fbb(), keep_dims));
  });
}

TEST(TfliteReduce, MeanOverHeightAndWidthIsDoneChannelsFirst) {
  const auto graph = mean({1, 2}, false);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose ReduceMean");
  EXPECT_EQ(test::int64_input<ir::ReduceMean>(*graph, 1), (std::vector<std::int64_t>{2, 3}));
}

TEST(TfliteReduce, ReductionThatWouldMixUpTheRestIsDoneInTheFilesOrder) {
  const auto graph = mean({1}, false);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "ReduceMean");
  EXPECT_EQ(test::int64_input<ir::ReduceMean>(*graph, 1), (std::vector<std::int64_t>{1}));
}

TEST(TfliteReduce, KeptDimensionsStayChannelsFirst) {
  const auto graph = mean({-1}, true);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose ReduceMean Transpose");
  EXPECT_EQ(test::int64_input<ir::ReduceMean>(*graph, 1), (std::vector<std::int64_t>{1}));
}

TEST(TfliteReduce, AxisOutsideTheRankIsRefused) {
  EXPECT_EQ(mean({4}, false).error().code, ErrorCode::Verify);
}

TEST(TfliteReduce, SoftmaxIsOverTheChannels) {
  const auto graph = read_one_op({1, 4, 5, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::SOFTMAX, {x}, {m.output("y", {1, 4, 5, 3})},
         fb::CreateSoftmaxOptions(m.fbb(), 2));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Mul Softmax Transpose");
  EXPECT_EQ(test::op_of<ir::Softmax>(*graph).axis, 1);
}

TEST(TfliteReduce, ArgMaxGivesTheTypeAskedFor) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::ARG_MAX, {x, m.ints("axis", {}, {-1})},
         {m.output("y", {2}, fb::TensorType::INT32)},
         fb::CreateArgMaxOptions(m.fbb(), fb::TensorType::INT32));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "ArgMax Cast");
  EXPECT_EQ(test::op_of<ir::ArgMax>(*graph).axis, 1);
  EXPECT_FALSE(test::op_of<ir::ArgMax>(*graph).keep_dims);
}

}  // namespace
}  // namespace sluice::importer::tflite
