// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using Ints = std::vector<std::int64_t>;

TEST(OnnxConv, TakesWindowAndGroup) {
  const auto read = read_one(11, "Conv", 2,
                             {{"kernel_shape", Ints{3, 3}},
                              {"strides", Ints{2, 1}},
                              {"dilations", Ints{1, 2}},
                              {"pads", Ints{1, 2, 3, 4}},
                              {"group", 4}});
  ASSERT_EQ(read.error, "");
  const auto& op = read.op<ir::Conv>();
  EXPECT_EQ(op.window.kernel, (Ints{3, 3}));
  EXPECT_EQ(op.window.strides, (Ints{2, 1}));
  EXPECT_EQ(op.window.dilations, (Ints{1, 2}));
  EXPECT_EQ(op.window.pads, (Ints{1, 2, 3, 4}));
  EXPECT_EQ(op.group, 4);
}

TEST(OnnxConvTranspose, TakesOutputPaddingAndShape) {
  const auto read = read_one(11, "ConvTranspose", 2,
                             {{"output_padding", Ints{1, 0}}, {"output_shape", Ints{9, 8}}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::ConvTranspose>().output_padding, (Ints{1, 0}));
  EXPECT_EQ(read.op<ir::ConvTranspose>().output_shape, (Ints{9, 8}));
}

}  // namespace
}  // namespace sluice::importer::onnx
