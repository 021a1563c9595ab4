// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/subject.hpp"

#include <gtest/gtest.h>

#include "tests/api/golden_folders.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

using numeric::Arithmetic;

TEST(Subject, AModelIsNoFolderAndNoArchive) {
  const TempFolder temp;
  EXPECT_TRUE(is_model("net.tflite"));
  EXPECT_FALSE(is_model(temp.path()));
  EXPECT_FALSE(is_model("tensors.npz"));
}

TEST(Subject, TheModelIsRunOnTheDumpsInput) {
  const TempFolder temp;
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble, 9);
  DiffOptions options{.a = test::quantized_model_file(), .b = b};
  options.network.arithmetic = Arithmetic::TfliteDouble;
  const auto subject = open_model_and_dump(options, true);
  ASSERT_TRUE(subject) << subject.error().text();
  EXPECT_GT(subject->b.size(), 8U);
  EXPECT_TRUE(subject->a == subject->b);
  EXPECT_TRUE(subject->notes.empty());
}

TEST(Subject, TwoDumpsHaveWhatBothHaveAndRoundAsTheFirstSays) {
  const TempFolder temp;
  const auto a = write_golden(temp, "a", Arithmetic::TfliteSingle);
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble);
  const auto subject = open_two_dumps({.a = a, .b = b, .model = test::quantized_model_file()});
  ASSERT_TRUE(subject) << subject.error().text();
  EXPECT_EQ(subject->a.size(), subject->b.size());
  for (const ir::Node& node : subject->graph.nodes) {
    if (node.arithmetic && subject->graph[node.outputs[0]].quantization) {
      EXPECT_EQ(node.arithmetic, Arithmetic::TfliteSingle) << node.name;
    }
  }
}

TEST(Subject, ADumpOfSomethingElseOrAFloatNetworkIsRefused) {
  const TempFolder temp;
  ASSERT_TRUE(numeric::write_npy(temp.path() / "z.npy", Tensor(DType::Int8, {1})));
  const auto other =
      open_model_and_dump({.a = test::quantized_model_file(), .b = temp.path()}, false);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  const auto floats = open_model_and_dump({.a = builtin_digits()->model, .b = temp.path()}, false);
  ASSERT_FALSE(floats);
  EXPECT_NE(floats.error().message.find("not quantized"), std::string::npos);
}

TEST(Subject, AnInputThatIsNowhereIsAskedFor) {
  const TempFolder temp;
  const auto b = write_golden(temp, "b", Arithmetic::TfliteDouble);
  const auto manifest = exact::golden::read_manifest(b);
  ASSERT_TRUE(manifest);
  const auto& last = *manifest->layers.back().find("output");
  std::filesystem::create_directory(temp.path() / "d");
  std::filesystem::copy_file(b / last.files[0].name, temp.path() / "d" / (last.value + ".npy"));
  const auto subject =
      open_model_and_dump({.a = test::quantized_model_file(), .b = temp.path() / "d"}, true);
  ASSERT_FALSE(subject);
  EXPECT_NE(subject.error().message.find("--input"), std::string::npos) << subject.error().text();
}

}  // namespace
}  // namespace sluice::api
