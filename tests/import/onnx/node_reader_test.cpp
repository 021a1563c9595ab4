// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxNodeReader, AttributeOfAnotherTypeIsRefusedByBothTypes) {
  const auto read = read_one(13, "Elu", 1, {{"alpha", 1}});
  EXPECT_NE(read.error.find("attribute \"alpha\" is an integer, it must be a float"),
            std::string::npos)
      << read.error;
}

TEST(OnnxNodeReader, FlagsAreZeroOrOne) {
  const auto read = read_one(13, "Gemm", 2, {{"transA", 2}});
  EXPECT_NE(read.error.find("it must be 0 or 1"), std::string::npos) << read.error;
}

TEST(OnnxNodeReader, LeftoversOfOldExportersAreIgnored) {
  EXPECT_EQ(read_one(13, "Relu", 1, {{"consumed_inputs", std::vector<std::int64_t>{0}}}).error, "");
}

TEST(OnnxNodeReader, AttributeThatIsAReferenceIsRefused) {
  test::OnnxModel model = test::one_node(13, "Elu", 1, {{"alpha", 1.0F}});
  model.graph().mutable_node(0)->mutable_attribute(0)->set_ref_attr_name("outer");
  EXPECT_NE(test::read_node(model).error.find("of another kind"), std::string::npos);
}

TEST(OnnxNodeReader, NewConstantsAreNamedAfterTheNode) {
  const auto read = read_one(9, "Clip", 1, {{"min", 0.0F}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.graph[read.node().inputs[1]].name, "Clip1/min");
}

}  // namespace
}  // namespace sluice::importer::onnx
