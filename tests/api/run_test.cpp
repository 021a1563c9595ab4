// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/tflite_model.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/base/file.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("sluice_run_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    options_.model = builtin_digits()->model;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const char* name, const Tensor& tensor) {
    EXPECT_TRUE(numeric::write_npy(folder_ / name, tensor));
    return folder_ / name;
  }

  std::filesystem::path folder_;
  RunOptions options_;
};

TEST_F(RunTest, TheInputDecidesTheBatch) {
  options_.inputs = {{"", write("x.npy", Tensor(DType::Float32, {3, 1, 8, 8}))}};
  const auto outputs = run(options_);
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_EQ(outputs->at(0).tensor.shape(), (Shape{3, 10}));
  EXPECT_EQ(outputs->at(0).name, "logits");
}

TEST_F(RunTest, InputsMayBeNamed) {
  options_.inputs = {{"image", write("x.npy", Tensor(DType::Float32, {1, 1, 8, 8}))}};
  EXPECT_TRUE(run(options_));
  options_.inputs[0].name = "imgae";
  const auto typo = run(options_);
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean \"image\""), std::string::npos);
}

TEST_F(RunTest, WrongElementTypeNamesTheFile) {
  options_.inputs = {{"", write("x.npy", Tensor(DType::UInt8, {1, 1, 8, 8}))}};
  const auto outputs = run(options_);
  ASSERT_FALSE(outputs);
  EXPECT_NE(outputs.error().where.find("x.npy"), std::string::npos);
}

// x (int8, scale 0.5 around −1) → RELU → y of the same grid.
std::vector<std::byte> quantized_model() {
  test::TfliteModel m;
  const auto x = m.quantized_input("x", {1, 3}, test::fb::TensorType::INT8, 0.5F, -1);
  m.op(test::Builtin::RELU, {x},
       {m.quantized_output("y", {1, 3}, test::fb::TensorType::INT8, 0.5F, -1)});
  return m.bytes();
}

TEST_F(RunTest, AQuantizedNetworkTakesCodesAndGivesCodes) {
  ASSERT_TRUE(write_file(folder_ / "q.tflite", quantized_model()));
  options_.model = folder_ / "q.tflite";
  options_.inputs = {{"", write("x.npy", Tensor::from<std::int8_t>({1, 3}, {-5, -1, 7}))}};
  const auto outputs = run(options_);
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_EQ(outputs->at(0).tensor, Tensor::from<std::int8_t>({1, 3}, {-1, -1, 7}));
}

TEST_F(RunTest, AQuantizedNetworkTakesRealNumbersAndGivesThem) {
  ASSERT_TRUE(write_file(folder_ / "q.tflite", quantized_model()));
  options_.model = folder_ / "q.tflite";
  options_.inputs = {{"", write("x.npy", Tensor::from<float>({1, 3}, {-2, 0.3F, 4}))}};
  const auto outputs = run(options_);
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_EQ(outputs->at(0).tensor, Tensor::from<float>({1, 3}, {0, 0.5F, 4}));
}

TEST_F(RunTest, OneOutputIsAFileSeveralAreAFolder) {
  const std::vector<NamedTensor> one{{"a", Tensor::scalar(1.5F)}};
  ASSERT_TRUE(write_outputs(one, folder_ / "one.npy"));
  EXPECT_EQ(*numeric::read_npy(folder_ / "one.npy"), Tensor::scalar(1.5F));
  const std::vector<NamedTensor> two{{"a", Tensor::scalar(1.5F)}, {"b", Tensor::scalar(2.5F)}};
  ASSERT_TRUE(write_outputs(two, folder_ / "two"));
  EXPECT_EQ(*numeric::read_npy(folder_ / "two" / "output_1.npy"), Tensor::scalar(2.5F));
}

TEST_F(RunTest, BestClassesAreInOrderLowerIndexFirstAmongEquals) {
  const Json json = to_json({{"y", Tensor::from<float>({1, 4}, {1, 3, 3, 2})}});
  EXPECT_EQ(json["outputs"][0]["best_classes"], (std::vector<int>{1, 2, 3, 0}));
}

}  // namespace
}  // namespace sluice::api
