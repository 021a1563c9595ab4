// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::HasSubstr;

// A node of three inputs, codes, weights with a scale a channel, and a real number, and an output
// of uint8.
class NodeViewTest : public testing::Test {
 protected:
  NodeViewTest() {
    const auto value = [&](DType dtype, const std::optional<Quantization>& quantization) {
      const ir::ValueId id = graph_.add_value("v", ir::ValueType{dtype, {2}});
      graph_[id].quantization = quantization;
      return id;
    };
    const std::vector<ir::ValueId> inputs = {value(DType::Int8, int8(0.5F, -3)),
                                             value(DType::Int8, per_channel({1, 2}, 0)),
                                             value(DType::Float32, std::nullopt), ir::kNoValue};
    const ir::NodeId node = graph_.add_node("n", ir::Add{}, inputs);
    const ir::ValueId y = graph_[node].outputs[0];
    graph_[y].type = ir::ValueType{DType::UInt8, {2}};
    graph_[y].quantization = uint8(0.25F, 255);
  }
  [[nodiscard]] NodeView view() const {
    return {graph_, graph_.nodes[0], tensors_, Arithmetic::Xnnpack};
  }

  ir::Graph graph_;
  Tensor tensor_{DType::Int8, {2}};
  std::vector<const Tensor*> tensors_{&tensor_, &tensor_, &tensor_, nullptr};
};

TEST_F(NodeViewTest, SeesWhatIsThere) {
  EXPECT_EQ(view().arithmetic(), Arithmetic::Xnnpack);
  EXPECT_TRUE(view().has(2));
  EXPECT_FALSE(view().has(3));
  EXPECT_FALSE(view().has(4));
  EXPECT_EQ(view().in_quantization(2), nullptr);
  EXPECT_EQ(*view().in_quantization(1), per_channel({1, 2}, 0));
  EXPECT_EQ(view().out_type(), (ir::ValueType{DType::UInt8, {2}}));
  EXPECT_EQ(view().out_types().size(), 1U);
}

TEST_F(NodeViewTest, OneScaleIsAffine) {
  const auto x = view().in_affine(0);
  ASSERT_TRUE(x);
  EXPECT_EQ(x->scale, 0.5F);
  EXPECT_EQ(x->zero_point, -3);
  const auto y = view().out_affine();
  ASSERT_TRUE(y);
  EXPECT_EQ(y->scale, 0.25F);
  EXPECT_EQ(y->zero_point, 255);
}

TEST_F(NodeViewTest, RealNumbersAndScalesOfChannelsAreNot) {
  const auto channels = view().in_affine(1);
  ASSERT_FALSE(channels);
  EXPECT_EQ(channels.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(channels.error().message, HasSubstr("has one scale a channel"));
  const auto real = view().in_affine(2);
  ASSERT_FALSE(real);
  EXPECT_THAT(real.error().message, HasSubstr("mixes quantized and real values"));
}

TEST_F(NodeViewTest, CodesAreThoseOfTheOutputsType) {
  EXPECT_EQ(view().out_codes().lowest, 0);
  EXPECT_EQ(view().out_codes().highest, 255);
}

TEST(ToTensor, HoldsCodesInTheirType) {
  EXPECT_EQ(to_tensor({-128, 127}, {DType::Int8, {2, 1}}),
            Tensor::from<std::int8_t>({2, 1}, {-128, 127}));
  EXPECT_EQ(to_tensor({255}, {DType::UInt8, {}}), Tensor::scalar<std::uint8_t>(255));
}

TEST(NodeViewCodes, AreNarrowedToTheBits) {
  Quantization narrow = int8(1);
  narrow.bits = 5;
  const OneNode node(ir::Relu{}, {int8(1)}, narrow, Arithmetic::TfliteDouble);
  EXPECT_EQ(node.view().out_codes().lowest, -16);
  EXPECT_EQ(node.view().out_codes().highest, 15);
}

TEST(CheckScales, WantsPowersOfTwoWhereTheArithmeticShifts) {
  const auto check = [](const std::vector<Quantization>& inputs, const Quantization& output,
                        Arithmetic arithmetic) {
    const OneNode node(ir::Add{}, inputs, output, arithmetic);
    const Status status = check_scales(node.view());
    if (status) return std::string();
    EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
    return status.error().message;
  };
  for (const Arithmetic arithmetic : kShifts) {
    EXPECT_EQ(check({int8(0.5F), int8(2)}, int8(0x1p-20F), arithmetic), "");
    EXPECT_THAT(check({int8(0.5F), int8(0.3F)}, int8(1), arithmetic),
                HasSubstr("value \"x_1\" has the scale 0.3, which is no power of two"));
    EXPECT_THAT(check({int8(0.5F)}, per_channel({1, 3}, 0), arithmetic),
                HasSubstr("value \"n\" has the scale 3"));
  }
  for (const Arithmetic arithmetic : kArithmetics) {
    EXPECT_EQ(check({int8(0.3F)}, int8(3), arithmetic), "");
  }
}

}  // namespace
}  // namespace sluice::exact::reference
