// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/sparsity.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/file.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

SparsityOptions digits_sparsity(const char* formats) {
  const Builtin builtin = *builtin_digits();
  SparsityOptions options;
  options.model = builtin.model;
  options.data = builtin.test;
  options.calibration = builtin.calibration;
  options.preprocess = "mnist";
  if (*formats != '\0') options.formats = *numeric::parse_formats(formats);
  options.limit = 20;
  options.calibration_images = 32;
  options.quiet = true;
  return options;
}

std::vector<std::uint64_t> products_of(const SparsityRow& row) {
  std::vector<std::uint64_t> products;
  for (const LayerSparsity& layer : row.layers) {
    products.push_back(layer.products.products);
    products.push_back(layer.products.zeros);
  }
  return products;
}

TEST(Sparsity, EveryImageIsCountedOnceThoughTheLastBatchIsNotFull) {
  SparsityOptions options = digits_sparsity("fixed8");
  const auto twenty = sparsity(options);
  ASSERT_TRUE(twenty) << twenty.error().text();
  ASSERT_EQ(twenty->rows.size(), 1U);
  EXPECT_EQ(twenty->rows[0].accuracy.count, 20);
  for (const LayerSparsity& layer : twenty->rows[0].layers) {
    EXPECT_EQ(layer.inputs.numbers % 20, 0U) << layer.layer;
    EXPECT_GT(layer.products.zeros, 0U) << layer.layer;
  }
  for (const std::int64_t batch : {1, 3, 20}) {
    options.batch = batch;
    const auto other = sparsity(options);
    ASSERT_TRUE(other) << other.error().text();
    EXPECT_EQ(products_of(other->rows[0]), products_of(twenty->rows[0])) << batch;
  }
}

TEST(Sparsity, EnginesAgree) {
  SparsityOptions options = digits_sparsity("fixed8");
  options.exact_formats = *quant::parse_integer_formats("int8");
  const auto fast = sparsity(options);
  options.network.engine = Engine::Reference;
  const auto plain = sparsity(options);
  ASSERT_TRUE(fast && plain);
  ASSERT_EQ(fast->rows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(products_of(fast->rows[i]), products_of(plain->rows[i])) << fast->rows[i].format;
  }
}

TEST(Sparsity, WithoutFormatsTheNetworkRunsInFloat32) {
  const auto report = sparsity(digits_sparsity(""));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->rows[0].format, "float32");
  EXPECT_EQ(report->calibration, "");
}

TEST(Sparsity, ThePublishedAverageIsSmaller) {
  SparsityOptions options = digits_sparsity("fixed8");
  const auto ours = sparsity(options);
  options.network.calibration.compat = quant::Compat::Fpgaconvnet;
  const auto published = sparsity(options);
  ASSERT_TRUE(ours && published);
  const auto totals = published->rows[0].products();
  EXPECT_DOUBLE_EQ(ours->sparsity(totals), totals.sparsity());
  EXPECT_DOUBLE_EQ(published->sparsity(totals), totals.published_sparsity());
  EXPECT_LT(published->sparsity(totals), ours->sparsity(totals));
}

TEST(Sparsity, ArraysOfEachLayerAreWritten) {
  const TempFolder temp;
  SparsityOptions options = digits_sparsity("fixed8");
  options.output = temp.path() / "zeros";
  const auto report = sparsity(options);
  ASSERT_TRUE(report) << report.error().text();
  const auto manifest = read_json(options.output / "sparsity.json");
  ASSERT_TRUE(manifest);
  const auto& layers = report->rows[0].layers;
  ASSERT_EQ((*manifest)["files"].size(), 3 * layers.size());
  const auto histogram =
      numeric::read_npy(options.output / (*manifest)["files"][0].get<std::string>());
  ASSERT_TRUE(histogram);
  const sparse::ZeroHistogram& counted = layers[0].histogram;
  EXPECT_EQ(histogram->shape(), (Shape{counted.channels, counted.kernel_size + 1}));
  for (std::size_t i = 0; i < counted.counts.size(); ++i) {
    EXPECT_EQ(static_cast<std::uint64_t>(histogram->data<std::int64_t>()[i]), counted.counts[i]);
  }
  EXPECT_TRUE(sparsity(options)) << "takes the place of what it wrote";
}

TEST(Sparsity, AnAnnotatedModelIsTheSameNetworkAndHasTheShares) {
  const TempFolder temp;
  SparsityOptions options = digits_sparsity("fixed8");
  for (const auto compat : {quant::Compat::None, quant::Compat::Fpgaconvnet}) {
    options.network.calibration.compat = compat;
    options.annotated = temp.path() / "annotated.onnx";
    const auto report = sparsity(options);
    ASSERT_TRUE(report) << report.error().text();
    const auto hardware = importer::read_onnx_hardware(options.annotated);
    ASSERT_TRUE(hardware) << hardware.error().text();
    ASSERT_EQ(hardware->size(), report->rows[0].layers.size());
    for (const LayerSparsity& layer : report->rows[0].layers) {
      const auto& shares = hardware->at(layer.layer).at("channel_sparsity_hist");
      ASSERT_EQ(shares.size(), layer.histogram.counts.size());
      EXPECT_FLOAT_EQ(static_cast<float>(shares.back()),
                      static_cast<float>(sparse::shares_of(layer.histogram).back()));
    }
    EXPECT_EQ(load_model(options.annotated)->nodes.size(), load_model(options.model)->nodes.size());
  }
}

TEST(Sparsity, OneFormatAnnotatesAModel) {
  const TempFolder temp;
  SparsityOptions options = digits_sparsity("fixed8,fixed16");
  options.annotated = temp.path() / "annotated.onnx";
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument);
  options = digits_sparsity("fixed8");
  options.annotated = temp.path() / "annotated.tflite";
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument);
}

TEST(Sparsity, MovingAveragesAddArraysOfHowChannelsVaryTogether) {
  const TempFolder temp;
  SparsityOptions options = digits_sparsity("fixed8");
  options.averaged_windows = 4;
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument) << "without a folder";
  options.output = temp.path() / "zeros";
  const auto report = sparsity(options);
  ASSERT_TRUE(report) << report.error().text();
  const LayerSparsity& layer = report->rows[0].layers[1];
  ASSERT_TRUE(layer.joint);
  const std::string name = "fixed8_001_" + exact::golden::safe_name(layer.layer);
  const auto covariance = numeric::read_npy(options.output / (name + "_inputs_covariance.npy"));
  ASSERT_TRUE(covariance) << covariance.error().text();
  const std::int64_t channels = layer.histogram.channels;
  EXPECT_EQ(covariance->shape(), (Shape{channels, channels}));
  EXPECT_NEAR(covariance->data<double>()[0],
              layer.joint->variance[0] * static_cast<double>(layer.joint->samples) /
                  static_cast<double>(layer.joint->samples - 1),
              1e-9);
  options.averaged_windows = 0;
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument);
}

TEST(Sparsity, StreamsShareTheWindowsOfTheirChannels) {
  SparsityOptions options = digits_sparsity("fixed8");
  options.streams = 4;
  const auto report = sparsity(options);
  ASSERT_TRUE(report) << report.error().text();
  const auto& layers = report->rows[0].layers;
  // The first layer has one channel, which four streams cannot share: a note says so.
  EXPECT_FALSE(layers[0].streams);
  ASSERT_TRUE(layers[1].streams);
  const sparse::ZeroHistogram& streams = *layers[1].streams;
  EXPECT_EQ(streams.channels, 4);
  const sparse::ZeroTotals totals = sparse::totals_of(streams);
  EXPECT_EQ(totals.zeros, layers[1].products.zeros);
  EXPECT_EQ(totals.products, layers[1].products.products);
  const bool is_noted = std::ranges::any_of(report->notes, [](const std::string& note) {
    return note.find("no histograms of streams") != std::string::npos;
  });
  EXPECT_TRUE(is_noted);
  const Json json = to_json(*report);
  EXPECT_EQ(json["rows"][0]["layers"][0]["streams_histogram"].size(), 0U);
  EXPECT_EQ(json["rows"][0]["layers"][1]["streams_histogram"].size(), 4U);
  EXPECT_NE(to_text(*report).find("densest stream %"), std::string::npos);
  options.streams = 0;
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument);
}

TEST(Sparsity, ThePageHasAHistogramALayer) {
  const TempFolder folder;
  SparsityOptions options = digits_sparsity("fixed8");
  options.drawing = folder.path() / "zeros.html";
  const auto report = sparsity(options);
  ASSERT_TRUE(report) << report.error().text();
  const auto page = MappedFile::open(options.drawing);
  ASSERT_TRUE(page);
  const std::string text(page->text());
  std::size_t charts = 0;
  for (std::size_t at = text.find("<svg"); at != std::string::npos;
       at = text.find("<svg", at + 1)) {
    ++charts;
  }
  EXPECT_EQ(charts, report->rows[0].layers.size());
  EXPECT_NE(text.find("9 of 9 products zero"), std::string::npos);
  options.drawing = folder.path() / "zeros.png";
  EXPECT_EQ(sparsity(options).error().code, ErrorCode::InvalidArgument);
}

TEST(Sparsity, OtherPeoplesFilesAreNotReplaced) {
  const TempFolder temp;
  temp.write("mine/thesis.tex", "");
  SparsityOptions options = digits_sparsity("fixed8");
  options.output = temp.path() / "mine";
  const auto report = sparsity(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
}

TEST(Sparsity, ANetworkWithoutConvolutionsIsRefused) {
  const TempFolder temp;
  SparsityOptions options = digits_sparsity("");
  options.model = temp.write("flat.sluice", R"(sluice 1
data 0 sha256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

graph "flat" {
  input %x: float32[-1x1x28x28]
  %y: float32[-1x784] = Flatten(%x) "flat"
  output %y
}
)");
  const auto report = sparsity(options);
  ASSERT_FALSE(report);
}

}  // namespace
}  // namespace sluice::api
