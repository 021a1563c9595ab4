// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/encode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/quantized_model.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/encoded_folder.hpp"
#include "sluice/api/quantize.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/import/onnx.hpp"

namespace sluice::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

EncodeOptions encode_digits(const char* formats, std::int64_t images = 4) {
  const Builtin digits = *builtin_digits();
  EncodeOptions options;
  options.model = digits.model;
  options.quiet = true;
  if (*formats != 0) options.formats = *numeric::parse_formats(formats);
  options.encodings = *sparse::parse_encodings("huffman,rle2,rle4");
  if (images > 0) {
    options.data = digits.test;
    options.preprocess = "mnist";
    options.limit = images;
  }
  return options;
}

EncodeReport encoded(const EncodeOptions& options) {
  auto report = encode(options);
  EXPECT_TRUE(report) << report.error().text();
  return report ? *std::move(report) : EncodeReport{};
}

std::string refusal_of(const EncodeOptions& options) {
  const auto report = encode(options);
  EXPECT_FALSE(report);
  if (report) return {};
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument) << report.error().text();
  return report.error().text();
}

TEST(Encode, HuffmanIsBetweenTheEntropyAndOneBitMore) {
  const EncodeReport report = encoded(encode_digits("fixed8,bfp8-channel,q8,mxint8"));
  ASSERT_EQ(report.formats.size(), 4U);
  EXPECT_EQ(report.images, 4);
  for (const FormatCompression& format : report.formats) {
    EXPECT_EQ(format.layers.size(), 7U);
    for (const LayerCompression& layer : format.layers) {
      ASSERT_EQ(layer.tensors.size(), 3U);
      for (const TensorCompression& tensor : layer.tensors) {
        const double bits = tensor.alphabet.bits;
        EXPECT_GE(tensor.compressions[0]->ratio, *tensor.entropy_ratio - 1e-12);
        EXPECT_LE(tensor.compressions[0]->ratio, *tensor.entropy_ratio + 1 / bits);
        EXPECT_GT(tensor.compressions[0]->table_bits, 0U);
        EXPECT_GE(tensor.compressions[1]->ratio, 10 / bits / 4);
        EXPECT_LE(tensor.compressions[2]->ratio, 12 / bits);
      }
    }
  }
}

TEST(Encode, MeansAreByTensorAndBySize) {
  const EncodeReport report = encoded(encode_digits("fixed8"));
  const auto means = report.formats[0].means();
  std::vector<std::string> roles;
  roles.reserve(means.size());
  for (const RoleMeans& of : means) roles.push_back(of.role);
  EXPECT_THAT(roles, ElementsAre("weights", "input", "output", "all"));
  double plain = 0;
  double bits = 0;
  double coded_bits = 0;
  for (const LayerCompression& layer : report.formats[0].layers) {
    const TensorCompression& weights = layer.tensors[0];
    plain += weights.compressions[1]->ratio / 7;
    bits += static_cast<double>(weights.bits());
    coded_bits += static_cast<double>(weights.bits()) * weights.compressions[1]->ratio;
  }
  EXPECT_DOUBLE_EQ(*means[0].ratios[1].plain, plain);
  EXPECT_DOUBLE_EQ(*means[0].ratios[1].by_size, coded_bits / bits);
}

TEST(Encode, WithoutImagesThereAreWeightsAlone) {
  const EncodeReport report = encoded(encode_digits("fixed8", 0));
  EXPECT_EQ(report.images, 0);
  const EncodeReport with = encoded(encode_digits("fixed8"));
  for (std::size_t i = 0; i < 7; ++i) {
    const auto& tensors = report.formats[0].layers[i].tensors;
    ASSERT_EQ(tensors.size(), 1U);
    EXPECT_EQ(tensors[0].compressions[0]->ratio,
              with.formats[0].layers[i].tensors[0].compressions[0]->ratio);
  }
  EXPECT_EQ(report.formats[0].means().size(), 2U);
}

TEST(Encode, CalibrationImagesMayBeOthers) {
  EncodeOptions options = encode_digits("fixed8");
  const EncodeReport own = encoded(options);
  EXPECT_EQ(own.calibration_images, 4);
  EXPECT_THAT(own.notes, ElementsAre(HasSubstr("from the very images that are run")));
  options.calibration = builtin_digits()->calibration;
  options.calibration_images = 20;
  const EncodeReport others = encoded(options);
  EXPECT_EQ(others.calibration_images, 20);
  EXPECT_TRUE(others.notes.empty());
  EXPECT_NE(own.formats[0].means()[1].ratios[0].plain,
            others.formats[0].means()[1].ratios[0].plain);
}

TEST(Encode, WideCodesHaveRunsAlone) {
  EncodeOptions options = encode_digits("q24");
  const EncodeReport report = encoded(options);
  for (const TensorCompression& tensor : report.formats[0].layers[0].tensors) {
    EXPECT_FALSE(tensor.compressions[0]);
    EXPECT_FALSE(tensor.entropy_ratio);
    EXPECT_TRUE(tensor.compressions[1]);
  }
  EXPECT_THAT(report.notes.back(), HasSubstr("21 tensors have codes of more than 16 bits"));
  EXPECT_FALSE(report.formats[0].means()[0].ratios[0].plain);
}

TEST(Encode, PublishedRulesTakeAllModules) {
  EncodeOptions options = encode_digits("fixed8");
  options.network.calibration.compat = quant::Compat::Fpgaconvnet;
  options.batch = 3;
  const EncodeReport report = encoded(options);
  EXPECT_EQ(report.rules, "fpgaconvnet");
  EXPECT_EQ(report.images, 4);
  EXPECT_GT(report.formats[0].layers.size(), 7U);
}

TEST(Encode, AQuantizedNetworkHasItsOwnCodes) {
  EncodeOptions options = encode_digits("", 0);
  options.model = test::quantized_model_file();
  options.encodings = *sparse::parse_encodings("huffman");
  const EncodeReport report = encoded(options);
  ASSERT_EQ(report.formats.size(), 1U);
  EXPECT_EQ(report.formats[0].format, "exact");
  EXPECT_EQ(report.formats[0].layers.size(), 3U);
  for (const LayerCompression& layer : report.formats[0].layers) {
    EXPECT_EQ(layer.tensors.size(), 1U);
  }
}

TEST(Encode, QuantizedActivationsAreSeenOnImages) {
  const TempFolder temp;
  const Builtin digits = *builtin_digits();
  ASSERT_TRUE(quantize({.model = digits.model,
                        .data = digits.calibration,
                        .preprocess = "mnist",
                        .images = 8,
                        .quiet = true,
                        .output = temp.path() / "q.sluice"}));
  EncodeOptions options = encode_digits("");
  options.model = temp.path() / "q.sluice";
  const EncodeReport report = encoded(options);
  ASSERT_EQ(report.formats[0].layers.size(), 7U);
  for (const LayerCompression& layer : report.formats[0].layers) {
    EXPECT_EQ(layer.tensors.size(), 3U);
  }
  EXPECT_EQ(report.images, 4);
}

TEST(Encode, WrittenWeightsDecode) {
  const TempFolder temp;
  EncodeOptions options = encode_digits("bfp8-channel", 0);
  options.output = temp.path() / "weights";
  options.encodings = *sparse::parse_encodings("huffman,huffman9,rle1,rle16");
  encoded(options);
  const auto decoded = decode_folder(options.output);
  ASSERT_TRUE(decoded) << decoded.error().text();
  EXPECT_EQ(decoded->size(), 7U * 4);
}

TEST(Encode, OptionsThatDoNotGoTogetherAreRefused) {
  EncodeOptions options = encode_digits("fixed8", 0);
  options.limit = 3;
  EXPECT_THAT(refusal_of(options), HasSubstr("--data"));
  options = encode_digits("fixed8");
  options.preprocess.clear();
  EXPECT_THAT(refusal_of(options), HasSubstr("--data needs --preprocess"));
  options = encode_digits("fixed8");
  options.batch = 2;
  EXPECT_THAT(refusal_of(options), HasSubstr("--compat fpgaconvnet"));
  options.network.calibration.compat = quant::Compat::Fpgaconvnet;
  options.encodings = *sparse::parse_encodings("huffman12");
  EXPECT_THAT(refusal_of(options), HasSubstr("has no limit"));
  options.encodings = *sparse::parse_encodings("huffman");
  options.output = "out";
  EXPECT_THAT(refusal_of(options), HasSubstr("leave --compat away"));
  options = encode_digits("fixed8,q8", 0);
  options.output = "out";
  EXPECT_THAT(refusal_of(options), HasSubstr("one format"));
}

TEST(Encode, TheNetworkMustHaveCodes) {
  EXPECT_THAT(refusal_of(encode_digits("")), HasSubstr("say with --formats"));
  EXPECT_THAT(refusal_of(encode_digits("float32")), HasSubstr("float32 has no codes"));
  EncodeOptions options = encode_digits("fixed8", 0);
  options.model = test::quantized_model_file();
  EXPECT_THAT(refusal_of(options), HasSubstr("leave --formats away"));
  options.formats.clear();
  options.network.calibration.compat = quant::Compat::Fpgaconvnet;
  EXPECT_THAT(refusal_of(options), HasSubstr("is quantized"));
}

TEST(Encode, AWordLimitThatIsTooShortNamesTheTensor) {
  EncodeOptions options = encode_digits("fixed8", 0);
  options.encodings = *sparse::parse_encodings("huffman2");
  EXPECT_THAT(refusal_of(options), HasSubstr("allow longer ones"));
}

TEST(Encode, AnAnnotatedModelHasRatiosAndWidthsOfEachLayer) {
  const TempFolder temp;
  EncodeOptions options = encode_digits("fixed8");
  options.encodings = *sparse::parse_encodings("huffman");
  options.annotated = temp.path() / "annotated.onnx";
  const EncodeReport report = encoded(options);
  const auto hardware = importer::read_onnx_hardware(options.annotated);
  ASSERT_TRUE(hardware) << hardware.error().text();
  ASSERT_EQ(hardware->size(), report.formats[0].layers.size());
  const LayerCompression& layer = report.formats[0].layers[0];
  const ir::NodeHardware& attributes = hardware->at(layer.layer);
  EXPECT_THAT(attributes.at("data_width"), ElementsAre(8));
  EXPECT_THAT(attributes.at("weight_width"), ElementsAre(8));
  for (const TensorCompression& tensor : layer.tensors) {
    const std::string name = tensor.role == "weights" ? "weight" : tensor.role;
    EXPECT_THAT(attributes.at(name + "_compression_ratio"),
                ElementsAre(tensor.compressions[0]->ratio));
  }
}

TEST(Encode, OneFormatAndOneEncodingAnnotateAModel) {
  const TempFolder temp;
  EncodeOptions options = encode_digits("fixed8", 0);
  options.annotated = temp.path() / "annotated.onnx";
  EXPECT_EQ(encode(options).error().code, ErrorCode::InvalidArgument) << "three encodings";
  options = encode_digits("fixed8,fixed16", 0);
  options.encodings = *sparse::parse_encodings("huffman");
  options.annotated = temp.path() / "annotated.onnx";
  EXPECT_EQ(encode(options).error().code, ErrorCode::InvalidArgument) << "two formats";
  EXPECT_FALSE(std::filesystem::exists(options.annotated));
}

}  // namespace
}  // namespace sluice::api
