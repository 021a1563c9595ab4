// SPDX-License-Identifier: Apache-2.0
// Published datasets, and results that others computed, read from SLUICE_DATA.
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/data_folder.hpp"

#include "sluice/base/json.hpp"
#include "sluice/data/dataset.hpp"
#include "sluice/data/metrics.hpp"
#include "sluice/numeric/npz.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

class Published : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(test::data_folder())) {
      GTEST_SKIP() << "no folder " << test::data_folder() << ": set SLUICE_DATA";
    }
  }

  static Dataset open(const std::string& name) {
    auto dataset = open_dataset(test::data_folder() / "datasets" / name);
    EXPECT_TRUE(dataset) << (dataset ? "" : dataset.error().text());
    return dataset ? *std::move(dataset) : Dataset("", {}, {}, {});
  }
};

std::map<std::int64_t, int> images_per_class(const Dataset& dataset) {
  std::map<std::int64_t, int> counts;
  for (std::int64_t i = 0; i < dataset.size(); ++i) ++counts[dataset.label(i)];
  return counts;
}

TEST_F(Published, TheImageNetSampleHasOneImageOfEachClass) {
  const Dataset dataset = open("imagenet_sample");
  EXPECT_EQ(dataset.size(), 550);
  EXPECT_EQ(images_per_class(dataset).size(), 550U);
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const auto image = dataset.image(i);
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_EQ(std::min(image->height, image->width), 256) << dataset.name(i);
  }
}

TEST_F(Published, TheCifarTestImagesAreTwoHundredOfEachClass) {
  const auto counts = images_per_class(open("cifar10/test_2000.bin"));
  ASSERT_EQ(counts.size(), 10U);
  for (const auto& [label, count] : counts) EXPECT_EQ(count, 200) << label;
}

TEST_F(Published, AFolderOfUnknownCifarFilesAsksForOne) {
  const auto dataset = open_dataset(test::data_folder() / "datasets" / "cifar10");
  ASSERT_FALSE(dataset);
  EXPECT_NE(dataset.error().message.find("test_2000.bin"), std::string::npos);
}

TEST_F(Published, TheMnistTestImagesAreTenThousand) {
  const Dataset dataset = open("mnist");
  EXPECT_EQ(dataset.size(), 10000);
  const auto counts = images_per_class(dataset);
  EXPECT_EQ(counts.at(0), 980);  // as published
  EXPECT_EQ(counts.at(1), 1135);
  EXPECT_EQ(dataset.label(0), 7);
  EXPECT_EQ(dataset.image(0)->height, 28);
}

TEST_F(Published, MeanIouEqualsTheGoldenFigures) {
  const auto json = read_json(test::data_folder() / "golden/emulation/metrics.json");
  ASSERT_TRUE(json);
  const Json& golden = (*json)["iou"];
  const auto& scores = golden["scores"];
  const auto& labels = golden["labels"];
  const auto classes = static_cast<std::int64_t>(scores[0].size());
  const std::int64_t ignored = golden["ignore_index"];
  const Json flat_scores = scores.flatten();
  const Json flat_labels = labels.flatten();
  std::vector<float> values;
  for (const auto& value : flat_scores) values.push_back(value);
  std::vector<std::uint8_t> truth;
  for (const auto& value : flat_labels) truth.push_back(value.get<std::uint8_t>());
  const auto batch = static_cast<std::int64_t>(scores.size());
  const auto pixels = static_cast<std::int64_t>(truth.size()) / batch;
  ConfusionMatrix matrix(classes);
  matrix.add(truth, predicted_classes(Tensor::from<float>({batch, classes, pixels}, values)));
  const auto iou = matrix.iou(ignored);
  ASSERT_EQ(iou.size(), golden["iou"].size());
  for (std::size_t i = 0; i < iou.size(); ++i) {
    if (golden["iou"][i].is_null()) {
      EXPECT_FALSE(iou[i]) << i;
    } else {
      ASSERT_TRUE(iou[i]) << i;
      EXPECT_NEAR(*iou[i], golden["iou"][i].get<double>(), 1e-12) << i;
    }
  }
  EXPECT_NEAR(matrix.mean_iou(ignored), golden["miou"].get<double>(), 1e-12);
}

// Archives that NumPy wrote; tensors.json beside each lists what is inside.
TEST_F(Published, EveryArchiveOfVectorsIsRead) {
  int archives = 0;
  for (const auto& entry : fs::directory_iterator(test::data_folder() / "golden/runtime")) {
    const fs::path path = entry.path() / "tensors.npz";
    if (!fs::exists(path)) continue;
    const auto arrays = numeric::read_npz(path);
    ASSERT_TRUE(arrays) << arrays.error().text();
    EXPECT_FALSE(arrays->empty()) << path;
    ++archives;
  }
  EXPECT_GE(archives, 8);
}

}  // namespace
}  // namespace sluice::data
