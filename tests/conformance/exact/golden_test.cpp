// SPDX-License-Identifier: Apache-2.0
// Published integer networks against dumps of every tensor that runtimes make of them. The models
// and dumps are no part of the project: SLUICE_DATA says where they are.
#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/conformance/exact/compare.hpp"
#include "tests/support/data_folder.hpp"

#include "sluice/api/model.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/numeric/npz.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

void expect_all_tensors_equal(const std::string& name,
                              std::optional<numeric::Arithmetic> arithmetic) {
  const fs::path folder = data_folder() / "golden/runtime" / name;
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder << ": set SLUICE_DATA";
  const auto index = read_json(folder / "tensors.json");
  ASSERT_TRUE(index) << index.error().text();
  auto contents = numeric::read_npz(folder / "tensors.npz");
  ASSERT_TRUE(contents) << contents.error().text();
  Dump dump;
  for (const auto& tensor : index->at("tensors")) {
    const std::string key = "t" + std::to_string(tensor.at("id").get<int>());
    const auto array = std::ranges::find(*contents, key, &numeric::NamedArray::name);
    ASSERT_NE(array, contents->end()) << key;
    dump.emplace(tensor.at("name").get<std::string>(), array->tensor);
  }
  const auto input = numeric::read_npy(folder / "input.npy");
  ASSERT_TRUE(input) << input.error().text();
  expect_equal_to_dump(data_folder() / index->at("model").get<std::string>(), *input, dump,
                       arithmetic);
}

TEST(RuntimeGolden, PersonDetect) {
  expect_all_tensors_equal("person_detect_int8", numeric::Arithmetic::TfliteDouble);
}

TEST(RuntimeGolden, Resnet8) {
  expect_all_tensors_equal("resnet8_cifar10_int8", numeric::Arithmetic::TfliteDouble);
}

TEST(RuntimeGolden, EfficientNetLite0) {
  expect_all_tensors_equal("effnet_lite0_3class_int8", numeric::Arithmetic::TfliteDouble);
}

TEST(RuntimeGolden, MobileNetV1OfUint8) {
  expect_all_tensors_equal("mobilenet_v1_025_128_uint8", numeric::Arithmetic::Xnnpack);
}

TEST(RuntimeGolden, MobileNetV2OfUint8) {
  expect_all_tensors_equal("mobilenet_v2_uint8", numeric::Arithmetic::Xnnpack);
}

TEST(RuntimeGolden, MobileNetV2) {
  expect_all_tensors_equal("tv_mobilenet_v2_int8", numeric::Arithmetic::TfliteDouble);
}

// CIFAR-10's binary form: a label, then 32×32 bytes of red, green and blue each. The codes are the
// pixels less 128, channels last.
Tensor cifar_codes(std::span<const std::byte> record) {
  Tensor image(DType::Int8, {1, 32, 32, 3});
  const auto codes = image.mutable_data<std::int8_t>();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const int pixel = std::to_integer<int>(record[1 + i % 3 * 1024 + i / 3]);
    codes[i] = static_cast<std::int8_t>(pixel - 128);
  }
  return image;
}

// What TensorFlow Lite Micro says of 2,000 images.
TEST(RuntimeGolden, Resnet8OnAllTestImages) {
  constexpr std::size_t kImages = 2000;
  constexpr std::size_t kRecordBytes = 1 + 3 * 32 * 32;
  const fs::path data = data_folder();
  const fs::path scores =
      data / "golden/runtime/cifar10_2000/mlperftiny_resnet8_int8_tflm_softmax_int8.npy";
  if (!fs::exists(scores)) GTEST_SKIP() << "no " << scores << ": set SLUICE_DATA";
  const auto expected = numeric::read_npy(scores);
  const auto images = MappedFile::open(data / "datasets/cifar10/test_2000.bin");
  auto graph = api::load_model(data / "models/cifar10/mlperftiny_resnet8_int8.tflite");
  ASSERT_TRUE(expected && images && graph);
  ASSERT_EQ(images->bytes().size(), kImages * kRecordBytes);
  const auto executor =
      exact::make_fast_executor(*std::move(graph), {numeric::Arithmetic::TfliteDouble});
  ASSERT_TRUE(executor) << executor.error().text();
  const auto theirs = expected->data<std::int8_t>();
  std::size_t different = 0;
  for (std::size_t i = 0; i < kImages; ++i) {
    const Tensor image = cifar_codes(images->bytes().subspan(i * kRecordBytes, kRecordBytes));
    const auto outputs = (*executor)->run({&image, 1});
    ASSERT_TRUE(outputs) << outputs.error().text();
    if (!std::ranges::equal((*outputs)[0].data<std::int8_t>(), theirs.subspan(i * 10, 10))) {
      ++different;
    }
  }
  EXPECT_EQ(different, 0U);
}

}  // namespace
}  // namespace sluice::test
