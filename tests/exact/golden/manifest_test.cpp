// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/manifest.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/exact/golden/golden_net.hpp"

namespace sluice::exact::golden {
namespace {

Manifest conv_manifest() {
  Manifest manifest{.model = "net.tflite", .model_sha256 = "00", .input_seed = 4, .fold = 2};
  manifest.layers.push_back(collect_last(conv_net(), true).layer);
  for (Array& array : manifest.layers[0].arrays) {
    array.files = {{array.role + ".npy", Form::Npy, "01"}, {array.role + ".mem", Form::Mem, "02"}};
  }
  return manifest;
}

// The message with which the JSON is refused after `change`; empty if it is taken.
template <class Change>
std::string refusal(Change change) {
  Json json = to_json(conv_manifest(), "tool");
  change(json);
  const auto manifest = manifest_from_json(json);
  return manifest ? "" : manifest.error().text();
}

TEST(GoldenManifest, ComesBackAsItWasWritten) {
  const Json json = to_json(conv_manifest(), "tool 1");
  const auto manifest = manifest_from_json(json);
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(dump_json(to_json(*manifest, "tool 1")), dump_json(json));
}

TEST(GoldenManifest, RequantizersComeBackToTheLastBit) {
  const Manifest written = conv_manifest();
  const auto text = parse_json(dump_json(to_json(written, "")));
  ASSERT_TRUE(text);
  const auto read = manifest_from_json(*text);
  ASSERT_TRUE(read);
  const auto& a = written.layers[0].requantizers;
  const auto& b = read->layers[0].requantizers;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].exact_factor, b[i].exact_factor);
    EXPECT_EQ(a[i].factor, b[i].factor);
    EXPECT_EQ(a[i].multiplier, b[i].multiplier);
    EXPECT_EQ(a[i].zero_point, b[i].zero_point);
    EXPECT_EQ(a[i].codes.highest, b[i].codes.highest);
  }
}

TEST(GoldenManifest, AnotherFormatIsRefused) {
  EXPECT_NE(refusal([](Json& json) { json["format"] = "sluice.run/1"; }).find("sluice.golden/1"),
            std::string::npos);
}

TEST(GoldenManifest, FilesOutsideTheFolderAreRefused) {
  for (const char* name : {"../x.npy", "/etc/passwd", "a/b.npy", "..", ""}) {
    const std::string message =
        refusal([&](Json& json) { json["layers"][0]["arrays"][0]["files"][1]["file"] = name; });
    EXPECT_NE(message.find("/layers/0/arrays/0/files/1"), std::string::npos) << message;
  }
}

TEST(GoldenManifest, WhatNoWriterMakesIsRefused) {
  const auto first_array = [](Json& json) -> Json& { return json["layers"][0]["arrays"][0]; };
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["stream_axes"] = {0, 1, 1, 2}; }), "");
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["dtype"] = "float32"; }), "");
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["bits"] = 9; }), "");
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["shape"] = {1, -2, 3, 4}; }), "");
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["quantization"]["scales"] = {0}; }), "");
  EXPECT_NE(refusal([&](Json& json) { first_array(json)["rolle"] = 1; }), "");
  EXPECT_NE(refusal([&](Json& json) { json["fold"] = 0; }), "");
  const auto requantization = [](Json& json) -> Json& {
    return json["layers"][0]["requantization"];
  };
  EXPECT_NE(refusal([&](Json& json) { requantization(json)["mantissas"][0] = 5; }), "");
  EXPECT_NE(refusal([&](Json& json) { requantization(json)["factors"].erase(0); }), "");
  EXPECT_NE(refusal([&](Json& json) { requantization(json)["clamp"] = {5, 4}; }), "");
  EXPECT_NE(refusal([&](Json& json) { json["layers"][0].erase("arithmetic"); }), "");
  EXPECT_NE(refusal([&](Json& json) { json["layers"][0]["window"]["strides"] = {1}; }), "");
}

TEST(GoldenForm, NamesGoBothWaysAndNearMissesAreOffered) {
  EXPECT_EQ(*form_from_string(to_string(Form::Coe)), Form::Coe);
  EXPECT_NE(form_from_string("meme").error().message.find("did you mean \"mem\""),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::exact::golden
