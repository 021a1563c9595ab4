// SPDX-License-Identifier: Apache-2.0
// What a damaged or hostile file gets: a refusal, never a crash. Run under sanitizers too.
#include "sluice/import/tflite/model.hpp"

#include <cstring>

#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::TfliteModel;
using Bytes = std::vector<std::byte>;

// Convolution, pooling, reshape, fully connected: tables, vectors, strings and unions of all kinds.
Bytes network() {
  TfliteModel m;
  const auto x = m.input("image", {1, 4, 4, 2}, fb::TensorType::FLOAT32, {-1, 4, 4, 2});
  const auto features = m.tensor("features", {1, 4, 4, 3});
  const auto pooled = m.tensor("pooled", {1, 2, 2, 3});
  const auto flat = m.tensor("flat", {1, 12});
  const auto w = m.floats("w", {3, 3, 3, 2}, std::vector<float>(54, 1));
  m.op(
      Builtin::CONV_2D, {x, w, m.floats("b", {3}, {1, 2, 3})}, {features},
      fb::CreateConv2DOptions(m.fbb(), fb::Padding::SAME, 1, 1, fb::ActivationFunctionType::RELU6));
  m.op(Builtin::MAX_POOL_2D, {features}, {pooled},
       fb::CreatePool2DOptions(m.fbb(), fb::Padding::VALID, 2, 2, 2, 2));
  m.op(Builtin::RESHAPE, {pooled, m.ints("shape", {-1, 12})}, {flat});
  m.op(Builtin::FULLY_CONNECTED, {flat, m.floats("fc", {5, 12}, std::vector<float>(60, 1)), -1},
       {m.output("scores", {1, 5})}, fb::CreateFullyConnectedOptions(m.fbb()));
  return m.bytes();
}

TEST(TfliteModel, WholeNetworkIsRead) {
  EXPECT_TRUE(read_tflite(network()));
}

TEST(TfliteModel, CutFilesAreRefused) {
  const Bytes whole = network();
  for (std::size_t size = 0; size < whole.size(); size += 64) {
    const auto graph = read_tflite(std::span(whole).first(size));
    ASSERT_FALSE(graph) << size;
    EXPECT_EQ(graph.error().code, ErrorCode::Parse) << size;
  }
}

TEST(TfliteModel, EveryWordChangedNeverCrashes) {
  const Bytes whole = network();
  std::size_t refused = 0;
  for (std::size_t at = 0; at + 4 <= whole.size(); at += 4) {
    for (const std::uint32_t value : {0x00000000U, 0xffffffffU, 0x7fffffffU, 0x80000000U,
                                      0x00000004U, 0xfffffffcU, 0x00010000U}) {
      Bytes changed = whole;
      std::memcpy(changed.data() + at, &value, sizeof value);
      if (!read_tflite(changed)) ++refused;
    }
  }
  EXPECT_GT(refused, whole.size() / 8);
}

TEST(TfliteModel, EveryByteFlippedNeverCrashes) {
  const Bytes whole = network();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const auto flip : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
      Bytes changed = whole;
      changed[at] ^= flip;
      if (!read_tflite(changed)) ++refused;
    }
  }
  EXPECT_GT(refused, whole.size() / 8);
}

TEST(TfliteModel, BytesAtAnyAddressAreRead) {
  const Bytes whole = network();
  Bytes shifted(whole.size() + 1);
  std::memcpy(shifted.data() + 1, whole.data(), whole.size());
  EXPECT_TRUE(read_tflite(std::span(shifted).subspan(1)));
}

TEST(TfliteModel, OtherFilesAreRefusedByTheirMark) {
  const std::string text = "this is no model at all";
  const auto graph = read_tflite(std::as_bytes(std::span(text)));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message, "is not a TensorFlow Lite model: the mark TFL3 is missing");
}

TEST(TfliteModel, OtherSchemaVersionsAreRefused) {
  TfliteModel m;
  m.op(Builtin::RELU, {m.input("x", {1})}, {m.output("y", {1})});
  const auto graph = read_tflite(m.bytes(2));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message, "has schema version 2, 3 is read; convert the model again");
}

Result<ir::Graph> relu_of(const TfliteModel::Ints& shape,
                          fb::TensorType type = fb::TensorType::FLOAT32) {
  TfliteModel m;
  const auto x = m.input("x", shape, type);
  m.op(Builtin::RELU, {x}, {m.output("y", shape, type)});
  return m.read();
}

TEST(TfliteModel, NegativeSizesAreRefused) {
  const auto graph = relu_of({2, -3});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Verify);
  EXPECT_EQ(graph.error().text(), "tensor 0 \"x\": dimension -3 in shape 2x-3 is negative");
}

TEST(TfliteModel, HugeShapesAreRefused) {
  EXPECT_FALSE(relu_of({65536, 65536, 65536, 65536}));
  EXPECT_FALSE(relu_of({0x7fffffff, 0x7fffffff}));
  EXPECT_FALSE(relu_of({0, 0x7fffffff, 0x7fffffff}));
}

TEST(TfliteModel, TooManyDimensionsAreRefused) {
  const auto graph = relu_of({1, 1, 1, 1, 1, 1, 1, 1, 1});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message, "has 9 dimensions, at most 8 are supported");
}

TEST(TfliteModel, TypesThatAreNoNumbersAreRefusedByName) {
  EXPECT_EQ(test::message(relu_of({1}, fb::TensorType::STRING)),
            "has elements of type STRING; only plain numbers of 8 to 64 bits are read");
  EXPECT_EQ(test::message(relu_of({1}, static_cast<fb::TensorType>(99))),
            "has elements of type 99; only plain numbers of 8 to 64 bits are read");
}

TEST(TfliteModel, ContentOfTheWrongLengthIsRefused) {
  for (const std::size_t count : {0U, 1U, 5U, 7U}) {
    TfliteModel m;
    const auto x = m.input("x", {6});
    const auto w = m.floats("w", {6}, std::vector<float>(count, 1));
    m.op(Builtin::ADD, {x, w}, {m.output("y", {6})});
    EXPECT_FALSE(m.read()) << count;
  }
}

TEST(TfliteModel, ContentThatDoesNotFillItsTypeIsRefusedWithBothSizes) {
  TfliteModel m;
  const auto x = m.input("x", {6});
  m.op(Builtin::ADD, {x, m.floats("w", {6}, {1, 2})}, {m.output("y", {6})});
  const auto graph = m.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().text(),
            "operator 0 (ADD) \"y\": tensor \"w\": has 8 bytes of content, its type float32 6 "
            "needs 24");
}

TEST(TfliteModel, ConstantsShareTheBytesOfTheFile) {
  const auto file = std::make_shared<Bytes>(network());
  const auto model = Model::open(file, *file);
  ASSERT_TRUE(model) << model.error().text();
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(model->num_tensors()); ++i) {
    const auto info = model->tensor(i);
    ASSERT_TRUE(info);
    if (info->content.empty()) continue;
    const auto content = model->content(*info);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->bytes().data(), info->content.data()) << info->name;
  }
}

TEST(TfliteModel, QuantizationRidesAlong) {
  TfliteModel m;
  m.quantized_input("x", {2}, fb::TensorType::INT8, 0.5F, 3);
  const auto file = std::make_shared<Bytes>(m.bytes());
  const auto model = Model::open(file, *file);
  ASSERT_TRUE(model);
  const auto info = model->tensor(0);
  ASSERT_TRUE(info);
  ASSERT_NE(info->quantization, nullptr);
  EXPECT_EQ(info->quantization->scale()->Get(0), 0.5F);
  EXPECT_EQ(info->quantization->zero_point()->Get(0), 3);
}

}  // namespace
}  // namespace sluice::importer::tflite
