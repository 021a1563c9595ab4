// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/exact/op_case.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/litert.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/model.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNumCodes = 256;

std::int64_t count_of(const Ints& shape) {
  std::int64_t count = 1;
  for (const std::int32_t size : shape) count *= size;
  return count;
}

// Codes in random order, all of them as often as there is room.
template <class Code>
void fill_with_codes(Tensor& tensor, Rng& rng) {
  const auto data = tensor.mutable_data<Code>();
  const auto rounds = static_cast<std::int64_t>(data.size()) / kNumCodes;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    data[i] =
        static_cast<Code>(at < rounds * kNumCodes ? at % kNumCodes : rng.integer(0, kNumCodes - 1));
  }
  rng.shuffle(data);
}

// Multiples of 1/256, so that quotients by scales that are powers of two end in halves. The last
// few numbers have no code: LiteRT's reference kernels convert them to int32 all the same, which
// C++ does not define.
void fill_with_reals(Tensor& tensor, Rng& rng, bool without_codes) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr std::array kSpecial{-0.0F, 1e6F, -1e6F, kInfinity, -kInfinity, NAN, 1e30F, -1e30F};
  const auto data = tensor.mutable_data<float>();
  for (float& x : data) x = static_cast<float>(rng.integer(-40'000, 40'000)) / 256;
  std::copy_n(kSpecial.begin(), without_codes ? kSpecial.size() : 3, data.begin());
}

Tensor random_input(const ir::ValueType& type, Rng& rng, With with) {
  Tensor tensor(type.dtype, type.shape);
  if (type.dtype == DType::Float32) {
    fill_with_reals(tensor, rng, with == With::Default);
  } else if (type.dtype == DType::Int8) {
    fill_with_codes<std::int8_t>(tensor, rng);
  } else {
    EXPECT_EQ(type.dtype, DType::UInt8);
    fill_with_codes<std::uint8_t>(tensor, rng);
  }
  return tensor;
}

// One case on its way: its files, its graph and the inputs of both.
struct Run {
  const OpCase* source;
  ir::Graph graph;
  std::vector<Tensor> inputs;
};

Result<Run> prepared(const OpCase& source, const TempFolder& folder) {
  const fs::path path = folder.write(source.name + ".tflite", source.model);
  SL_TRY(ir::Graph graph, api::load_model(path));
  Rng rng(source.model.size());
  std::vector<Tensor> inputs;
  for (const ir::GraphInput& input : graph.inputs) {
    inputs.push_back(random_input(graph.type(input.value), rng, source.with));
    const std::string name = fmt::format("{}.in{}.npy", source.name, inputs.size() - 1);
    SL_TRY_STATUS(numeric::write_npy(folder.path() / name, inputs.back()));
  }
  return Run{&source, std::move(graph), std::move(inputs)};
}

void expect_equal(const Tensor& ours, const Tensor& theirs, const std::string& name) {
  ASSERT_EQ(ours.shape(), theirs.shape()) << name;
  ASSERT_EQ(ours.dtype(), theirs.dtype()) << name;
  const auto a = numeric::to_doubles(ours);
  const auto b = numeric::to_doubles(theirs);
  const auto [of_a, of_b] = std::ranges::mismatch(a, b);
  if (of_a == a.end()) return;
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0U : 1U;
  ADD_FAILURE() << fmt::format("{}: {} of {} elements differ; the first, {}: {} instead of {}",
                               name, count, a.size(), of_a - a.begin(), *of_a, *of_b);
}

void compare(const TempFolder& folder, const Run& run, const char* kernels,
             std::optional<numeric::Arithmetic> arithmetic) {
  const std::string stem = fmt::format("{}.{}", run.source->name, kernels);
  if (std::ifstream error(folder.path() / (stem + ".error")); error) {
    ADD_FAILURE() << stem << ": " << std::string(std::istreambuf_iterator<char>(error), {});
    return;
  }
  const auto executor = exact::make_reference_executor(run.graph, {arithmetic});
  ASSERT_TRUE(executor) << stem << ": " << executor.error().text();
  const auto ours = (*executor)->run(run.inputs);
  ASSERT_TRUE(ours) << stem << ": " << ours.error().text();
  for (std::size_t i = 0; i < ours->size(); ++i) {
    const auto theirs = numeric::read_npy(folder.path() / fmt::format("{}.out{}.npy", stem, i));
    ASSERT_TRUE(theirs) << theirs.error().text();
    expect_equal((*ours)[i], *theirs, fmt::format("{} output {}", stem, i));
  }
}

}  // namespace

Grid OpModel::grid(double scale) {
  const std::array<std::int64_t, 4> zero_points{lowest(), highest(),
                                                rng_.integer(lowest(), highest()),
                                                rng_.integer(lowest() + 96, highest() - 96)};
  const std::uint64_t pick = rng_.below(8);
  return {static_cast<float>(scale), zero_points.at(pick < 2 ? pick : 2 + pick % 2)};
}

Grid OpModel::grid() {
  return grid(std::pow(10, rng_.real(-3, 0)));
}

std::int32_t OpModel::x(const Ints& shape, Grid grid) {
  return quantized_input(next_name("x"), shape, type_, grid.scale, grid.zero_point);
}

std::int32_t OpModel::y(const Ints& shape, Grid grid) {
  return quantized_output(next_name("y"), shape, type_, grid.scale, grid.zero_point);
}

template <class Code>
std::vector<Code> OpModel::random_codes(const Ints& shape, std::int64_t lowest) {
  std::vector<Code> codes(static_cast<std::size_t>(count_of(shape)));
  for (Code& code : codes) code = static_cast<Code>(rng_.integer(lowest, highest()));
  return codes;
}

std::int32_t OpModel::codes(const Ints& shape, Grid grid) {
  const std::string name = next_name("c");
  return is_signed() ? quantized_constant(name, shape, random_codes<std::int8_t>(shape, lowest()),
                                          grid.scale, grid.zero_point)
                     : quantized_constant(name, shape, random_codes<std::uint8_t>(shape, lowest()),
                                          grid.scale, grid.zero_point);
}

std::int32_t OpModel::weights(const Ints& shape, const std::vector<float>& scales,
                              std::int32_t dimension) {
  if (!is_signed()) return codes(shape, grid(static_cast<double>(scales[0])));
  return quantized_constant(next_name("w"), shape, random_codes<std::int8_t>(shape, lowest() + 1),
                            scales, dimension);
}

std::int32_t OpModel::bias(std::int32_t count, float input_scale,
                           const std::vector<float>& weight_scales, std::int64_t most) {
  Ints numbers(static_cast<std::size_t>(count));
  for (std::int32_t& number : numbers)
    number = static_cast<std::int32_t>(rng_.integer(-most, most));
  std::vector<float> scales;
  scales.reserve(weight_scales.size());
  for (const float scale : weight_scales) scales.push_back(input_scale * scale);
  return quantized_constant(next_name("b"), {count}, numbers, scales, 0);
}

const char* name_of(Type type) {
  return type == Type::INT8 ? "int8" : "uint8";
}

void expect_equal_to_litert(const std::vector<OpCase>& cases) {
  if (!has_litert()) {
    GTEST_SKIP() << "no " << kPython << " with ai-edge-litert: run scripts/test_venv.sh";
  }
  const TempFolder folder;
  std::vector<Run> runs;
  runs.reserve(cases.size());
  for (const OpCase& source : cases) {
    auto run = prepared(source, folder);
    ASSERT_TRUE(run) << source.name << ": " << run.error().text();
    runs.push_back(*std::move(run));
  }
  const std::string command =
      fmt::format("{} tests/conformance/exact/litert_ops.py {}", kPython, folder.path().string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const Run& run : runs) {
    if (run.source->with != With::Default) compare(folder, run, "reference", std::nullopt);
    if (run.source->with != With::Reference) {
      compare(folder, run, "default", numeric::Arithmetic::Xnnpack);
    }
  }
}

}  // namespace sluice::test
