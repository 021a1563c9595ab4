// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/quantize.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/ir/text.hpp"

namespace sluice::api {
namespace {

using ::testing::HasSubstr;

QuantizeOptions digits(const TempFolder& folder, const char* format) {
  const Builtin builtin = *builtin_digits();
  QuantizeOptions options;
  options.model = builtin.model;
  options.data = builtin.calibration;
  options.preprocess = "mnist";
  options.format = *quant::parse_integer_format(format);
  options.images = 32;
  options.quiet = true;
  options.output = folder.path() / "q.sluice";
  return options;
}

std::string error_of(const QuantizeOptions& options) {
  const auto report = quantize(options);
  return report ? "" : report.error().text();
}

TEST(Quantize, BothFilesHoldTheSameNetwork) {
  const TempFolder folder;
  for (const char* format : {"int8", "q8", "q16", "sbfp8-channel"}) {
    SCOPED_TRACE(format);
    QuantizeOptions options = digits(folder, format);
    ASSERT_EQ(error_of(options), "");
    auto text = load_model(options.output);
    ASSERT_TRUE(text) << text.error().text();
    options.output = folder.path() / "q.onnx";
    ASSERT_EQ(error_of(options), "");
    auto onnx = load_model(options.output);
    ASSERT_TRUE(onnx) << onnx.error().text();
    ASSERT_TRUE(prepare(*text, quant::Compat::None));
    ASSERT_TRUE(prepare(*onnx, quant::Compat::None));
    const ir::PrintOptions whole{.max_elements = 1 << 20};
    EXPECT_TRUE(ir::print(*onnx, whole) == ir::print(*text, whole));
  }
}

TEST(Quantize, WideCodesAreForSluicesOwnForm) {
  const TempFolder folder;
  QuantizeOptions options = digits(folder, "q20");
  EXPECT_EQ(error_of(options), "");
  options.output = folder.path() / "wide.onnx";
  EXPECT_THAT(error_of(options), HasSubstr("write the network as .sluice"));
  EXPECT_FALSE(std::filesystem::exists(options.output));
  options.output = folder.path() / "network.tflite";
  EXPECT_THAT(error_of(options), HasSubstr(".onnx or .sluice"));
}

TEST(Quantize, ReportsWhatBecameOfEachLayer) {
  const TempFolder folder;
  const auto report = quantize(digits(folder, "int8"));
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->format, "int8");
  EXPECT_EQ(report->calibration_images, 32);
  EXPECT_LT(report->parameter_bytes, report->parameter_bytes_before);
  const auto conv = std::ranges::find(report->layers, "Conv", &QuantizedLayer::op);
  ASSERT_NE(conv, report->layers.end());
  EXPECT_THAT(conv->weights, HasSubstr("int8, "));
  EXPECT_THAT(conv->output, HasSubstr("zero -128"));
  EXPECT_EQ(conv->arithmetic, "tflite-single");
  EXPECT_THAT(to_text(*report), HasSubstr("tflite-single"));
  EXPECT_EQ(to_json(*report)["format"], "sluice.quantize/1");
}

TEST(Quantize, TakesTensorsInPlaceOfImages) {
  const TempFolder folder;
  QuantizeOptions options = digits(folder, "q8");
  options.data.clear();
  EXPECT_THAT(error_of(options), HasSubstr("give --data or --input"));
  options.inputs = {folder.write("bad.npy", std::string_view("no array"))};
  EXPECT_THAT(error_of(options), HasSubstr("bad.npy"));
}

TEST(Quantize, WhatIsQuantizedAlreadyIsRefused) {
  const TempFolder folder;
  QuantizeOptions options = digits(folder, "int8");
  ASSERT_EQ(error_of(options), "");
  options.model = options.output;
  EXPECT_THAT(error_of(options), HasSubstr("is quantized already"));
}

TEST(Quantize, ThresholdsAreForEmulatedFormats) {
  const TempFolder folder;
  QuantizeOptions options = digits(folder, "int8");
  options.network.weight_threshold = 0.1F;
  EXPECT_THAT(error_of(options), HasSubstr("sluice prune"));
}

TEST(LayerFormats, AreOneNameOrTwo) {
  const TempFolder folder;
  const auto formats = read_layer_formats(folder.write(
      "layers.json",
      std::string_view(
          R"({"layers": {"a": "q16", "b": {"weights": "q4", "activations": "q8"}}})")));
  ASSERT_TRUE(formats) << formats.error().text();
  EXPECT_EQ(quant::to_string(formats->at("a").weights), "q16");
  EXPECT_EQ(quant::to_string(formats->at("b").weights), "q4");
  EXPECT_EQ(quant::to_string(formats->at("b").activations), "q8");
}

TEST(LayerFormats, ErrorsNameThePlace) {
  const TempFolder folder;
  const auto error_in = [&](std::string_view text) {
    const auto formats = read_layer_formats(folder.write("layers.json", text));
    return formats ? "" : formats.error().text();
  };
  EXPECT_THAT(error_in(R"({"layers": {"a": 4}})"), HasSubstr("/layers/a"));
  EXPECT_THAT(error_in(R"({"layers": {"a": "q99"}})"), HasSubstr("no integer format"));
  EXPECT_THAT(error_in(R"({"layers": {"a": {"weights": "q4"}}})"), HasSubstr("activations"));
  EXPECT_THAT(error_in(R"({"layers": []})"), HasSubstr("is no object"));
  EXPECT_THAT(error_in(R"({"layer": {}})"), HasSubstr("layers"));
}

}  // namespace
}  // namespace sluice::api
