// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/sluice.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/sha256.hpp"

namespace sluice::importer {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kGraph =
    "graph \"one\" {\n"
    "  input %x: int8[?x4] as int8[1x4] quantized {scales=[0.5]}\n"
    "  const %w: int8[4x4] = data[0] quantized {scales=[0.25]}\n"
    "  const %flags: bool[4] = data[64]\n"
    "  %y: int8[1x4] quantized {scales=[2]} = MatMul(%x, %w) by onnx \"product\"\n"
    "  output %y\n"
    "}\n";
constexpr std::size_t kDataBytes = 68;

// Aligned as memory of a mapped file is.
std::shared_ptr<std::vector<std::byte>> some_data(std::byte fill = std::byte{1}) {
  return std::make_shared<std::vector<std::byte>>(kDataBytes, fill);
}

std::string head_of(std::span<const std::byte> data) {
  return fmt::format("sluice 1\ndata {} sha256 \"{}\"\n", data.size(), sha256(data));
}

Result<ir::Graph> read(std::string_view text, const std::shared_ptr<std::vector<std::byte>>& data) {
  return read_sluice(text, *data, data);
}

// The error of that graph, with data that is its own.
std::string refusal(std::string graph, std::byte fill = std::byte{1}) {
  const auto data = some_data(fill);
  const auto read_graph = read(head_of(*data) + std::move(graph), data);
  return read_graph ? "is read" : read_graph.error().text();
}

std::string with(std::string_view from, std::string_view to) {
  std::string graph(kGraph);
  return graph.replace(graph.find(from), from.size(), to);
}

TEST(ReadSluice, ContentsAreInTheData) {
  const auto data = some_data();
  const auto graph = read(head_of(*data) + std::string(kGraph), data);
  ASSERT_TRUE(graph) << graph.error().text();
  const Tensor& w = *graph->values[1].constant;
  EXPECT_EQ(w.shape(), (Shape{4, 4}));
  EXPECT_EQ(w.bytes().data(), data->data());
  EXPECT_EQ(graph->values[1].quantization->scales, (std::vector<float>{0.25F}));
  EXPECT_EQ(graph->values[2].constant->bytes().data(), data->data() + 64);
  EXPECT_EQ(graph->inputs[0].declared_shape, (Shape{ir::kOpenDim, 4}));
  EXPECT_EQ(graph->nodes[0].arithmetic, numeric::Arithmetic::Onnx);
}

TEST(ReadSluice, OtherDataIsRefused) {
  const auto data = some_data();
  const std::string text = head_of(*data) + std::string(kGraph);
  auto changed = some_data();
  changed->back() = std::byte{0};
  const auto graph = read(text, changed);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Parse);
  EXPECT_EQ(graph.error().text(),
            "line 2: the data is not what was written with this text; copy both files together");
  changed->pop_back();
  EXPECT_THAT(read(text, changed).error().text(), HasSubstr("has 67 bytes, must have 68"));
}

TEST(ReadSluice, NewerFormsAreRefused) {
  const auto graph = read("sluice 2\nwhatever\n", some_data());
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(graph.error().text(), HasSubstr("line 1: version 2 of the form is not known, 1 is"));
}

TEST(ReadSluice, PlacesOutsideTheDataAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal(with("data[64]", "data[128]")),
              HasSubstr("line 6: 4 bytes at 128 end beyond the data, which has 68"));
  EXPECT_THAT(refusal(with("bool[4]", "bool[5]")), HasSubstr("line 6: 5 bytes at 64 end beyond"));
  EXPECT_THAT(refusal(with("data[64]", "data[65]")), HasSubstr("at a multiple of 64 from 16 on"));
  EXPECT_THAT(refusal(with("data[64]", "data[0]")), HasSubstr("at a multiple of 64 from 16 on"));
  EXPECT_THAT(refusal(with("data[64]", "data[18446744073709551552]")), HasSubstr("end beyond"));
  EXPECT_THAT(refusal(with("data[64]", "data[18446744073709551616]")), HasSubstr("no number"));
  EXPECT_THAT(refusal(with("data[64]", "data[-64]")), HasSubstr("no number"));
  EXPECT_THAT(refusal(with("bool[4]", "float64[2147483648]")), HasSubstr("end beyond"));
  EXPECT_THAT(refusal(with("bool[4]", "bool[4294967296x4294967296]")), HasSubstr("line 6: "));
}

TEST(ReadSluice, BytesThatAreNoElementsAreRefused) {
  EXPECT_THAT(refusal(std::string(kGraph), std::byte{2}), HasSubstr("bytes that are no bool"));
  EXPECT_EQ(refusal(with("bool[4]", "int4[4]"), std::byte{7}), "is read");
  EXPECT_THAT(refusal(with("bool[4]", "int4[4]"), std::byte{8}), HasSubstr("no int4"));
}

TEST(ReadSluice, WhatDoesNotHoldTogetherIsRefused) {
  EXPECT_THAT(refusal(with("quantized {scales=[2]}", "quantized {scales=[-2]}")),
              HasSubstr("value \"y\""));
  EXPECT_THAT(refusal(with("%y: int8[1x4]", "%y")), HasSubstr("has no type"));
  EXPECT_THAT(refusal(with("by onnx", "by onyx")), HasSubstr("did you mean \"onnx\"?"));
  EXPECT_THAT(refusal(with("int8[?x4]", "int8[?x9223372036854775807]")), HasSubstr("line 4: "));
}

TEST(ReadSluice, CutOffTextIsRefusedAtEveryLength) {
  const auto data = some_data();
  const std::string whole = head_of(*data) + std::string(kGraph);
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(read(std::string_view(whole).substr(0, length), data)) << length;
  }
}

TEST(ReadSluice, TextWithAnyByteChangedIsReadOrRefused) {
  const auto data = some_data();
  const std::string whole = head_of(*data) + std::string(kGraph);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char c : {'\0', '9', '"', '}', '\xff'}) {
      std::string changed = whole;
      changed[i] = c;
      const auto graph = read(changed, data);
      EXPECT_TRUE(!graph || ir::verify(*graph)) << i;
    }
  }
}

TEST(ReadSluice, PlaceStartsWithTheFile) {
  const TempFolder folder;
  const auto data = some_data();
  const auto path = folder.write("net.sluice", head_of(*data) + with("data[64]", "data[128]"));
  EXPECT_EQ(read_sluice(path).error().code, ErrorCode::Io);  // no data
  EXPECT_EQ(read_sluice(path).error().where, path.string() + ".data");
  folder.write("net.sluice.data", std::span<const std::byte>(*data));
  EXPECT_EQ(read_sluice(path).error().where, path.string() + ": line 6");
  folder.write("net.sluice", head_of(*data) + std::string(kGraph));
  EXPECT_TRUE(read_sluice(path));
}

TEST(ReadSluice, FirstWordTellsTheForm) {
  EXPECT_TRUE(is_sluice("sluice 1\n"));
  EXPECT_FALSE(is_sluice("sluices"));
  EXPECT_FALSE(is_sluice(""));
}

}  // namespace
}  // namespace sluice::importer
