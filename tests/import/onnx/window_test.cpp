// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxWindow, KnowsEveryWordOfAutoPad) {
  const std::pair<const char*, ir::AutoPad> words[] = {{"NOTSET", ir::AutoPad::NotSet},
                                                       {"SAME_UPPER", ir::AutoPad::SameUpper},
                                                       {"SAME_LOWER", ir::AutoPad::SameLower},
                                                       {"VALID", ir::AutoPad::Valid}};
  for (const auto& [word, value] : words) {
    const auto read = read_one(13, "Conv", 2, {{"auto_pad", word}});
    ASSERT_EQ(read.error, "");
    EXPECT_EQ(read.op<ir::Conv>().window.auto_pad, value);
  }
}

TEST(OnnxWindow, RefusesAnotherWordAndNamesTheNearest) {
  const auto read = read_one(13, "Conv", 2, {{"auto_pad", "SAME_UPER"}});
  EXPECT_NE(read.error.find("did you mean \"SAME_UPPER\""), std::string::npos) << read.error;
}

}  // namespace
}  // namespace sluice::importer::onnx
