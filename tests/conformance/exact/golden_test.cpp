// SPDX-License-Identifier: Apache-2.0
// Published integer networks against dumps of every tensor that runtimes make of them. The models
// and dumps are no part of the project: SLUICE_DATA says where they are.
#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/conformance/exact/compare.hpp"
#include "tests/support/data_folder.hpp"

#include "sluice/base/json.hpp"
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

}  // namespace
}  // namespace sluice::test
