// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/safetensors.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"

namespace sluice::importer {
namespace {

Result<Checkpoint> read_stored(const std::string& header, const std::string& data) {
  const auto text =
      std::make_shared<const std::string>(little_endian(header.size(), 8) + header + data);
  const auto bytes = std::as_bytes(std::span(*text));
  EXPECT_TRUE(starts_as_safetensors(bytes));
  return read_safetensors({text, bytes});
}

void expect_stored_error(const std::string& header, const std::string& data,
                         const std::string& part, ErrorCode code = ErrorCode::Parse) {
  const auto checkpoint = read_stored(header, data);
  ASSERT_FALSE(checkpoint) << header;
  EXPECT_NE(checkpoint.error().text().find(part), std::string::npos) << checkpoint.error().text();
  EXPECT_EQ(checkpoint.error().code, code);
}

TEST(Safetensors, TensorsComeInTheOrderOfTheirBytes) {
  const auto checkpoint =
      read_stored(R"({"b":{"dtype":"I16","shape":[2],"data_offsets":[8,12]},)"
                  R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}   )",
                  float_bytes({1, 2}) + little_endian(7, 2) + little_endian(0xffff, 2));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  ASSERT_EQ(checkpoint->tensors.size(), 2U);
  EXPECT_EQ(checkpoint->tensors[0].name, "a");
  EXPECT_EQ(checkpoint->tensors[0].tensor, Tensor::from<float>({2, 1}, {1, 2}));
  EXPECT_EQ(checkpoint->tensors[1].tensor, Tensor::from<std::int16_t>({2}, {7, -1}));
}

TEST(Safetensors, EveryElementTypeIsRead) {
  struct Case {
    const char* name;
    DType dtype;
  };
  for (const Case& type :
       {Case{"F64", DType::Float64}, Case{"F32", DType::Float32}, Case{"F16", DType::Float16},
        Case{"BF16", DType::BFloat16}, Case{"I64", DType::Int64}, Case{"I32", DType::Int32},
        Case{"I16", DType::Int16}, Case{"I8", DType::Int8}, Case{"U8", DType::UInt8},
        Case{"BOOL", DType::Bool}}) {
    const std::size_t size = storage_bytes(type.dtype);
    const auto checkpoint =
        read_stored(std::string(R"({"a":{"dtype":")") + type.name +
                        R"(","shape":[],"data_offsets":[0,)" + std::to_string(size) + "]}}",
                    std::string(size, '\x01'));
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(checkpoint->tensors[0].tensor.dtype(), type.dtype);
  }
}

TEST(Safetensors, MetadataBecomesScalars) {
  const auto checkpoint = read_stored(R"({"__metadata__":{"format":"pt"}})", "");
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  ASSERT_EQ(checkpoint->scalars.size(), 1U);
  EXPECT_EQ(std::get<std::string>(checkpoint->scalars[0].value), "pt");
}

TEST(Safetensors, EmptyTensorsTakeNoBytes) {
  const auto checkpoint = read_stored(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                      R"("e":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                                      float_bytes({1}));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->find("e")->num_elements(), 0);
}

TEST(Safetensors, HolesOverlapsAndRestsAreErrors) {
  const std::string eight(8, 'x');
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", eight, "hole");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                      R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                      eight, "\"b\": lies over");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", eight,
                      "take 4 bytes, the file has 8");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", eight,
                      "take 16 bytes");
}

TEST(Safetensors, SizesThatDoNotFitAreErrors) {
  const std::string eight(8, 'x');
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", eight,
                      "/a/data_offsets: hold 8 bytes");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", eight,
                      "negative");
  expect_stored_error(
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", eight,
      "/a/shape");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", eight,
                      "where the tensor begins");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", eight,
                      "where the tensor begins");
}

TEST(Safetensors, OtherElementTypesAreUnsupported) {
  expect_stored_error(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})",
                      std::string(8, 'x'), "\"C64\"", ErrorCode::Unsupported);
}

TEST(Safetensors, HeadersOfOtherFormAreErrors) {
  expect_stored_error("{", "", "");
  expect_stored_error(R"({"a":1})", "", "/a");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[1]}})", "", "data_offsets");
  expect_stored_error(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", "1234",
                      "x");
  expect_stored_error(R"({"__metadata__":7})", "", "/__metadata__");
  expect_stored_error(R"({"__metadata__":{"a":7}})", "", "/__metadata__/a");
}

TEST(Safetensors, AHeaderLargerThanTheFileIsNone) {
  const std::string text = little_endian(100, 8) + "{}";
  EXPECT_FALSE(starts_as_safetensors(std::as_bytes(std::span(text))));
  EXPECT_FALSE(starts_as_safetensors({}));
}

}  // namespace
}  // namespace sluice::importer
