// SPDX-License-Identifier: Apache-2.0
// Published integer networks, every tensor, against LiteRT's reference kernels and against XNNPACK.
// SLUICE_EXACT_IMAGES sets the number of inputs (20: some minutes).
#include "tests/support/litert.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/conformance/exact/compare.hpp"
#include "tests/support/data_folder.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/json.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/numeric/npz.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

struct Network {
  const char* file;
  int images;  // by default
};

class LitertExact : public testing::TestWithParam<Network> {
 protected:
  // Without an arithmetic: as the importer recorded it.
  static void expect_all_equal(const char* kernels, std::optional<numeric::Arithmetic> arithmetic) {
    const fs::path model = data_folder() / "models" / GetParam().file;
    if (!fs::exists(model)) GTEST_SKIP() << "no " << model << ": set SLUICE_DATA";
    if (!has_litert()) {
      GTEST_SKIP() << "no " << kPython << " with ai-edge-litert: run scripts/test_venv.sh";
    }
    const char* asked = std::getenv("SLUICE_EXACT_IMAGES");
    const int images = asked == nullptr ? GetParam().images : std::atoi(asked);
    const TempFolder folder;
    const std::string command =
        fmt::format("{} tests/conformance/exact/litert_dump.py {} {} {} {}", kPython,
                    model.string(), folder.path().string(), images, kernels);
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto names = read_json(folder.path() / "names.json");
    ASSERT_TRUE(names) << names.error().text();
    for (int i = 0; i < images; ++i) {
      const auto input = numeric::read_npy(folder.path() / fmt::format("{}.input.npy", i));
      const auto arrays = numeric::read_npz(folder.path() / fmt::format("{}.npz", i));
      ASSERT_TRUE(input && arrays);
      Dump dump;
      for (const auto& array : *arrays) {
        dump.emplace(names->at(std::stoul(array.name)).get<std::string>(), array.tensor);
      }
      SCOPED_TRACE(fmt::format("input {}", i));
      expect_equal_to_dump(model, *input, dump, arithmetic);
      if (HasFailure()) return;
    }
  }
};

TEST_P(LitertExact, EqualsTheReferenceKernels) {
  expect_all_equal("reference", std::nullopt);
}

TEST_P(LitertExact, EqualsXnnpack) {
  expect_all_equal("default", numeric::Arithmetic::Xnnpack);
}

constexpr int kSmall = 20;
constexpr int kLarge = 2;
INSTANTIATE_TEST_SUITE_P(
    Networks, LitertExact,
    testing::Values(Network{"tiny/person_detect_int8.tflite", kSmall},
                    Network{"tiny/kws_dscnn_int8.tflite", kSmall},
                    Network{"cifar10/mlperftiny_resnet8_int8.tflite", kSmall},
                    Network{"imagenet_tflite/mobilenet_v1_0.25_128_quant.tflite", kSmall},
                    Network{"imagenet_tflite/mobilenet_v2_1.0_224_quant.tflite", kLarge},
                    Network{"imagenet_tflite/torchvision_mobilenet_v2_int8.tflite", kLarge},
                    Network{"efficientnet_lite0/effnet_lite0_3class_int8.tflite", kLarge},
                    Network{"detection/yolov8n_full_integer_quant_224.tflite", kLarge}),
    [](const auto& network) {
      std::string name = fs::path(network.param.file).stem().string();
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace sluice::test
