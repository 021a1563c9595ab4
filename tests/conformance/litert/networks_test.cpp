// SPDX-License-Identifier: Apache-2.0
// Whole published networks against LiteRT, and the accuracy they are known for. The models and
// images are no part of the project: SLUICE_DATA says where they are.
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

#include "tests/conformance/litert/litert.hpp"

#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/onednn/executor.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

fs::path data_file(const std::string& name) {
  const char* folder = std::getenv("SLUICE_DATA");
  return fs::path(folder == nullptr ? "../shared/data" : folder) / name;
}

void expect_network_equal(const std::string& model, double low, double high, Tolerance tolerance) {
  const fs::path path = data_file(model);
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path << ": set SLUICE_DATA";
  expect_equal_to_litert({{path.stem().string(), file_bytes(path), low, high}}, tolerance);
}

// Probabilities within a thousandth of a percent point.
TEST(LitertNetworks, Resnet8ForCifar10) {
  expect_network_equal("models/cifar10/mlperftiny_resnet8_fp32.tflite", 0, 255,
                       {.absolute = 1e-5, .relative = 1e-4});
}

// This one keeps convolution weights in 8 bits. LiteRT then rounds the activations of every such
// layer to 8 bits too, we compute in float32: the probabilities differ by what that costs.
TEST(LitertNetworks, DsCnnForKeywords) {
  expect_network_equal("models/tiny/kws_dscnn_fp32.tflite", -30, 30,
                       {.absolute = 0.1, .relative = 0});
}

// CIFAR-10's binary form: a label, then 32×32 bytes of red, green and blue each.
constexpr std::size_t kRecordBytes = 1 + 3 * 32 * 32;

Tensor image_of(std::span<const std::byte> record) {
  Tensor image(DType::Float32, {1, 32, 32, 3});
  const auto pixels = image.mutable_data<float>();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<float>(std::to_integer<int>(record[1 + i % 3 * 1024 + i / 3]));
  }
  return image;
}

TEST(LitertNetworks, Resnet8HasItsKnownAccuracy) {
  const auto model = file_bytes(data_file("models/cifar10/mlperftiny_resnet8_fp32.tflite"));
  const auto images = file_bytes(data_file("datasets/cifar10/test_2000.bin"));
  if (model.empty() || images.empty()) GTEST_SKIP() << "no CIFAR-10 data: set SLUICE_DATA";
  auto graph = typed_graph(model);
  ASSERT_TRUE(graph) << graph.error().text();
  const auto executor = runtime::make_onednn_executor(*std::move(graph));
  ASSERT_TRUE(executor);
  ASSERT_EQ(images.size(), 2000 * kRecordBytes);
  int right = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto record = std::span(images).subspan(i * kRecordBytes, kRecordBytes);
    const std::vector<Tensor> inputs = {image_of(record)};
    const auto scores = (*executor)->run(inputs);
    ASSERT_TRUE(scores) << scores.error().text();
    const auto best = std::ranges::max_element((*scores)[0].data<float>());
    if (best - (*scores)[0].data<float>().begin() == std::to_integer<int>(record[0])) ++right;
  }
  EXPECT_EQ(right, 1716);  // 85.80 %
}

}  // namespace
}  // namespace sluice::test
