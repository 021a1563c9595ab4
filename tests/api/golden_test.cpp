// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/quantized_model.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/run.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

namespace golden_data = exact::golden;
using ::testing::HasSubstr;

GoldenOptions golden_options(const TempFolder& temp) {
  return {.model = test::quantized_model_file(), .output = temp.path() / "g", .fold = 3};
}

TEST(Golden, WritesEveryLayerThatMakesCodes) {
  const TempFolder temp;
  const auto written = golden(golden_options(temp));
  ASSERT_TRUE(written) << written.error().text();
  const auto manifest = golden_data::read_manifest(temp.path() / "g");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(static_cast<std::size_t>(written->layers), manifest->layers.size());
  EXPECT_GT(written->layers, 5);
  EXPECT_EQ(manifest->input_seed, 1U);
  EXPECT_EQ(manifest->model, "quantized_int8.tflite");
  EXPECT_EQ(manifest->model_sha256.size(), 64U);
  const auto verified = golden_data::verify(temp.path() / "g");
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->files, written->files);
}

// What `run` gives for the input that the golden data have: it dequantizes the last layer's codes.
TEST(Golden, TheLastLayersOutputIsTheNetworks) {
  const TempFolder temp;
  ASSERT_TRUE(golden(golden_options(temp)));
  const auto manifest = golden_data::read_manifest(temp.path() / "g");
  ASSERT_TRUE(manifest);
  const auto& first = *manifest->layers.front().find("input");
  const auto& last = *manifest->layers.back().find("output");
  const auto outputs = run({.model = test::quantized_model_file(),
                            .inputs = {{"", temp.path() / "g" / first.files[0].name}}});
  ASSERT_TRUE(outputs) << outputs.error().text();
  const auto codes = golden_data::read_array(temp.path() / "g", *manifest, last);
  ASSERT_TRUE(codes && last.quantization);
  EXPECT_EQ(numeric::dequantized(*codes, *last.quantization), outputs->at(0).tensor);
}

TEST(Golden, BothEnginesWriteTheSameBytes) {
  const TempFolder temp;
  GoldenOptions options = golden_options(temp);
  ASSERT_TRUE(golden(options));
  options.output = temp.path() / "r";
  options.network.engine = Engine::Reference;
  ASSERT_TRUE(golden(options));
  const auto a = MappedFile::open(temp.path() / "g/golden.json");
  const auto b = MappedFile::open(temp.path() / "r/golden.json");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->text(), b->text());  // which has the hashes of all files
}

TEST(Golden, TakesTheLayersAskedFor) {
  const TempFolder temp;
  GoldenOptions options = golden_options(temp);
  ASSERT_TRUE(golden(options));
  const auto all = golden_data::read_manifest(temp.path() / "g");
  ASSERT_TRUE(all);
  options.layers = {all->layers[2].name};
  ASSERT_TRUE(golden(options));
  const auto one = golden_data::read_manifest(temp.path() / "g");
  ASSERT_TRUE(one);
  ASSERT_EQ(one->layers.size(), 1U);
  EXPECT_EQ(one->layers[0].name, all->layers[2].name);
  options.layers[0] += "x";
  const auto typo = golden(options);
  ASSERT_FALSE(typo);
  EXPECT_THAT(typo.error().message, HasSubstr("did you mean"));
}

TEST(Golden, AFloatNetworkIsRefused) {
  const TempFolder temp;
  ASSERT_TRUE(numeric::write_npy(temp.path() / "x.npy", Tensor(DType::Float32, {1, 1, 8, 8})));
  const auto written = golden({.model = builtin_digits()->model,
                               .inputs = {{"", temp.path() / "x.npy"}},
                               .output = temp.path() / "g"});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("is not quantized"));
  EXPECT_FALSE(std::filesystem::exists(temp.path() / "g"));
}

TEST(Golden, SaysWhatItWrote) {
  const exact::golden::Summary summary{2, 8, 1234, 5'000'000};
  EXPECT_EQ(to_text(summary, "out"), "out: 2 layers, 8 arrays, 1,234 files, 5.00 MB\n");
  EXPECT_EQ(to_json(summary)["files"], 1234);
}

TEST(ParseGoldenForms, ListsThemOnce) {
  const auto forms = parse_golden_forms("mem,npy,mem");
  ASSERT_TRUE(forms);
  EXPECT_THAT(*forms, testing::ElementsAre(golden_data::Form::Mem, golden_data::Form::Npy));
  EXPECT_FALSE(parse_golden_forms(""));
}

}  // namespace
}  // namespace sluice::api
