// SPDX-License-Identifier: Apache-2.0
// Decoding, resizing and adjusting against Pillow itself: tests/conformance/pillow_cases.py writes
// images and what Pillow makes of them; every byte must be the same.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/data_folder.hpp"

#include "sluice/base/json.hpp"
#include "sluice/data/adjust.hpp"
#include "sluice/data/dataset.hpp"
#include "sluice/data/image.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/data/resample.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

// Made once; removed when the program ends.
class PillowCases : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const fs::path python = "build/venv/bin/python";
    if (!fs::exists(python)) return;
    work_folder = fs::temp_directory_path() / fmt::format("sluice_pillow_{}", ::getpid());
    fs::create_directories(work_folder);
    std::string command = fmt::format("{} -W ignore tests/conformance/pillow_cases.py {}",
                                      python.string(), work_folder.string());
    for (const fs::path& image : real_images()) command += fmt::format(" '{}'", image.string());
    if (std::system(command.c_str()) != 0) return;
    auto cases = read_json(work_folder / "cases.json");
    if (cases) all_cases = *std::move(cases);
  }
  static void TearDownTestSuite() { fs::remove_all(work_folder); }

  void SetUp() override {
    if (work_folder.empty()) {
      GTEST_SKIP() << "no build/venv/bin/python with Pillow: run scripts/test_venv.sh";
    }
    ASSERT_FALSE(all_cases.empty()) << "pillow_cases.py failed";
  }

  // Forty of each set of photographs, if there are any.
  static std::vector<fs::path> real_images() {
    std::vector<fs::path> images;
    for (const char* name : {"coco_val128/images", "imagenet_sample/images"}) {
      const fs::path folder = test::data_folder() / "datasets" / name;
      if (!fs::exists(folder)) continue;
      const auto dataset = open_dataset(folder);
      EXPECT_TRUE(dataset);
      for (std::int64_t i = 0; i < std::min<std::int64_t>(dataset->size(), 40); ++i) {
        images.emplace_back(dataset->name(i));
      }
    }
    return images;
  }

  static Tensor load_tensor(const std::string& name) {
    auto tensor = numeric::read_npy(work_folder / name);
    EXPECT_TRUE(tensor);
    return tensor ? *std::move(tensor) : Tensor();
  }

  static Image load(const std::string& name) {
    const Tensor stored = load_tensor(name);
    const Tensor* tensor = &stored;
    Image image(tensor->shape()[0], tensor->shape()[1], tensor->shape()[2]);
    std::ranges::copy(tensor->data<std::uint8_t>(), image.pixels.begin());
    return image;
  }

  static inline fs::path work_folder;
  static inline Json all_cases;
};

TEST_F(PillowCases, DecodedPixelsAreEqual) {
  int compared = 0;
  for (const Json& c : all_cases) {
    if (c["kind"] != "decode") continue;
    const auto image = read_image(work_folder / c["file"].get<std::string>());
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_TRUE(*image == load(c["expected"])) << c["file"];
    ++compared;
  }
  EXPECT_GE(compared, 100);
}

TEST_F(PillowCases, ResizedPixelsAreEqual) {
  int compared = 0;
  for (const Json& c : all_cases) {
    if (c["kind"] != "resize") continue;
    const Image scaled = resize(load(c["file"]), c["height"], c["width"],
                                *filter_from_string(c["filter"].get<std::string>()));
    EXPECT_TRUE(scaled == load(c["expected"])) << c.dump();
    ++compared;
  }
  EXPECT_GE(compared, 1400);
}

TEST_F(PillowCases, AdjustedColorsAreEqual) {
  using Adjust = Image (*)(const Image&, double);
  const std::map<std::string, Adjust> kinds = {{"brightness", adjust_brightness},
                                               {"contrast", adjust_contrast},
                                               {"saturation", adjust_saturation},
                                               {"hue", adjust_hue}};
  int compared = 0;
  for (const Json& c : all_cases) {
    const auto kind = kinds.find(c["kind"].get<std::string>());
    if (kind == kinds.end()) continue;
    EXPECT_TRUE(kind->second(load(c["file"]), c["amount"]) == load(c["expected"])) << c.dump();
    ++compared;
  }
  EXPECT_EQ(compared, 24 * (3 * 5 + 7));
}

TEST_F(PillowCases, ResizedBoxesAreEqual) {
  int compared = 0;
  for (const Json& c : all_cases) {
    if (c["kind"] != "crop_and_resize") continue;
    const Window box{
        .top = c["top"], .left = c["left"], .height = c["box_height"], .width = c["box_width"]};
    EXPECT_TRUE(crop_and_resize(load(c["file"]), box, c["height"], c["width"]) ==
                load(c["expected"]))
        << c.dump();
    ++compared;
  }
  EXPECT_EQ(compared, 24 * 6);
}

TEST_F(PillowCases, InputsOfImageNetNetworksAreEqual) {
  if (real_images().empty()) GTEST_SKIP() << "no photographs: set SLUICE_DATA";
  const Preprocess preprocess = find_preset("imagenet")->preprocess;
  int compared = 0;
  for (const Json& c : all_cases) {
    if (c["kind"] != "imagenet") continue;
    const auto image = read_image(c["file"].get<std::string>());
    ASSERT_TRUE(image) << image.error().text();
    Tensor input(DType::Float32, {3, 224, 224});
    ASSERT_TRUE(preprocess_image(preprocess, *image, input.mutable_data<float>()));
    EXPECT_TRUE(input == load_tensor(c["expected"])) << c["file"];
    ++compared;
  }
  EXPECT_EQ(compared, 80);
}

}  // namespace
}  // namespace sluice::data
