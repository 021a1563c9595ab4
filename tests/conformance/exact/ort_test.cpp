// SPDX-License-Identifier: Apache-2.0
// Operators in ONNX's QOperator form, and whole networks in its QDQ form, against ONNX Runtime.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/data_folder.hpp"
#include "tests/support/litert.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScript = "tests/conformance/exact/ort_qlinear.py";

// What both executors of exact make of the model, rounding as ONNX Runtime does.
std::vector<Tensor> outputs_of(const fs::path& model, const std::vector<Tensor>& inputs) {
  auto graph = api::load_model(model);
  EXPECT_TRUE(graph) << graph.error().text();
  const auto prepared = api::prepare(*graph, quant::Compat::None);
  EXPECT_TRUE(prepared) << prepared.error().text();
  EXPECT_TRUE(ir::is_quantized(*graph)) << "not in integers";
  std::vector<Tensor> results;
  for (const auto make : {&exact::make_reference_executor, &exact::make_fast_executor}) {
    auto executor = make(*graph, {.arithmetic = numeric::Arithmetic::OnnxRuntime});
    EXPECT_TRUE(executor) << executor.error().text();
    auto outputs = (*executor)->run(inputs);
    EXPECT_TRUE(outputs) << outputs.error().text();
    results.push_back((*outputs)[0]);
  }
  return results;
}

Tensor read(const fs::path& file) {
  auto tensor = numeric::read_npy(file);
  EXPECT_TRUE(tensor) << tensor.error().text();
  return tensor ? *std::move(tensor) : Tensor();
}

// The largest between two elements.
double difference(const Tensor& ours, const Tensor& theirs) {
  EXPECT_EQ(ours.dtype(), theirs.dtype());
  EXPECT_EQ(ours.shape(), theirs.shape());
  const auto a = numeric::to_doubles(ours);
  const auto b = numeric::to_doubles(theirs);
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

class OnnxRuntimeExact : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_litert()) {
      GTEST_SKIP() << "no " << kPython << " with onnxruntime: run scripts/test_venv.sh";
    }
  }
  // Writes the models and what ONNX Runtime makes of them, and of `others`.
  void run_onnx_runtime(const std::string& others = "") const {
    const std::string command =
        fmt::format("{} {} {} {}", kPython, kScript, folder_.path().string(), others);
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  const TempFolder folder_;
};

TEST_F(OnnxRuntimeExact, EveryQlinearOperatorEqualsIts) {
  run_onnx_runtime();
  int models = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    if (entry.path().extension() != ".onnx") continue;
    SCOPED_TRACE(entry.path().stem().string());
    fs::path file = entry.path();
    std::vector<Tensor> inputs;
    while (fs::exists(file.replace_extension(fmt::format(".in{}.npy", inputs.size())))) {
      inputs.push_back(read(file));
      file.replace_extension().replace_extension();
    }
    file = entry.path();
    const Tensor expected = read(file.replace_extension(".out.npy"));
    for (const Tensor& output : outputs_of(entry.path(), inputs)) {
      EXPECT_EQ(difference(output, expected), 0);
    }
    ++models;
  }
  EXPECT_EQ(models, 32);
}

// A code that differed anywhere in the network would show in the output, which is real: the last
// layer's sums times a scale, in float32.
TEST_F(OnnxRuntimeExact, NetworksEqualItsFusedKernels) {
  const fs::path data = data_folder();
  const std::pair<fs::path, fs::path> networks[] = {
      {data / "models/onnx/mobilenetv2_int8_qdq.onnx",
       data / "golden/runtime/ort_mobilenetv2_int8_qdq/input.npy"},
      {data / "models/cifar10/resnet20_cifar10_int8_qdq.onnx",
       data / "golden/runtime/ort_resnet20_cifar10_int8_qdq/input.npy"},
  };
  std::string others;
  for (const auto& [model, image] : networks) {
    if (!fs::exists(model)) GTEST_SKIP() << "no " << model << ": set SLUICE_DATA";
    others += fmt::format("{} {} ", model.string(), image.string());
  }
  run_onnx_runtime(others);
  for (const auto& [model, image] : networks) {
    SCOPED_TRACE(model.stem().string());
    const Tensor expected = read(folder_.path() / (model.stem().string() + ".out.npy"));
    for (const Tensor& output : outputs_of(model, {read(image)})) {
      EXPECT_LE(difference(output, expected), 2e-6);
    }
  }
}

}  // namespace
}  // namespace sluice::test
