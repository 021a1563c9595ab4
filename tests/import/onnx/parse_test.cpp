// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/parse.hpp"

#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::importer {
namespace {

TEST(OnnxParse, WeightsThatSpanManyReadsAreWhole) {
  test::OnnxModel model;
  constexpr std::int64_t kCount = 3 << 20;  // 12 MiB: three of the stream's pieces
  std::vector<float> weights(kCount);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i);
  model.input("x", {kCount}).output("y");
  model.initializer("w", {kCount}).set_raw_data(weights.data(), weights.size() * sizeof(float));
  model.node("Add", {"x", "w"}, {"y"});
  const TempFolder folder;
  const auto path = folder.write("large.onnx", model.bytes());
  const auto graph = read_onnx(path);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ((*graph)[graph->nodes[0].inputs[1]].constant, Tensor::from({kCount}, weights));
}

TEST(OnnxParse, OtherFilesAreRefusedWithTheirPath) {
  const TempFolder folder;
  const auto path = folder.write("text.onnx", "this is no model");
  const auto graph = read_onnx(path);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Parse);
  EXPECT_EQ(graph.error().text(), path.string() + ": is not an ONNX model, or is cut off");
}

TEST(OnnxParse, EmptyInputIsRefused) {
  EXPECT_EQ(read_onnx(std::span<const std::byte>()).error().code, ErrorCode::Parse);
}

TEST(OnnxParse, StringThatClaimsTwoGigabytesIsRefused) {
  // ModelProto.producer_name (field 2) with a length of 2^31 - 1 and no content.
  const std::string bytes("\x12\xFF\xFF\xFF\xFF\x07", 6);
  EXPECT_EQ(read_onnx(std::as_bytes(std::span(bytes))).error().code, ErrorCode::Parse);
}

TEST(OnnxParse, ReadsATensorFile) {
  ::onnx::TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(::onnx::TensorProto::FLOAT);
  tensor.add_dims(1);
  tensor.add_float_data(0.5F);
  const TempFolder folder;
  const auto path = folder.write("tensor.pb", tensor.SerializeAsString());
  const auto read = read_onnx_tensor(path);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->name, "t");
  EXPECT_EQ(read->tensor, Tensor::from<float>({1}, {0.5F}));
}

}  // namespace
}  // namespace sluice::importer
