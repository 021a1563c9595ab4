// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;

TEST(OnnxCast, KnowsTypesNewerThanTheInstalledDefinitions) {
  const std::pair<int, DType> types[] = {{1, DType::Float32},
                                         {9, DType::Bool},
                                         {16, DType::BFloat16},
                                         {17, DType::Float8E4M3Fn},
                                         {18, DType::Float8E4M3Fnuz},
                                         {19, DType::Float8E5M2},
                                         {20, DType::Float8E5M2Fnuz},
                                         {21, DType::UInt4},
                                         {22, DType::Int4},
                                         {23, DType::Float4E2M1},
                                         {24, DType::Float8E8M0},
                                         {25, DType::UInt2},
                                         {26, DType::Int2}};
  for (const auto& [number, dtype] : types) {
    EXPECT_EQ(read_one(25, "Cast", 1, {{"to", number}}).op<ir::Cast>().to, dtype) << number;
  }
}

TEST(OnnxCast, RefusesStringsAndUnknownNumbers) {
  EXPECT_NE(read_one(13, "Cast", 1, {{"to", 8}}).error.find("string elements"), std::string::npos);
  EXPECT_NE(read_one(13, "Cast", 1, {{"to", 27}}).error.find("type 27"), std::string::npos);
  EXPECT_NE(read_one(13, "Cast", 1, {{"to", -1}}).error.find("type -1"), std::string::npos);
}

TEST(OnnxCast, TakesSaturationAndRounding) {
  const auto read =
      read_one(24, "Cast", 1, {{"to", 24}, {"saturate", 0}, {"round_mode", "nearest"}});
  ASSERT_EQ(read.error, "");
  EXPECT_FALSE(read.op<ir::Cast>().saturate);
  EXPECT_EQ(read.op<ir::Cast>().power_rounding, numeric::PowerRounding::Nearest);
}

TEST(OnnxDropout, TakesTheRatioBeforeOpset12AndTheSeedAfter) {
  EXPECT_EQ(read_one(7, "Dropout", 1, {{"ratio", 0.25F}}).op<ir::Dropout>().ratio, 0.25F);
  EXPECT_EQ(read_one(12, "Dropout", 1, {{"seed", 7}}).op<ir::Dropout>().seed, 7);
}

TEST(OnnxDropout, MaskBeforeOpset10IsRefusedIfItIsRead) {
  EXPECT_NE(read_one(7, "Dropout", 1, {}, 2).error, "");
  EXPECT_EQ(read_one(10, "Dropout", 1, {}, 2).error, "");
  test::OnnxModel model = test::one_node(7, "Dropout", 1, {}, 2);
  model.graph().mutable_output()->RemoveLast();
  EXPECT_EQ(test::read_node(model).error, "");
}

TEST(OnnxShape, TakesStartAndEnd) {
  const auto read = read_one(15, "Shape", 1, {{"start", 1}, {"end", -1}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::Shape>().start, 1);
  EXPECT_EQ(read.op<ir::Shape>().end, -1);
}

TEST(OnnxIdentity, IsRead) {
  EXPECT_EQ(read_one(13, "Identity", 1).error, "");
}

::onnx::TensorProto tensor_of(const Ints& values) {
  ::onnx::TensorProto tensor;
  tensor.set_data_type(::onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.mutable_int64_data()->Assign(values.begin(), values.end());
  return tensor;
}

TEST(OnnxConstantOfShape, ValueHasOneElement) {
  EXPECT_EQ(read_one(9, "ConstantOfShape", 1).op<ir::ConstantOfShape>().value.num_elements(), 1);
  EXPECT_EQ(read_one(9, "ConstantOfShape", 1, {{"value", tensor_of({7})}})
                .op<ir::ConstantOfShape>()
                .value,
            test::integers({7}));
  EXPECT_NE(read_one(9, "ConstantOfShape", 1, {{"value", tensor_of({7, 8})}}).error, "");
}

TEST(OnnxConstant, EveryFormOfNumbersBecomesAConstant) {
  const std::pair<test::OnnxAttribute, Tensor> forms[] = {
      {{"value", tensor_of({1, 2})}, test::integers({1, 2})},
      {{"value_int", 3}, Tensor::scalar<std::int64_t>(3)},
      {{"value_float", 0.5F}, Tensor::scalar(0.5F)},
      {{"value_ints", Ints{4, 5}}, test::integers({4, 5})},
      {{"value_floats", Floats{1.5F}}, Tensor::from<float>({1}, {1.5F})}};
  for (const auto& [attribute, content] : forms) {
    test::OnnxModel model;
    model.node("Constant", {}, {"c"}, {attribute});
    model.node("Identity", {"c"}, {"y"});
    model.output("y");
    const auto read = test::read_node(model);
    ASSERT_EQ(read.error, "");
    EXPECT_EQ(read.graph.nodes.size(), 1U);
    EXPECT_EQ(read.constant(0), content);
  }
}

TEST(OnnxConstant, StringsAreRefused) {
  const auto read = read_one(13, "Constant", 0, {{"value_string", "text"}});
  EXPECT_NE(read.error.find("not a tensor of numbers"), std::string::npos) << read.error;
}

}  // namespace
}  // namespace sluice::importer::onnx
