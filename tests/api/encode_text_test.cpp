// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/encode.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;
using testing::Not;

EncodeReport encode_report() {
  TensorCompression weights{.role = "weights",
                            .value = "w",
                            .alphabet = {8, true},
                            .shape = {10, 100},
                            .codes = 1000,
                            .entropy_ratio = 0.5};
  weights.compressions = {sparse::Compression{0.525, 1280}, sparse::Compression{1.25, 0}};
  TensorCompression input{
      .role = "input", .value = "x", .alphabet = {24, false}, .shape = {1, 500}, .codes = 500};
  input.compressions = {std::nullopt, sparse::Compression{0.5, 0}};
  return {.model = "net.onnx",
          .model_sha256 = "00",
          .data = "images",
          .preprocess = "mnist",
          .images = 1200,
          .rules = "exact",
          .encodings = *sparse::parse_encodings("huffman,rle4"),
          .formats = {{"fixed8", {{"conv1", "Conv", {weights, input}}}}},
          .notes = {"a note"}};
}

TEST(EncodeText, ATensorIsARow) {
  const std::string text = to_text(encode_report());
  EXPECT_THAT(text, HasSubstr("fixed8:\nlayer         op    tensor   codes  bits  entropy"));
  EXPECT_THAT(text, HasSubstr("conv1         Conv  weights  1,000     8   0.5000   0.5250  1.2500"
                              "       1,280\n"));
  EXPECT_THAT(text, HasSubstr("over 1,200 images\n"));
}

TEST(EncodeText, WhatThereIsNotIsBlank) {
  EXPECT_THAT(to_text(encode_report()),
              HasSubstr("conv1         Conv  input      500    24                    0.5000\n"));
}

TEST(EncodeText, MeansFollow) {
  const std::string text = to_text(encode_report());
  EXPECT_THAT(text, HasSubstr("mean                all                    0.5000   0.5250  "
                              "0.8750\n"));
  // 8,000 bits at 1.25, 12,000 at 0.5.
  EXPECT_THAT(text, HasSubstr("mean by size        all                    0.5000   0.5250  "
                              "0.8000\n"));
}

TEST(EncodeText, WithoutHuffmanThereIsNoColumnOfTables) {
  EncodeReport report = encode_report();
  EXPECT_THAT(to_text(report), HasSubstr("table bits"));
  report.encodings = *sparse::parse_encodings("rle2,rle4");
  EXPECT_THAT(to_text(report), Not(HasSubstr("table bits")));
}

TEST(EncodeText, WeightsAloneAreSaid) {
  EncodeReport report = encode_report();
  report.images = 0;
  EXPECT_THAT(to_text(report), HasSubstr("of the weights alone\n"));
}

TEST(EncodeText, JsonHasEveryFigure) {
  const Json json = to_json(encode_report());
  EXPECT_EQ(json["format"], "sluice.encoding/1");
  EXPECT_EQ(json["encodings"], Json({"huffman", "rle4"}));
  EXPECT_EQ(json["images"], 1200);
  const Json& tensors = json["number_formats"][0]["layers"][0]["tensors"];
  EXPECT_EQ(tensors[0]["encodings"][0],
            Json({{"encoding", "huffman"}, {"ratio", 0.525}, {"table_bits", 1280}}));
  EXPECT_EQ(tensors[1]["entropy_ratio"], Json());
  EXPECT_EQ(tensors[1]["encodings"].size(), 1U);
  const Json& means = json["number_formats"][0]["mean_ratios"];
  EXPECT_EQ(means[2]["role"], "all");
  EXPECT_EQ(means[2]["encodings"][1]["plain"], 0.875);
  EXPECT_EQ(means[2]["encodings"][1]["by_size"], 0.8);
  EXPECT_EQ(means[1]["entropy"]["plain"], Json());
}

TEST(EncodeText, JsonLeavesOutImagesThatThereAreNot) {
  EncodeReport report = encode_report();
  report.data.clear();
  const Json json = to_json(report);
  EXPECT_FALSE(json.contains("images"));
  EXPECT_FALSE(json.contains("calibration"));
}

}  // namespace
}  // namespace sluice::api
