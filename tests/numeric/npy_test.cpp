// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/npy.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

namespace sluice::numeric {
namespace {

using namespace std::string_literals;

// A file of the given version, header text and data.
std::vector<std::byte> file(char version, const std::string& header, const std::string& data) {
  std::string text = "\x93NUMPY"s + version + '\0' + static_cast<char>(header.size()) + '\0';
  if (version > 1) text += "\0\0"s;
  text += header + data;
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Result<Tensor> parse(const std::string& header, const std::string& data) {
  return parse_npy(file(1, header, data));
}

TEST(Npy, WrittenTensorsReadBackTheSame) {
  for (const DType dtype : {DType::Float32, DType::Float64, DType::Float16, DType::Int8,
                            DType::UInt16, DType::Int64, DType::Bool}) {
    Tensor tensor(dtype, {2, 3});
    tensor.mutable_bytes()[1] = std::byte{1};
    EXPECT_EQ(*parse_npy(*npy_bytes(tensor)), tensor) << to_string(dtype);
  }
}

TEST(Npy, TheHeaderIsNumpysOwnByteForByte) {
  const auto bytes = *npy_bytes(Tensor::from<float>({3}, {1, 2, 3}));
  const std::string head(reinterpret_cast<const char*>(bytes.data()), 128);
  EXPECT_EQ(head, "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, "s +
                      "'shape': (3,), }" + std::string(60, ' ') + "\n");
  EXPECT_EQ(bytes.size(), 128U + 12U);
}

TEST(Npy, ScalarsAndEmptyArraysAreArrays) {
  EXPECT_EQ(*parse_npy(*npy_bytes(Tensor::scalar(7.0F))), Tensor::scalar(7.0F));
  const Tensor empty(DType::Int32, {0, 5});
  EXPECT_EQ(*parse_npy(*npy_bytes(empty)), empty);
}

TEST(Npy, NarrowIntegersAreWrittenAsBytes) {
  const auto read = parse_npy(*npy_bytes(Tensor(DType::Int4, {2})));
  EXPECT_EQ(read->dtype(), DType::Int8);
}

TEST(Npy, TypesNumpyLacksAreRefused) {
  EXPECT_EQ(npy_bytes(Tensor(DType::BFloat16, {1})).error().code, ErrorCode::Unsupported);
}

TEST(Npy, FortranOrderIsTransposed) {
  const auto tensor =
      parse("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", "\1\4\2\5\3\6");
  EXPECT_EQ(*tensor, Tensor::from<std::uint8_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
}

TEST(Npy, BigEndianIsTurned) {
  const auto tensor =
      parse("{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}", "\1\2\xff\xfe"s);
  EXPECT_EQ(*tensor, Tensor::from<std::int16_t>({2}, {0x102, -2}));
}

TEST(Npy, KeysMayComeInAnyOrderAndDoubleQuotes) {
  const auto tensor =
      parse("{ \"shape\" : ( 2L , ) , 'fortran_order':False, \"descr\":\"<u2\"}\n", "\1\0\2\0"s);
  EXPECT_EQ(*tensor, Tensor::from<std::uint16_t>({2}, {1, 2}));
}

TEST(Npy, VersionsTwoAndThreeHaveLongerLengths) {
  const std::string header = "{'descr': '|i1', 'fortran_order': False, 'shape': ()}";
  EXPECT_EQ(*parse_npy(file(2, header, "\5")), Tensor::scalar<std::int8_t>(5));
  EXPECT_EQ(*parse_npy(file(3, header, "\5")), Tensor::scalar<std::int8_t>(5));
  EXPECT_EQ(parse_npy(file(4, header, "\5")).error().code, ErrorCode::Unsupported);
}

TEST(Npy, BoolsAreNormalized) {
  const auto tensor = parse("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\0\7"s);
  EXPECT_EQ(tensor->bytes()[1], std::byte{1});
}

TEST(Npy, UnknownElementTypesAreNamed) {
  for (const char* descr : {"'<c8'", "'|O'", "'<U3'", "''", "'<'", "'xf4'", "[('a', '<f4')]"}) {
    const auto tensor =
        parse("{'descr': "s + descr + ", 'fortran_order': False, 'shape': (1,)}", "\0\0\0\0"s);
    ASSERT_FALSE(tensor) << descr;
    EXPECT_EQ(tensor.error().code, ErrorCode::Unsupported) << descr;
  }
}

TEST(Npy, HostileHeadersAreRefused) {
  const std::string tail = ", 'fortran_order': False, 'descr': '|u1'}";
  for (const std::string& header :
       {"{'shape': (4294967296, 4294967296)"s + tail, "{'shape': (-1,)"s + tail,
        "{'shape': (99999999999999999999,)"s + tail, "{'shape': (2147483648,)"s + tail,
        "{'shape': 3"s + tail, "{'shape': (1 1)"s + tail, "{'shape': (1,"s, "{'shape"s, ""s, "{"s,
        "{'shape': (1,), 'x': 1}"s, "{'shape': (1,)}"s, "{'shape': (1,)"s + tail + "x"}) {
    EXPECT_FALSE(parse(header, "\0"s)) << header;
  }
}

TEST(Npy, EveryTruncationIsAnError) {
  const auto bytes = *npy_bytes(Tensor::from<float>({2}, {1, 2}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_npy(std::span(bytes).first(size))) << size;
  }
}

TEST(Npy, ExtraBytesAreAnError) {
  EXPECT_FALSE(parse("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", "\1\2"));
}

TEST(Npy, AFileErrorNamesTheFile) {
  EXPECT_EQ(read_npy("/no/such.npy").error().where, "/no/such.npy");
  const auto path = std::filesystem::temp_directory_path() / "sluice_npy_test.npy";
  const Tensor tensor = Tensor::from<float>({1}, {3});
  ASSERT_TRUE(write_npy(path, tensor));
  EXPECT_EQ(*read_npy(path), tensor);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace sluice::numeric
