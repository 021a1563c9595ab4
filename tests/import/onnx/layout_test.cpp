// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using test::integers;
using Ints = std::vector<std::int64_t>;

TEST(OnnxConcat, NeedsAnAxis) {
  EXPECT_EQ(read_one(13, "Concat", 2, {{"axis", 1}}).op<ir::Concat>().axis, 1);
  EXPECT_NE(read_one(13, "Concat", 2).error.find("\"axis\" is missing"), std::string::npos);
}

TEST(OnnxDepthToSpace, TakesBothOrders) {
  EXPECT_FALSE(
      read_one(13, "DepthToSpace", 1, {{"blocksize", 2}}).op<ir::DepthToSpace>().column_row_depth);
  EXPECT_TRUE(read_one(13, "DepthToSpace", 1, {{"blocksize", 2}, {"mode", "CRD"}})
                  .op<ir::DepthToSpace>()
                  .column_row_depth);
}

TEST(OnnxSpaceToDepth, TakesTheBlockSize) {
  EXPECT_EQ(read_one(13, "SpaceToDepth", 1, {{"blocksize", 2}}).op<ir::SpaceToDepth>().block_size,
            2);
}

TEST(OnnxPad, AttributesBecomeInputsBeforeOpset11) {
  const auto read =
      read_one(2, "Pad", 1, {{"pads", Ints{0, 0, 1, 1, 0, 0, 1, 1}}, {"value", 2.0F}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.constant(1), integers({0, 0, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(read.constant(2), Tensor::scalar(2.0F));
}

TEST(OnnxPad, KnowsEveryMode) {
  const std::pair<const char*, ir::PadMode> modes[] = {{"constant", ir::PadMode::Constant},
                                                       {"reflect", ir::PadMode::Reflect},
                                                       {"edge", ir::PadMode::Edge},
                                                       {"wrap", ir::PadMode::Wrap}};
  for (const auto& [word, mode] : modes) {
    EXPECT_EQ(read_one(19, "Pad", 2, {{"mode", word}}).op<ir::Pad>().mode, mode);
  }
}

TEST(OnnxSlice, AttributesBecomeInputsBeforeOpset10) {
  const auto read =
      read_one(9, "Slice", 1, {{"starts", Ints{1}}, {"ends", Ints{-1}}, {"axes", Ints{2}}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.constant(1), integers({1}));
  EXPECT_EQ(read.constant(2), integers({-1}));
  EXPECT_EQ(read.constant(3), integers({2}));
}

TEST(OnnxSplit, SizesBecomeAnInputBeforeOpset13) {
  const auto read = read_one(11, "Split", 1, {{"split", Ints{1, 3}}, {"axis", 1}}, 2);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.constant(1), integers({1, 3}));
  EXPECT_EQ(read.op<ir::Split>().axis, 1);
}

TEST(OnnxSplit, NumOutputsMustBeTheNumberOfOutputs) {
  EXPECT_EQ(read_one(18, "Split", 1, {{"num_outputs", 2}}, 2).error, "");
  EXPECT_NE(read_one(18, "Split", 1, {{"num_outputs", 3}}, 2).error, "");
}

TEST(OnnxSqueezeAndUnsqueeze, AxesBecomeAnInputBeforeOpset13) {
  EXPECT_EQ(read_one(11, "Squeeze", 1, {{"axes", Ints{0}}}).constant(1), integers({0}));
  EXPECT_EQ(read_one(11, "Unsqueeze", 1, {{"axes", Ints{0}}}).constant(1), integers({0}));
  EXPECT_EQ(read_one(13, "Squeeze", 2).num_inputs(), 2U);
}

TEST(OnnxSqueeze, AxesAsAttributeAndInputAreRefused) {
  const auto read = read_one(11, "Squeeze", 2, {{"axes", Ints{0}}});
  EXPECT_NE(read.error.find("as an attribute and as input 1"), std::string::npos) << read.error;
}

TEST(OnnxLayout, TakesTheirAttributes) {
  EXPECT_EQ(read_one(13, "Flatten", 1, {{"axis", 2}}).op<ir::Flatten>().axis, 2);
  EXPECT_EQ(read_one(13, "Gather", 2, {{"axis", 1}}).op<ir::Gather>().axis, 1);
  EXPECT_TRUE(read_one(14, "Reshape", 2, {{"allowzero", 1}}).op<ir::Reshape>().allow_zero);
  EXPECT_EQ(
      read_one(13, "Transpose", 1, {{"perm", Ints{3, 2, 1, 0}}}).op<ir::Transpose>().permutation,
      (Ints{3, 2, 1, 0}));
  EXPECT_EQ(read_one(13, "Expand", 2).error, "");
  EXPECT_EQ(read_one(13, "Tile", 2).error, "");
}

}  // namespace
}  // namespace sluice::importer::onnx
