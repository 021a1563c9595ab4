// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxConvert, EveryOperatorOfTheIrHasAnOnnxNameButSnap) {
  const std::string_view names[] = {
#define SL_OP(Name, family) #Name,
#include "sluice/ir/ops.def"
#undef SL_OP
  };
  for (const std::string_view name : names) {
    const auto read = read_one(13, std::string(name), 1);
    const bool is_known = read.error.find("is not supported; ") == std::string::npos &&
                          read.error.find("is not an ONNX operator") == std::string::npos;
    EXPECT_EQ(is_known, name != "Snap") << read.error;
  }
}

TEST(OnnxConvert, RemedyFitsTheOperator) {
  EXPECT_NE(read_one(13, "Loop", 1).error.find("control flow"), std::string::npos);
  EXPECT_NE(read_one(13, "NonMaxSuppression", 2).error.find("post-processing"), std::string::npos);
  EXPECT_NE(read_one(13, "Einsum", 2).error.find("export the model without it"), std::string::npos);
}

}  // namespace
}  // namespace sluice::importer::onnx
