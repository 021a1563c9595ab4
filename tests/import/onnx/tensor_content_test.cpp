// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>
#include <gtest/gtest.h>

#include "sluice/import/onnx/proto.hpp"

namespace sluice::importer::onnx {
namespace {

using ::onnx::TensorProto;

TensorProto message(int data_type, const std::vector<std::int64_t>& shape) {
  TensorProto proto;
  proto.set_data_type(data_type);
  proto.mutable_dims()->Assign(shape.begin(), shape.end());
  return proto;
}

TensorProto raw(int data_type, const std::vector<std::int64_t>& shape, const std::string& bytes) {
  TensorProto proto = message(data_type, shape);
  proto.set_raw_data(bytes);
  return proto;
}

Result<Tensor> take(TensorProto proto) {
  ExternalFiles files(std::nullopt);
  return take_tensor(proto, files);
}

std::vector<int> bytes_of(const Tensor& tensor) {
  std::vector<int> values;
  for (const std::byte b : tensor.bytes()) values.push_back(std::to_integer<int>(b));
  return values;
}

void expect_parse_error(TensorProto proto, const std::string& text) {
  const auto tensor = take(std::move(proto));
  ASSERT_FALSE(tensor);
  EXPECT_EQ(tensor.error().code, ErrorCode::Parse);
  EXPECT_NE(tensor.error().message.find(text), std::string::npos) << tensor.error().message;
}

TEST(OnnxTensorContent, RawBytesAreTakenOverWithoutACopy) {
  TensorProto proto = raw(TensorProto::FLOAT, {100}, std::string(400, '\0'));
  const void* bytes = proto.raw_data().data();
  ExternalFiles files(std::nullopt);
  const auto tensor = take_tensor(proto, files);
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->bytes().data(), bytes);
}

TEST(OnnxTensorContent, RawBytesMustFitTheShape) {
  expect_parse_error(raw(TensorProto::FLOAT, {2}, "1234567"), "has 7 bytes of content");
  expect_parse_error(raw(TensorProto::INT64, {}, "1234567"), "need 8");
}

TEST(OnnxTensorContent, HugeShapesWithoutContentAllocateNothing) {
  expect_parse_error(message(TensorProto::FLOAT, {std::int64_t{1} << 30}), "has 0 values");
  expect_parse_error(message(TensorProto::FLOAT, {std::int64_t{1} << 40}), "more than");
  expect_parse_error(message(TensorProto::FLOAT, {-1}), "negative");
  expect_parse_error(message(TensorProto::FLOAT, std::vector<std::int64_t>(40, 1)), "dimensions");
}

TEST(OnnxTensorContent, EmptyTensorsNeedNoContent) {
  const auto tensor = take(message(TensorProto::FLOAT, {0, 3}));
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->shape(), (Shape{0, 3}));
}

TEST(OnnxTensorContent, EachTypeHasItsField) {
  TensorProto floats = message(TensorProto::FLOAT, {2});
  floats.add_float_data(1.5F);
  floats.add_float_data(-2);
  EXPECT_EQ(*take(floats), Tensor::from<float>({2}, {1.5F, -2}));
  TensorProto doubles = message(TensorProto::DOUBLE, {1});
  doubles.add_double_data(0.1);
  EXPECT_EQ(*take(doubles), Tensor::from<double>({1}, {0.1}));
  TensorProto longs = message(TensorProto::INT64, {1});
  longs.add_int64_data(-5);
  EXPECT_EQ(*take(longs), Tensor::from<std::int64_t>({1}, {-5}));
  TensorProto unsigned_longs = message(TensorProto::UINT64, {1});
  unsigned_longs.add_uint64_data(~std::uint64_t{0});
  EXPECT_EQ(*take(unsigned_longs), Tensor::from<std::uint64_t>({1}, {~std::uint64_t{0}}));
  TensorProto unsigned_ints = message(TensorProto::UINT32, {1});
  unsigned_ints.add_uint64_data(7);
  EXPECT_EQ(*take(unsigned_ints), Tensor::from<std::uint32_t>({1}, {7}));
  TensorProto ints = message(TensorProto::INT32, {1});
  ints.add_int32_data(-7);
  EXPECT_EQ(*take(ints), Tensor::from<std::int32_t>({1}, {-7}));
  TensorProto bytes = message(TensorProto::INT8, {2});
  bytes.add_int32_data(-128);
  bytes.add_int32_data(127);
  EXPECT_EQ(*take(bytes), Tensor::from<std::int8_t>({2}, {-128, 127}));
  TensorProto half = message(TensorProto::FLOAT16, {1});
  half.add_int32_data(0xFC00);
  EXPECT_EQ(bytes_of(*take(half)), (std::vector<int>{0x00, 0xFC}));
}

TEST(OnnxTensorContent, ContentInTheFieldOfAnotherTypeIsRefused) {
  TensorProto proto = message(TensorProto::INT64, {1});
  proto.add_float_data(1);
  expect_parse_error(proto, "has 0 values");
}

TEST(OnnxTensorContent, CodesOutsideTheirTypeAreRefused) {
  for (const auto& [type, value] : {std::pair{TensorProto::INT8, 128},
                                    {TensorProto::UINT8, -1},
                                    {TensorProto::UINT16, 65536},
                                    {TensorProto::FLOAT16, -1}}) {
    TensorProto proto = message(type, {1});
    proto.add_int32_data(value);
    expect_parse_error(proto, std::to_string(value));
  }
}

TEST(OnnxTensorContent, NibblesAreUnpackedLowFirstAndSigned) {
  EXPECT_EQ(bytes_of(*take(raw(21, {3}, "\x21\x0F"))), (std::vector<int>{1, 2, 15}));
  EXPECT_EQ(bytes_of(*take(raw(22, {3}, "\x78\x0F"))), (std::vector<int>{0xF8, 7, 0xFF}));
  EXPECT_EQ(bytes_of(*take(raw(23, {2}, "\xF1"))), (std::vector<int>{1, 15}));
  expect_parse_error(raw(22, {3}, "\x78"), "has 1 bytes");
}

TEST(OnnxTensorContent, PairsOfBitsAreUnpackedLowFirstAndSigned) {
  EXPECT_EQ(bytes_of(*take(raw(25, {5}, "\xE4\x02"))), (std::vector<int>{0, 1, 2, 3, 2}));
  EXPECT_EQ(bytes_of(*take(raw(26, {4}, "\xE4"))), (std::vector<int>{0, 1, 0xFE, 0xFF}));
}

TEST(OnnxTensorContent, NarrowTypesMayBeInInt32DataPacked) {
  TensorProto proto = message(22, {3});
  proto.add_int32_data(0x78);
  proto.add_int32_data(0x0F);
  EXPECT_EQ(bytes_of(*take(proto)), (std::vector<int>{0xF8, 7, 0xFF}));
}

TEST(OnnxTensorContent, BooleansBecomeZeroOrOne) {
  EXPECT_EQ(bytes_of(*take(raw(TensorProto::BOOL, {3}, {"\x00\x02\xFF", 3}))),
            (std::vector<int>{0, 1, 1}));
  TensorProto proto = message(TensorProto::BOOL, {2});
  proto.add_int32_data(256);
  proto.add_int32_data(0);
  EXPECT_EQ(bytes_of(*take(proto)), (std::vector<int>{1, 0}));
}

TEST(OnnxTensorContent, StringsComplexNumbersAndUnknownTypesAreRefused) {
  for (const int type : {8, 14, 15}) {
    EXPECT_EQ(take(message(type, {0})).error().code, ErrorCode::Unsupported) << type;
  }
  for (const int type : {0, 27, -1}) {
    EXPECT_EQ(take(message(type, {0})).error().code, ErrorCode::Parse) << type;
  }
}

TEST(OnnxTensorContent, SegmentsAreRefused) {
  TensorProto proto = message(TensorProto::FLOAT, {0});
  proto.mutable_segment()->set_begin(0);
  EXPECT_EQ(take(proto).error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::importer::onnx
