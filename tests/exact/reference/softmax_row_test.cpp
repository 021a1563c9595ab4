// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/softmax_row.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;

// A Softmax from int8 at `scale` to the quantization.
struct Net {
  ir::Graph graph;
  ir::Node node{"softmax", ir::Softmax{}, {}, {}};

  Net(float scale, Quantization output) {
    node.inputs = {graph.add_value("x", ir::ValueType{DType::Int8, {1}})};
    node.outputs = {graph.add_value("y", ir::ValueType{output.dtype, {1}})};
    graph[node.inputs[0]].quantization = Quantization{DType::Int8, {scale}, {5}};
    graph[node.outputs[0]].quantization = std::move(output);
  }
  [[nodiscard]] Result<SoftmaxRow> row(Arithmetic arithmetic) const {
    return SoftmaxRow::make({graph, node, {}, arithmetic});
  }
};

const Quantization kInt8{DType::Int8, {1.0F / 256}, {-128}};
const Quantization kUInt8{DType::UInt8, {1.0F / 256}, {0}};

// Probabilities in float64, in 256ths.
std::vector<double> exact_steps(const std::vector<std::int64_t>& codes, double scale) {
  const double largest = static_cast<double>(*std::ranges::max_element(codes));
  std::vector<double> result;
  double sum = 0;
  for (const std::int64_t code : codes) {
    result.push_back(std::exp((static_cast<double>(code) - largest) * scale));
    sum += result.back();
  }
  for (double& value : result) value *= 256 / sum;
  return result;
}

TEST(SoftmaxRow, IsWithinACodeOfTheExactProbabilities) {
  std::mt19937 random(1);
  for (const float scale : {0.001F, 0.05F, 0.3F, 2.0F}) {
    const Net net(scale, kUInt8);
    for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
      const auto row = net.row(arithmetic);
      ASSERT_TRUE(row) << row.error().text();
      for (const std::size_t size : {1U, 2U, 10U, 400U}) {
        std::vector<std::int64_t> codes(size);
        for (std::int64_t& code : codes) code = static_cast<std::int64_t>(random() % 256) - 128;
        const auto exact = exact_steps(codes, static_cast<double>(scale));
        row->apply(codes);
        for (std::size_t i = 0; i < size; ++i) {
          const double wanted = std::min(exact[i], 255.0);
          EXPECT_NEAR(static_cast<double>(codes[i]), wanted, 0.51) << scale << " " << size;
        }
      }
    }
  }
}

TEST(SoftmaxRow, EqualCodesShareTheWhole) {
  const auto row = Net(0.1F, kInt8).row(Arithmetic::TfliteDouble);
  ASSERT_TRUE(row);
  std::vector<std::int64_t> codes = {7, 7, 7, 7};
  row->apply(codes);
  EXPECT_EQ(codes, (std::vector<std::int64_t>{-64, -64, -64, -64}));
  std::vector<std::int64_t> one = {-128};
  row->apply(one);
  EXPECT_EQ(one[0], 127);
  std::vector<std::int64_t> none;
  row->apply(none);
}

TEST(SoftmaxRow, FarCodesCountNothing) {
  const auto row = Net(1.0F, kInt8).row(Arithmetic::TfliteDouble);
  ASSERT_TRUE(row);
  std::vector<std::int64_t> codes = {127, 90, -128};  // distances beyond 31 are cut
  row->apply(codes);
  EXPECT_EQ(codes, (std::vector<std::int64_t>{127, -128, -128}));
}

TEST(SoftmaxRow, MakesProbabilitiesIn256ths) {
  const auto row = Net(1.0F, {DType::Int8, {1.0F / 128}, {-128}}).row(Arithmetic::TfliteDouble);
  ASSERT_FALSE(row);
  EXPECT_NE(row.error().message.find("1/256"), std::string::npos);
}

TEST(SoftmaxRow, HasATableOf8Bits) {
  Net net(0.1F, kInt8);
  net.graph[net.node.inputs[0]].quantization->dtype = DType::Int16;
  const auto row = net.row(Arithmetic::Xnnpack);
  ASSERT_FALSE(row);
  EXPECT_NE(row.error().message.find("more than 8 bits"), std::string::npos);
}

}  // namespace
}  // namespace sluice::exact::reference
