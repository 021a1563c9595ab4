// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/tensor.hpp"

#include <gtest/gtest.h>
#include <set>

namespace sluice::exporter::onnx {
namespace {

TEST(OnnxTensorWriting, EveryElementTypeHasANumberOfItsOwn) {
  std::set<std::int32_t> numbers;
  for (int i = 0; i <= static_cast<int>(DType::Bool); ++i) {
    numbers.insert(data_type_of(static_cast<DType>(i)));
  }
  EXPECT_EQ(numbers.size(), static_cast<std::size_t>(DType::Bool) + 1);
  EXPECT_EQ(data_type_of(DType::BFloat16), ::onnx::TensorProto::BFLOAT16);
  EXPECT_EQ(data_type_of(DType::Bool), ::onnx::TensorProto::BOOL);
}

TEST(OnnxTensorWriting, RawDataIsTheElements) {
  const Tensor tensor = Tensor::from<std::int16_t>({2}, {{0x0102, -2}});
  EXPECT_EQ(raw_data(tensor), std::string("\x02\x01\xfe\xff"));
}

TEST(OnnxTensorWriting, FirstOfTwoNarrowElementsIsInTheLowBits) {
  Tensor tensor(DType::Int4, {3});
  tensor.mutable_bytes()[0] = std::byte{0x01};
  tensor.mutable_bytes()[1] = std::byte{0xfe};  // −2
  tensor.mutable_bytes()[2] = std::byte{0x07};
  EXPECT_EQ(raw_data(tensor), std::string("\xe1\x07"));
}

TEST(OnnxTensorWriting, HeadIsNameTypeAndShape) {
  ::onnx::TensorProto message;
  set_head("w", Tensor(DType::UInt8, {2, 0}), message);
  EXPECT_EQ(message.name(), "w");
  EXPECT_EQ(message.data_type(), ::onnx::TensorProto::UINT8);
  ASSERT_EQ(message.dims_size(), 2);
  EXPECT_EQ(message.dims(1), 0);
}

}  // namespace
}  // namespace sluice::exporter::onnx
