// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/litert/litert.hpp"

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/litert.hpp"

#include "sluice/base/file.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

// Removed with all it holds at the end of the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / fmt::format("sluice_litert_{}", ::getpid())) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Tensor random_tensor(const ir::ValueType& type, const LitertCase& c, Rng& rng) {
  Tensor tensor(type.dtype, type.shape);
  if (type.dtype == DType::Float32) {
    for (float& x : tensor.mutable_data<float>()) x = static_cast<float>(rng.real(c.low, c.high));
  } else {
    EXPECT_EQ(type.dtype, DType::Int32) << c.name << ": inputs are float32 or int32";
    for (std::int32_t& x : tensor.mutable_data<std::int32_t>()) {
      x = static_cast<std::int32_t>(
          rng.integer(static_cast<std::int64_t>(c.low), static_cast<std::int64_t>(c.high)));
    }
  }
  return tensor;
}

// One case on its way through both.
struct Run {
  const LitertCase* source;
  std::vector<Tensor> inputs;
  Result<std::vector<Tensor>> ours;
};

Run run_ours(const LitertCase& c) {
  Run run{&c, {}, Error{ErrorCode::Internal, "not run"}};
  auto graph = typed_graph(c.model);
  if (!graph) {
    run.ours = std::move(graph).error();
    return run;
  }
  Rng rng(c.name.size() + c.model.size());
  for (const ir::GraphInput& input : graph->inputs) {
    run.inputs.push_back(random_tensor(graph->type(input.value), c, rng));
  }
  run.ours = run_reference(*std::move(graph), run.inputs);
  return run;
}

void write_case(const Folder& folder, const Run& run) {
  const std::string& name = run.source->name;
  ASSERT_TRUE(write_file(folder.file(name + ".tflite"), run.source->model));
  for (std::size_t i = 0; i < run.inputs.size(); ++i) {
    ASSERT_TRUE(
        numeric::write_npy(folder.file(fmt::format("{}.in{}.npy", name, i)), run.inputs[i]));
  }
}

void expect_near(const Tensor& ours, const Tensor& theirs, Tolerance tolerance) {
  ASSERT_EQ(ours.dtype(), theirs.dtype());
  ASSERT_EQ(ours.shape(), theirs.shape());
  if (ours.dtype() != DType::Float32) {
    EXPECT_TRUE(ours == theirs);
    return;
  }
  const auto a = ours.data<float>();
  const auto b = theirs.data<float>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double limit = tolerance.absolute + tolerance.relative * std::fabs(b[i]);
    const bool equal = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    ASSERT_TRUE(equal || std::fabs(static_cast<double>(a[i]) - b[i]) <= limit)
        << "element " << i << ": ours " << a[i] << ", LiteRT's " << b[i];
  }
}

void compare(const Folder& folder, const Run& run, Tolerance tolerance) {
  const std::string& name = run.source->name;
  SCOPED_TRACE(name);
  if (std::ifstream error(folder.file(name + ".error")); error) {
    FAIL() << "LiteRT: " << std::string(std::istreambuf_iterator<char>(error), {});
  }
  ASSERT_FALSE(run.ours->empty());
  for (std::size_t i = 0; i < run.ours->size(); ++i) {
    const auto theirs = numeric::read_npy(folder.file(fmt::format("{}.out{}.npy", name, i)));
    ASSERT_TRUE(theirs) << theirs.error().text();
    expect_near((*run.ours)[i], *theirs, tolerance);
  }
}

}  // namespace

std::vector<std::byte> file_bytes(const fs::path& path) {
  const auto file = MappedFile::open(path);
  if (!file) return {};
  return {file->bytes().begin(), file->bytes().end()};
}

Result<ir::Graph> typed_graph(std::span<const std::byte> model) {
  SL_TRY(ir::Graph graph, importer::read_tflite(model));
  SL_TRY(const auto shapes, ir::input_shapes(graph, 0));
  SL_TRY_STATUS(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  SL_TRY_STATUS(ir::verify(graph));
  return graph;
}

Result<std::vector<Tensor>> run_reference(ir::Graph graph, const std::vector<Tensor>& inputs) {
  SL_TRY(const auto executor, runtime::make_reference_executor(std::move(graph)));
  return executor->run(inputs);
}

void expect_equal_to_litert(const std::vector<LitertCase>& cases, Tolerance tolerance) {
  if (!has_litert()) {
    GTEST_SKIP() << "no build/venv/bin/python with ai-edge-litert: run scripts/test_venv.sh";
  }
  const Folder folder;
  std::vector<Run> runs;
  for (const LitertCase& c : cases) {
    runs.push_back(run_ours(c));
    EXPECT_TRUE(runs.back().ours) << c.name << ": " << runs.back().ours.error().text();
    if (!runs.back().ours) return;
    write_case(folder, runs.back());
  }
  const std::string command = fmt::format("{} tests/conformance/litert/litert_outputs.py {}",
                                          kPython, folder.path().string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const Run& run : runs) compare(folder, run, tolerance);
}

}  // namespace sluice::test
