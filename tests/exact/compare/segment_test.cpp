// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/segment.hpp"

#include <gtest/gtest.h>

#include "tests/support/observe.hpp"
#include "tests/support/quantized_net.hpp"

#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::compare {
namespace {

// x → Conv (padded) → Relu → Transpose → Add with a constant.
struct Network {
  explicit Network(std::int64_t zero_point = 7) {
    test::QuantizedNet net(5);
    x = net.input({1, 2, 5, 6}, {DType::Int8, {0.5F}, {zero_point}});
    const ir::ValueId w = net.weights_per_channel({3, 2, 3, 3}, DType::Int8, 0, false);
    const numeric::Quantization grid{DType::Int8, {4}, {-20}};
    conv = net.add(ir::Conv{{.pads = {1, 1, 1, 1}}}, {x, w}, grid);
    relu = net.add_like(ir::Relu{}, {conv});
    const ir::ValueId last = net.add_like(ir::Transpose{{0, 2, 3, 1}}, {relu});
    sum = net.add(ir::Add{}, {last, net.codes({3}, grid)}, {{DType::Int8, {5}, {3}}});
    graph = net.finish({sum});
  }

  Values values(std::vector<ir::ValueId> ids) const {
    const auto executor = make_reference_executor(graph);
    EXPECT_TRUE(executor);
    ids.push_back(x);
    return test::observed(**executor, graph, test::random_code_inputs(graph, 3), ids);
  }

  ir::Graph graph;
  ir::ValueId x, conv, relu, sum;
};

TEST(Segments, LieBetweenKnownValues) {
  const Network net;
  const auto found = segments(net.graph, net.values({net.relu, net.sum}));
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].output, net.relu);
  EXPECT_EQ((*found)[0].nodes, (std::vector<ir::NodeId>{ir::NodeId{0}, ir::NodeId{1}}));
  EXPECT_EQ((*found)[0].inputs, std::vector<ir::ValueId>{net.x});
  EXPECT_EQ((*found)[1].nodes, (std::vector<ir::NodeId>{ir::NodeId{2}, ir::NodeId{3}}));
  EXPECT_EQ((*found)[1].inputs, std::vector<ir::ValueId>{net.relu});
}

TEST(Segments, AnInputThatIsNotKnownIsNamed) {
  const Network net;
  Values known = net.values({net.sum});
  known.erase(net.x);
  const auto found = segments(net.graph, known);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().where.find("\"x\""), std::string::npos);
}

TEST(Segments, GiveWhatTheNetworkGives) {
  const Network net;
  const Values known = net.values({net.relu, net.sum});
  const auto found = segments(net.graph, known);
  ASSERT_TRUE(found);
  for (const Segment& segment : *found) {
    const auto evaluation = evaluate(net.graph, segment, known);
    ASSERT_TRUE(evaluation) << evaluation.error().text();
    EXPECT_EQ(evaluation->output, known.at(segment.output));
  }
}

TEST(Segments, SumsBehindAClampAreRequantizedByIt) {
  const Network net;
  const Values known = net.values({net.relu});
  const auto found = segments(net.graph, known);
  const auto evaluation = evaluate(net.graph, found->at(0), known);
  ASSERT_TRUE(evaluation && evaluation->sums);
  const Sums& sums = *evaluation->sums;
  ASSERT_EQ(sums.requantizers.size(), 3U);
  EXPECT_EQ(sums.requantizers[2].codes.lowest, -20);
  const auto codes = numeric::to_integers(evaluation->output);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(numeric::requantize(static_cast<std::int32_t>(sums.accumulators[i]),
                                  sums.requantizers[i / 30]),
              codes[i]);
  }
}

TEST(Segments, WithoutSumsEveryArithmeticIsEvidence) {
  const Network net;
  const Values known = net.values({net.relu, net.sum});
  const auto found = segments(net.graph, known);
  auto evaluation = evaluate(net.graph, found->at(1), known);
  ASSERT_TRUE(evaluation);
  EXPECT_FALSE(evaluation->sums);
  const Evidence evidence = evidence_of(net.graph, found->at(1), known, *std::move(evaluation));
  EXPECT_EQ(evidence.alternatives.size(), 6U);  // its scales are no powers of two
  EXPECT_TRUE(evidence.border.empty());
}

// Somebody pads with code 0 where the zero point is 7.
TEST(Segments, PaddingWithAnotherCodeIsFoundOut) {
  const Network net;
  const Values known = net.values({net.conv});
  const auto found = segments(net.graph, known);
  ASSERT_TRUE(found);
  test::QuantizedNet other(1);
  const ir::ValueId x = other.input({1, 2, 7, 8}, *net.graph[net.x].quantization);
  const ir::Node& node = net.graph.nodes[0];
  const ir::ValueId w = other.constant(*net.graph[node.inputs[1]].constant);
  other.graph()[w].quantization = net.graph[node.inputs[1]].quantization;
  const ir::Graph padded =
      other.finish({other.add(ir::Conv{}, {x, w}, net.graph[net.conv].quantization)});
  Tensor wide(DType::Int8, {1, 2, 7, 8});  // zeros around the image
  const auto image = known.at(net.x).data<std::int8_t>();
  for (std::size_t i = 0; i < image.size(); ++i) {
    wide.mutable_data<std::int8_t>()[i / 30 * 56 + (i / 6 % 5 + 1) * 8 + i % 6 + 1] = image[i];
  }
  const auto executor = make_reference_executor(padded);
  const auto theirs = (*executor)->run({&wide, 1});
  ASSERT_TRUE(theirs);
  auto evaluation = evaluate(net.graph, found->at(0), known);
  ASSERT_TRUE(evaluation);
  const Tensor ours = evaluation->output;
  const Evidence evidence = evidence_of(net.graph, found->at(0), known, *std::move(evaluation));
  const Differences result = judge(ours, theirs->at(0), evidence);
  EXPECT_GT(result.of(Cause::Padding), 10);
  EXPECT_EQ(result.of(Cause::Real), 0);
}

TEST(RoundingNode, IsTheOneWithSumsOrTheLastThatRounds) {
  const Network net;
  const Values known = net.values({net.relu, net.sum});
  const auto found = segments(net.graph, known);
  EXPECT_EQ(rounding_node(net.graph, found->at(0)), net.graph.nodes.data());
  EXPECT_EQ(rounding_node(net.graph, found->at(1)), &net.graph.nodes.back());
}

}  // namespace
}  // namespace sluice::exact::compare
